// Bulk files as gzip CSV, made from the rows that the API serves; the list announces the sizes that the files then have.

import { gzipSync } from "node:zlib";
import { epochDay, jstDay, jstInstantMs } from "../../calendar/index.ts";
import type { Endpoint, Plan } from "../../jquants/index.ts";
import type { PublishedRow } from "../market/types.ts";
import { bulkPeriods, foldDay, overlaps, type BulkPeriod } from "./bulk-periods.ts";
import { csvWriter } from "./csv-rows.ts";
import type { DaySpan } from "./parameters.ts";
import type { RowStore, Subscription } from "./served-market.ts";
import { gzipToSize } from "./sized-gzip.ts";

export interface BulkFile {
  readonly key: string;
  readonly lastModified: string;
  readonly size: number;
}

interface Announced {
  readonly size: number;
  readonly rows: number;
  readonly lastModifiedMs: number;
  /** The file, where announcing it took making it. */
  readonly bytes: Buffer | undefined;
}

/** After so many days a month's rows have all been served. */
const settledDays = 45;

const keptBytes = 256 * 1024 * 1024;

/** Data sets with about as many rows each session: two sessions tell how large a month is. */
const denseEndpoints: ReadonlySet<string> = new Set([
  "/equities/master",
  "/equities/bars/daily",
  "/equities/bars/minute",
  "/equities/trades",
  "/equities/valuation",
  "/markets/breakdown",
]);

/** Room above the samples; the file is compressed harder than they are. */
const sizeMargin = 1.04;

/** Lists and makes files. Announcements are kept, files up to a bound; everything can be made again from the rows. */
export class BulkFiles {
  readonly #store: RowStore;
  readonly #announced = new Map<string, Announced>();
  #bytes = 0;

  constructor(store: RowStore) {
    this.#store = store;
  }

