// Data sets that follow from others: what they read, and how they are dated.

import { epochDay, isoDate, type Calendar } from "../../calendar/index.ts";
import { endpointOf, servedAtMs } from "../../jquants/index.ts";
import type { Market, MarketRow, PublishedRow, RowRange } from "../market/types.ts";

/** What a derived data set needs of a market. */
export interface BaseMarket extends Pick<Market, "config" | "paths" | "rows"> {
  readonly sessions: { readonly calendar: Calendar };
}

/** Rows of one data set within a range, dated by its own field. */
export type DerivedSource = (market: BaseMarket, range: RowRange) => readonly MarketRow[];

/** Gives rows the instant from which Premium is served them. */
export function publish(
  path: string,
  rows: readonly MarketRow[],
  calendar: Calendar,
): readonly PublishedRow[] {
  const endpoint = endpointOf(path);
  const isTimed = endpoint.publication?.kind === "disclosed";
  const known = new Map<unknown, number>();
  return rows.map((row) => {
    const date = row[endpoint.dateField ?? ""];
    const kept = isTimed ? undefined : known.get(date);
    const availableAtMs = kept ?? servedAtMs(endpoint, row, calendar, "premium");
    known.set(date, availableAtMs);
    return { availableAtMs, row };
  });
}

/** The part of `range` that the market's own span covers. */
export function withinMarket({ config }: BaseMarket, range: RowRange): RowRange {
  return {
    ...range,
    fromDay: Math.max(range.fromDay, epochDay(config.from)),
    toDay: Math.min(range.toDay, epochDay(config.to)),
  };
}

/** The text of a field; empty when it is something else. */
export function text(row: MarketRow, field: string): string {
  const value = row[field];
  return typeof value === "string" ? value : "";
}

/** The number of a field; NaN when it is something else. */
export function number(row: MarketRow, field: string): number {
  const value = row[field];
  return typeof value === "number" ? value : Number.NaN;
}

export interface Company {
  readonly name: string;
  readonly nameEn: string;
}

const directories = new WeakMap<BaseMarket, ReadonlyMap<string, Company>>();

const directoryStep = 60;

/** Names of all issues by code, from a snapshot of the master about every sixty days. */
export function directoryOf(market: BaseMarket): ReadonlyMap<string, Company> {
  const known = directories.get(market);
  if (known !== undefined) return known;
  const companies = new Map<string, Company>();
  const last = epochDay(market.config.to);
  for (let day = epochDay(market.config.from); day <= last + directoryStep; day += directoryStep) {
    const session = market.sessions.calendar.onOrBefore(Math.min(day, last));
    for (const { row } of market.rows("/equities/master", { fromDay: session, toDay: session })) {
      companies.set(text(row, "Code"), {
        name: text(row, "CoName"),
        nameEn: text(row, "CoNameEn"),
      });
    }
  }
  directories.set(market, companies);
  return companies;
}

/** The name of a code; the code itself for an issue that was listed for less than a snapshot's step. */
export function companyOf(market: BaseMarket, code: string): Company {
  return directoryOf(market).get(code) ?? { name: code, nameEn: code };
}

/** An ISO date some days later. */
export function daysAfter(date: string, days: number): string {
  return isoDate(epochDay(date) + days);
}
