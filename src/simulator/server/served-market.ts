// The market as the server sees it: rows by endpoint that a subscriber may read at an instant.

import { jstDay, jstInstantMs, type Calendar } from "../../calendar/index.ts";
import {
  endpointOf,
  servedAtMs,
  type Endpoint,
  type Plan,
  type PlanWindow,
} from "../../jquants/index.ts";
import type { Market, MarketRow, PublishedRow, RowRange } from "../market/types.ts";

/** What the server needs of a market. */
export interface ServedMarket extends Pick<Market, "config" | "paths" | "rows"> {
  readonly sessions: { readonly calendar: Calendar };
}

/** Rows that arrive later than they should, and rows that were put right after they had been served. */
export interface RowFaults {
  /** Changes whenever rows do. */
  readonly revision: number;
  /** Milliseconds by which the rows of a path come late. */
  delayMs(path: string): number;
  hasCorrections(path: string): boolean;
  /** When the last correction of a path was made; minus infinity when there is none. */
  correctedAtMs(path: string): number;
  /** The row itself when nothing was put right. */
  correct(path: string, row: MarketRow): MarketRow;
}

export interface Subscription {
  readonly plan: Plan;
  readonly window: PlanWindow;
  readonly nowMs: number;
}

/** Pages of one query are cut from the same rows: the last few selections are kept. */
const keptSelections = 3;

/** The rows of one market under the faults of the moment. */
export class RowStore {
  readonly market: ServedMarket;
  readonly #faults: RowFaults;
  readonly #kept = new Map<string, readonly PublishedRow[]>();

  constructor(market: ServedMarket, faults: RowFaults) {
    this.market = market;
    this.#faults = faults;
  }

  get calendar(): Calendar {
    return this.market.sessions.calendar;
  }

  /** Changes whenever rows do. */
  get revision(): number {
    return this.#faults.revision;
  }

  /** True when rows of `path` within `range` were put right after they had been served. */
  isCorrected(path: string, range: RowRange): boolean {
    if (!this.#faults.hasCorrections(path)) return false;
    const rows = this.market.rows(path, range);
    return rows.some(({ row }) => this.#faults.correct(path, row) !== row);
  }

  has(path: string): boolean {
    return this.market.paths.includes(path);
  }

  /** Rows within `range`, clamped to the subscription's window, that were served by now. */
  served(path: string, range: RowRange, subscription: Subscription): readonly PublishedRow[] {
    if (!this.has(path)) return [];
    const key = JSON.stringify([path, range, subscription, this.#faults.revision]);
    const rows = this.#kept.get(key) ?? this.#select(path, range, subscription);
    this.#kept.delete(key);
    this.#kept.set(key, rows);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= keptSelections) break;
      this.#kept.delete(oldest);
    }
    return rows;
  }

  #select(path: string, range: RowRange, subscription: Subscription): readonly PublishedRow[] {
    const { window, nowMs, plan } = subscription;
    const fromDay = Math.max(range.fromDay, window.fromDay);
    const toDay = Math.min(
      range.toDay,
      window.toDay ?? Number.POSITIVE_INFINITY,
      this.calendar.lastDay,
    );
    if (fromDay > toDay) return [];
    const endpoint = endpointOf(path);
    const rows = this.market.rows(path, {
      ...range,
      fromDay,
      toDay,
      asOfDay: lastServedDay(nowMs),
    });
    const limitMs = nowMs - this.#faults.delayMs(path);
    const served = isDelayed(endpoint, plan)
      ? rows.filter(({ row }) => servedAtMs(endpoint, row, this.calendar, plan) <= limitMs)
      : rows.filter(({ availableAtMs }) => availableAtMs <= limitMs);
    if (!this.#faults.hasCorrections(path)) return served;
    return served.map((published) => this.#correct(path, published));
  }

  /** A corrected row counts as published when it was corrected. */
  #correct(path: string, published: PublishedRow): PublishedRow {
    const row = this.#faults.correct(path, published.row);
    if (row === published.row) return published;
    return { availableAtMs: this.#faults.correctedAtMs(path), row };
  }
}

/** Bars come at 16:30: until then the day's own splits are not in the adjusted columns. */
function lastServedDay(nowMs: number): number {
  const today = jstDay(nowMs);
  return nowMs >= jstInstantMs(today, "16:30") ? today : today - 1;
}

/** Some endpoints serve Premium at once and the others in the evening. */
function isDelayed({ publication }: Endpoint, plan: Plan): boolean {
  return (
    plan !== "premium" && publication?.kind === "disclosed" && publication.served === "evening"
  );
}
