// Bulk files: one a past month, one a day of the current month, as gzip CSV made from the rows that the API serves.

import { gzipSync } from "node:zlib";
import { civilOfDay, dayOfCivil, isoDate, jstDay, jstInstantMs } from "../../calendar/index.ts";
import { tableName, type Endpoint, type Plan } from "../../jquants/index.ts";
import { csvWriter } from "./csv-rows.ts";
import type { DaySpan } from "./parameters.ts";
import type { RowStore, Subscription } from "./served-market.ts";

export interface BulkFile {
  readonly key: string;
  /** The days whose rows it holds. */
  readonly span: DaySpan;
  readonly lastModified: string;
  readonly size: number;
}

interface Period {
  readonly key: string;
  readonly span: DaySpan;
  readonly isLive: boolean;
}

interface Made {
  readonly bytes: Buffer;
  readonly rows: number;
  readonly lastModifiedMs: number;
}

/** Until this day of a month the month before is still served by the day. */
const foldDay = 3;

/** After so many days a month's rows have all been served. */
const settledDays = 45;

const keptBytes = 256 * 1024 * 1024;

const calendarKey = "markets/calendar/markets_calendar.csv.gz";

/** Lists and makes files. Finished months are kept up to a bound; everything can be made again from the rows. */
export class BulkFiles {
  readonly #store: RowStore;
  readonly #revision: () => number;
  readonly #made = new Map<string, Made>();
  #madeBytes = 0;

  /** `revision` changes whenever rows do. */
  constructor(store: RowStore, revision: () => number) {
    this.#store = store;
    this.#revision = revision;
  }

