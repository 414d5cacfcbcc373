// The sessions of a simulated span: indexes, ISO dates and instants over the JPX calendar.

import {
  type Calendar,
  epochDay,
  isoDate,
  jpxCalendar,
  jstInstantMs,
  systemHaltDay,
} from "../../calendar/index.ts";
import { ConfigError } from "../../errors.ts";

/** Sessions from `from` to `to`, indexed 0 to `count - 1`. */
export class Sessions {
  readonly calendar: Calendar;
  readonly firstDay: number;
  readonly lastDay: number;
  /** Epoch days of the sessions. */
  readonly days: Int32Array;
  /** Session index of 2020-10-01, on which nothing traded; -1 when outside the span. */
  readonly haltIndex: number;
  readonly #iso: readonly string[];
  readonly #indexOfDay: ReadonlyMap<number, number>;

  constructor(from: string, to: string) {
    this.calendar = jpxCalendar();
    this.firstDay = epochDay(from);
    this.lastDay = epochDay(to);
    if (!this.calendar.covers(this.firstDay) || !this.calendar.covers(this.lastDay)) {
      throw new ConfigError(
        `market: expected from and to within 2008 to 2027, found ${from} to ${to}`,
      );
    }
    this.days = this.calendar.sessionsBetween(this.firstDay, this.lastDay);
    if (this.days.length < 2) {
      throw new ConfigError(
        `market: expected at least two sessions, found none or one in ${from} to ${to}`,
      );
    }
    this.#iso = Array.from(this.days, isoDate);
    this.#indexOfDay = new Map(Array.from(this.days, (day, index) => [day, index]));
    this.haltIndex = this.indexOf(systemHaltDay);
  }

  get count(): number {
    return this.days.length;
  }

  /** `YYYY-MM-DD` of a session index. */
  iso(index: number): string {
    return this.#iso[index];
  }

  /** Session index of a day, -1 when it is not a session of the span. */
  indexOf(day: number): number {
    return this.#indexOfDay.get(day) ?? -1;
  }

  /** First session index whose day is at least `day`; `count` when there is none. */
  from(day: number): number {
    let low = 0;
    let high = this.days.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.days[middle] < day) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Session indexes of the days `fromDay` to `toDay`. */
  within(fromDay: number, toDay: number): { readonly first: number; readonly last: number } {
    return { first: this.from(fromDay), last: this.from(toDay + 1) - 1 };
  }

  /** Epoch milliseconds of a JST time of day on a session. */
  at(index: number, time: string): number {
    return jstInstantMs(this.days[index], time);
  }
}
