// The trading calendar: which days the Tokyo Stock Exchange held a session, and arithmetic in sessions.

import { ConfigError, ShapeError } from "../errors.ts";
import { isoDate } from "./days.ts";

/** J-Quants `HolDiv`: 0 closed, 1 session, 2 half-day session, 3 closed for equities while derivatives trade. */
export type HolidayDivision = 0 | 1 | 2 | 3;

export interface CalendarDays {
  /** Epoch day of `divisions[0]`. */
  readonly firstDay: number;
  /** One division a calendar day, none left out. */
  readonly divisions: ArrayLike<HolidayDivision>;
  /** Sessions on which nothing traded. */
  readonly haltedDays?: Iterable<number>;
  /** Where the days come from; it stands in messages and manifests. */
  readonly source: string;
}

/** Days are epoch days. A day outside `firstDay` to `lastDay` is a ConfigError: the calendar never guesses. */
export class Calendar {
  readonly firstDay: number;
  readonly lastDay: number;
  readonly source: string;
  readonly #divisions: readonly HolidayDivision[];
  readonly #halted: ReadonlySet<number>;
  readonly #sessions: Int32Array;
  /** For each calendar day, how many sessions lie before it. */
  readonly #sessionsBefore: Int32Array;

  constructor({ firstDay, divisions, haltedDays = [], source }: CalendarDays) {
    if (divisions.length === 0) {
      throw new ShapeError(`calendar ${source}: expected at least one day, found none`);
    }
    this.firstDay = firstDay;
    this.lastDay = firstDay + divisions.length - 1;
    this.source = source;
    this.#divisions = Array.from(divisions);
    this.#halted = new Set(haltedDays);
    this.#sessionsBefore = new Int32Array(divisions.length);
    const sessions: number[] = [];
    for (let i = 0; i < divisions.length; i += 1) {
      this.#sessionsBefore[i] = sessions.length;
      if (isSessionDivision(divisions[i])) sessions.push(firstDay + i);
    }
    this.#sessions = Int32Array.from(sessions);
  }

  /** All sessions, oldest first (a copy). */
  get sessions(): Int32Array {
    return this.#sessions.slice();
  }

  /** True when `day` lies within the calendar. */
  covers(day: number): boolean {
    return Number.isInteger(day) && day >= this.firstDay && day <= this.lastDay;
  }

  holidayDivision(day: number): HolidayDivision {
    return this.#divisions[this.#offset(day)];
  }

  /** True when the equity market held a session, half days and the halted 2020-10-01 included. */
  isSession(day: number): boolean {
    return isSessionDivision(this.holidayDivision(day));
  }

  isHalfDay(day: number): boolean {
    return this.holidayDivision(day) === 2;
  }

  /** True for a session on which no order was matched: 2020-10-01, when the exchange's system was down. */
  isHalted(day: number): boolean {
    return this.isSession(day) && this.#halted.has(day);
  }

  /** Position of `day` among all sessions, -1 when it is not a session. */
  sessionIndex(day: number): number {
    const offset = this.#offset(day);
    return isSessionDivision(this.#divisions[offset]) ? this.#sessionsBefore[offset] : -1;
  }

  /** The first session after `day`. */
  next(day: number): number {
    return this.add(day, 1);
  }

  /** The last session before `day`. */
  previous(day: number): number {
    return this.add(day, -1);
  }

  /** `day` when it is a session, else the first one after it. */
  onOrAfter(day: number): number {
    return this.add(day, 0);
  }

  /** `day` when it is a session, else the last one before it. */
  onOrBefore(day: number): number {
    return this.isSession(day) ? day : this.previous(day);
  }

  /**
   * The session `count` sessions after `day`, or before it where `count` is negative. From a day without a session,
   * 1 is the next session, -1 the previous one, and 0 the next one.
   */
  add(day: number, count: number): number {
    const offset = this.#offset(day);
    const isSession = isSessionDivision(this.#divisions[offset]);
    const index = this.#sessionsBefore[offset] + count - (!isSession && count > 0 ? 1 : 0);
    if (!Number.isInteger(index) || index < 0 || index >= this.#sessions.length) {
      throw new ConfigError(
        `calendar ${this.source}: no session ${count} sessions from ${isoDate(day)}; it covers ${this.#span()}. ` +
          "Choose dates within it, or fetch a newer /markets/calendar",
      );
    }
    return this.#sessions[index];
  }

  /** Sessions from `from` to `to`, both included; empty when `to` is before `from`. */
  sessionsBetween(from: number, to: number): Int32Array {
    const start = this.#sessionsBefore[this.#offset(from)];
    return this.#sessions.slice(start, Math.max(start, this.#sessionsThrough(to)));
  }

  /** How many sessions lie from `from` to `to`, both included. */
  countSessions(from: number, to: number): number {
    return Math.max(0, this.#sessionsThrough(to) - this.#sessionsBefore[this.#offset(from)]);
  }

  #sessionsThrough(day: number): number {
    const offset = this.#offset(day);
    return this.#sessionsBefore[offset] + (isSessionDivision(this.#divisions[offset]) ? 1 : 0);
  }

  #offset(day: number): number {
    if (this.covers(day)) return day - this.firstDay;
    const found = Number.isInteger(day) ? isoDate(day) : String(day);
    throw new ConfigError(
      `calendar ${this.source}: expected a day from ${this.#span()}, found ${found}. ` +
        "Choose dates within it, or fetch a newer /markets/calendar",
    );
  }

  #span(): string {
    return `${isoDate(this.firstDay)} to ${isoDate(this.lastDay)}`;
  }
}

function isSessionDivision(division: HolidayDivision): boolean {
  return division === 1 || division === 2;
}