  /** Files of `endpoint` within the subscription's window that overlap `span`, by key ascending. */
  list(endpoint: Endpoint, span: DaySpan | undefined, subscription: Subscription): BulkFile[] {
    if (!this.#store.has(endpoint.path)) return [];
    return this.#periods(endpoint, subscription)
      .filter((period) => span === undefined || overlaps(period.span, span))
      .map((period) => ({ period, made: this.#make(endpoint, period, subscription) }))
      .filter(({ made }) => made.rows > 0)
      .map(({ period, made }) => ({
        key: period.key,
        span: period.span,
        lastModified: isoInstant(made.lastModifiedMs),
        size: made.bytes.length,
      }))
      .sort((left, right) => (left.key < right.key ? -1 : 1));
  }

  /** Bytes of the file `key` of `endpoint`; undefined when there is none in the window. */
  read(endpoint: Endpoint, key: string, subscription: Subscription): Buffer | undefined {
    if (!this.#store.has(endpoint.path)) return undefined;
    const period = this.#periods(endpoint, subscription).find((each) => each.key === key);
    const made = period === undefined ? undefined : this.#make(endpoint, period, subscription);
    return made === undefined || made.rows === 0 ? undefined : made.bytes;
  }

  #periods(endpoint: Endpoint, { window, nowMs }: Subscription): Period[] {
    const today = jstDay(nowMs);
    const from = Math.max(window.fromDay, this.#firstDay());
    if (endpoint.path === "/markets/calendar") {
      const toDay = this.#store.calendar.lastDay;
      return [{ key: calendarKey, span: { fromDay: from, toDay }, isLive: true }];
    }
    const { year, month, dayOfMonth } = civilOfDay(today);
    const live = dayOfMonth <= foldDay ? monthOf(year, month - 1) : monthOf(year, month);
    const periods: Period[] = [];
    let current = monthOf(civilOfDay(from).year, civilOfDay(from).month);
    for (; current.fromDay < live.fromDay; current = monthAfter(current)) {
      periods.push({ key: monthKey(endpoint.path, current.fromDay), span: current, isLive: false });
    }
    for (let day = Math.max(live.fromDay, from); day <= today; day += 1) {
      const span = { fromDay: day, toDay: day };
      periods.push({ key: dayKey(endpoint.path, day), span, isLive: true });
    }
    return periods;
  }

  #firstDay(): number {
    const { from } = this.#store.market.config;
    return Temporal.PlainDate.from("1970-01-01").until(from).days;
  }

  #make(endpoint: Endpoint, period: Period, subscription: Subscription): Made {
    const today = jstDay(subscription.nowMs);
    const isSettled = period.span.toDay < today - settledDays;
    const width: Plan = subscription.plan === "premium" ? "premium" : "standard";
    const version = `${width}/${this.#revision()}/${isSettled ? "settled" : subscription.nowMs}`;
    const cacheKey = `${period.key}/${version}`;
    const kept = this.#made.get(cacheKey);
    if (kept !== undefined) return kept;
    const made = makeFile(this.#store, endpoint, period, subscription);
    this.#keep(cacheKey, made);
    return made;
  }

  #keep(cacheKey: string, made: Made): void {
    this.#made.set(cacheKey, made);
    this.#madeBytes += made.bytes.length;
    for (const [oldKey, old] of this.#made) {
      if (this.#madeBytes <= keptBytes) return;
      this.#made.delete(oldKey);
      this.#madeBytes -= old.bytes.length;
    }
  }
}

/** The file at the window's edge holds its whole month. */
function makeFile(
  store: RowStore,
  endpoint: Endpoint,
  { span, isLive }: Period,
  subscription: Subscription,
): Made {
  const isCalendar = endpoint.path === "/markets/calendar";
  const window = isCalendar
    ? subscription.window
    : { fromDay: span.fromDay, toDay: subscription.window.toDay };
  const rows = store.served(endpoint.path, span, { ...subscription, window });
  const writer = csvWriter(endpoint, subscription.plan);
  const lines = [writer.header];
  let lastServedMs = Number.NEGATIVE_INFINITY;
  for (const { row, availableAtMs } of rows) {
    lines.push(writer.line(row));
    lastServedMs = Math.max(lastServedMs, availableAtMs);
  }
  const foldedMs = jstInstantMs(span.toDay + foldDay + 1, "10:58");
  return {
    bytes: gzipSync(`${lines.join("\n")}\n`, { level: 1 }),
    rows: rows.length,
    lastModifiedMs: isLive ? lastServedMs : Math.max(foldedMs, lastServedMs),
  };
}

/** `equities/bars/daily/historical/2025/equities_bars_daily_202501.csv.gz` */
function monthKey(path: string, firstDay: number): string {
  const [year, month] = isoDate(firstDay).split("-");
  return `${path.slice(1)}/historical/${year}/${fileStem(path)}_${year}${month}.csv.gz`;
}

/** `equities/bars/daily/live/equities_bars_daily_20260817.csv.gz` */
function dayKey(path: string, day: number): string {
  return `${path.slice(1)}/live/${fileStem(path)}_${isoDate(day).replaceAll("-", "")}.csv.gz`;
}

/** Unlike a table's name, a file's keeps its hyphens. */
function fileStem(path: string): string {
  return path.includes("-") ? path.slice(1).replaceAll("/", "_") : tableName(path);
}

function monthOf(year: number, month: number): DaySpan {
  const fromDay = month < 1 ? dayOfCivil(year - 1, month + 12, 1) : dayOfCivil(year, month, 1);
  const next = civilOfDay(fromDay + 31);
  return { fromDay, toDay: dayOfCivil(next.year, next.month, 1) - 1 };
}

function monthAfter({ toDay }: DaySpan): DaySpan {
  const { year, month } = civilOfDay(toDay + 1);
  return monthOf(year, month);
}

function overlaps(left: DaySpan, right: DaySpan): boolean {
  return left.fromDay <= right.toDay && right.fromDay <= left.toDay;
}

/** `2026-01-19T01:58:00Z` */
function isoInstant(instantMs: number): string {
  return Temporal.Instant.fromEpochMilliseconds(instantMs).toString({ smallestUnit: "second" });
}