  /** Files of `endpoint` within the subscription's window that overlap `span`, by key ascending. */
  list(endpoint: Endpoint, span: DaySpan | undefined, subscription: Subscription): BulkFile[] {
    if (!this.#store.has(endpoint.path)) return [];
    return bulkPeriods(this.#store, endpoint.path, subscription)
      .filter((period) => span === undefined || overlaps(period.span, span))
      .map((period) => ({ period, announced: this.#announce(endpoint, period, subscription) }))
      .filter(({ period, announced }) => isServed(endpoint, period, announced))
      .map(({ period: { key }, announced: { lastModifiedMs, size } }) => ({
        key,
        lastModified: isoInstant(lastModifiedMs),
        size,
      }))
      .sort((left, right) => (left.key < right.key ? -1 : 1));
  }

  /** Bytes of the file `key` of `endpoint`; undefined when there is none in the window. */
  read(endpoint: Endpoint, key: string, subscription: Subscription): Buffer | undefined {
    if (!this.#store.has(endpoint.path)) return undefined;
    const periods = bulkPeriods(this.#store, endpoint.path, subscription);
    const period = periods.find((each) => each.key === key);
    if (period === undefined) return undefined;
    const announced = this.#announce(endpoint, period, subscription);
    if (!isServed(endpoint, period, announced)) return undefined;
    return announced.bytes ?? this.#make(endpoint, period, subscription, announced.size);
  }

  #announce(endpoint: Endpoint, period: BulkPeriod, subscription: Subscription): Announced {
    const isSettled = period.span.toDay < jstDay(subscription.nowMs) - settledDays;
    const width: Plan = subscription.plan === "premium" ? "premium" : "standard";
    const version = isSettled ? "settled" : subscription.nowMs;
    const cacheKey = `${period.key}/${width}/${this.#store.revision}/${version}`;
    const kept = this.#announced.get(cacheKey);
    if (kept !== undefined) return kept;
    const maySample =
      isSettled &&
      denseEndpoints.has(endpoint.path) &&
      !this.#store.isCorrected(endpoint.path, period.span);
    const announced = maySample
      ? this.#sample(endpoint, period, subscription)
      : this.#measure(endpoint, period, subscription);
    this.#keep(cacheKey, announced);
    return announced;
  }

  /** Makes the file to see how large it is. */
  #measure(endpoint: Endpoint, period: BulkPeriod, subscription: Subscription): Announced {
    const rows = this.#rows(endpoint, period.span, period, subscription);
    const bytes = gzipSync(csvOf(endpoint, rows, subscription), { level: 1 });
    const lastModifiedMs = lastModified(period, rows);
    return { size: bytes.length, rows: rows.length, lastModifiedMs, bytes };
  }

  /** Two of a month's sessions, compressed lightly, bound what the whole takes compressed well. */
  #sample(endpoint: Endpoint, period: BulkPeriod, subscription: Subscription): Announced {
    const { fromDay, toDay } = period.span;
    const first = Math.max(fromDay, this.#store.calendar.firstDay);
    const sessions = this.#store.calendar.sessionsBetween(first, toDay);
    const chosen = [sessions[sessions.length >> 1], sessions[sessions.length - 1]];
    let size = 0;
    let rows = 0;
    let lastModifiedMs = Number.NEGATIVE_INFINITY;
    for (const day of chosen) {
      const ofDay = this.#rows(endpoint, { fromDay: day, toDay: day }, period, subscription);
      const zipped = gzipSync(csvOf(endpoint, ofDay, subscription), { level: 1 });
      size = Math.max(size, zipped.length);
      rows += ofDay.length;
      lastModifiedMs = Math.max(lastModifiedMs, lastModified(period, ofDay));
    }
    const bound = Math.ceil(size * sessions.length * sizeMargin) + 64;
    return { size: bound, rows, lastModifiedMs, bytes: undefined };
  }

  /** Session by session, so that only one session's rows are in memory. */
  #make(endpoint: Endpoint, period: BulkPeriod, subscription: Subscription, size: number): Buffer {
    const parts: Buffer[] = [];
    const first = Math.max(period.span.fromDay, this.#store.calendar.firstDay);
    for (const day of this.#store.calendar.sessionsBetween(first, period.span.toDay)) {
      const rows = this.#rows(endpoint, { fromDay: day, toDay: day }, period, subscription);
      const text = csvOf(endpoint, rows, subscription);
      parts.push(parts.length === 0 ? text : text.subarray(text.indexOf("\n") + 1));
    }
    return gzipToSize(Buffer.concat(parts), size, 6);
  }

  /** The file at the window's edge holds its whole month. */
  #rows(
    endpoint: Endpoint,
    span: DaySpan,
    period: BulkPeriod,
    subscription: Subscription,
  ): readonly PublishedRow[] {
    const window = { ...subscription.window, fromDay: period.span.fromDay };
    return this.#store.served(endpoint.path, span, { ...subscription, window });
  }

  #keep(cacheKey: string, announced: Announced): void {
    this.#announced.set(cacheKey, announced);
    this.#bytes += announced.bytes?.length ?? 0;
    for (const [key, old] of this.#announced) {
      if (this.#bytes <= keptBytes) return;
      if (old.bytes === undefined) continue;
      this.#announced.delete(key);
      this.#bytes -= old.bytes.length;
    }
  }
}

/** A finished month of a data set has a file even where a small market has no row for it; a day without rows has none. */
function isServed({ historyStart }: Endpoint, period: BulkPeriod, { rows }: Announced): boolean {
  if (rows > 0) return true;
  const begun = historyStart === null || period.span.toDay >= epochDay(historyStart);
  return begun && !period.isLive;
}

function csvOf(endpoint: Endpoint, rows: readonly PublishedRow[], { plan }: Subscription): Buffer {
  const writer = csvWriter(endpoint, plan);
  const lines = [writer.header];
  for (const { row } of rows) lines.push(writer.line(row));
  return Buffer.from(`${lines.join("\n")}\n`);
}

/** When the last row was served, and for a finished month at the earliest when it was folded. */
function lastModified({ span, isLive }: BulkPeriod, rows: readonly PublishedRow[]): number {
  let latest = isLive ? Number.NEGATIVE_INFINITY : jstInstantMs(span.toDay + foldDay + 1, "10:58");
  for (const { availableAtMs } of rows) latest = Math.max(latest, availableAtMs);
  return latest;
}

/** `2026-01-19T01:58:00Z` */
function isoInstant(instantMs: number): string {
  return Temporal.Instant.fromEpochMilliseconds(instantMs).toString({ smallestUnit: "second" });
}
