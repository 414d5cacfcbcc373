// Rows of /equities/bars/daily and its morning twin from the price columns.

import type { MarketContext, RowQuery } from "./context.ts";
import { yen } from "./context.ts";
import type { Issue } from "./issues.ts";
import { cellFlags, type PriceTable } from "./price-table.ts";
import type { MarketRow } from "./types.ts";

const flagOf = (on: boolean): string => (on ? "1" : "0");

/** One row a session and listed issue, all 44 keys; a no-trade day has null prices and "0" flags. */
export function dailyBars(market: MarketContext, query: RowQuery): MarketRow[] {
  const { prices } = market;
  const rows: MarketRow[] = [];
  for (let d = query.first; d <= query.last; d += 1) {
    for (const issue of query.issues) {
      if (d < issue.listed || d >= issue.delisted) continue;
      const cell = d * prices.issues + issue.index;
      rows.push(dailyBar(market, issue, d, cell, query.asOf));
    }
  }
  return rows;
}

/** Morning bars of issues that are listed. */
export function morningBars(market: MarketContext, query: RowQuery): MarketRow[] {
  const { prices, sessions } = market;
  const rows: MarketRow[] = [];
  for (let d = query.first; d <= query.last; d += 1) {
    for (const issue of query.issues) {
      if (d < issue.listed || d >= issue.delisted) continue;
      const cell = d * prices.issues + issue.index;
      const { volume: MVo, turnover: MVa, ...bar } = morningOf(market, cell);
      const { close: MC, high: MH, low: ML, open: MO } = bar;
      rows.push({ Date: sessions.iso(d), Code: issue.code, MO, MH, ML, MC, MVo, MVa });
    }
  }
  return rows;
}

export interface Bar {
  readonly open: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly close: number | null;
  readonly volume: number | null;
  readonly turnover: number | null;
}

const noBar: Bar = { open: null, high: null, low: null, close: null, volume: null, turnover: null };

/** Prices in yen, shares and yen of a cell's morning session; nulls when nothing traded. */
function morningOf({ prices }: MarketContext, cell: number): Bar {
  return morningBarOf(prices, cell);
}

function morningBarOf(prices: PriceTable, cell: number): Bar {
  if (!prices.has(cell, cellFlags.morning)) return noBar;
  const open = yen(prices.morningOpen[cell]);
  const high = yen(prices.morningHigh[cell]);
  const low = yen(prices.morningLow[cell]);
  const close = yen(prices.morningClose[cell]);
  const volume = prices.morningVolume[cell];
  return { open, high, low, close, volume, turnover: turnoverOf(open, high, low, close, volume) };
}

/** The afternoon's bar, as `morningOf`. */
function afternoonOf({ prices }: MarketContext, cell: number): Bar {
  return afternoonBarOf(prices, cell);
}

function afternoonBarOf(prices: PriceTable, cell: number): Bar {
  if (!prices.has(cell, cellFlags.afternoon)) return noBar;
  const open = yen(prices.afternoonOpen[cell]);
  const high = yen(prices.afternoonHigh[cell]);
  const low = yen(prices.afternoonLow[cell]);
  const close = yen(prices.close[cell]);
  const volume = prices.volume[cell] - prices.morningVolume[cell];
  return { open, high, low, close, volume, turnover: turnoverOf(open, high, low, close, volume) };
}

/** Both sessions together; open and close are those of the first and last that traded. */
export function wholeDayOf(market: MarketContext, cell: number): Bar {
  const morning = morningOf(market, cell);
  const afternoon = afternoonOf(market, cell);
  if (morning.open === null) return afternoon;
  if (afternoon.open === null) return morning;
  return {
    open: morning.open,
    high: Math.max(morning.high ?? 0, afternoon.high ?? 0),
    low: Math.min(morning.low ?? 0, afternoon.low ?? 0),
    close: afternoon.close,
    volume: (morning.volume ?? 0) + (afternoon.volume ?? 0),
    turnover: (morning.turnover ?? 0) + (afternoon.turnover ?? 0),
  };
}

/** Yen traded in a cell, 0 without a trade. */
export function cellTurnover(prices: PriceTable, cell: number): number {
  return (morningBarOf(prices, cell).turnover ?? 0) + (afternoonBarOf(prices, cell).turnover ?? 0);
}

/** Volume times the mean of the four prices, in whole yen: between volume × low and volume × high. */
function turnoverOf(
  open: number,
  high: number,
  low: number,
  close: number,
  volume: number,
): number {
  return Math.round((volume * (open + high + low + close)) / 4);
}

interface Adjustment {
  readonly prices: number;
  readonly volumes: number;
}

function dailyBar(
  market: MarketContext,
  issue: Issue,
  d: number,
  cell: number,
  asOf: number,
): MarketRow {
  const { capital, prices, sessions } = market;
  const day = wholeDayOf(market, cell);
  const event = capital.on(issue.index, d);
  const { flags } = prices;
  const upper = cellFlags.morningUpper | cellFlags.afternoonUpper;
  const lower = cellFlags.morningLower | cellFlags.afternoonLower;
  const by = {
    prices: capital.priceFactor(issue.index, d, asOf),
    volumes: capital.volumeFactor(issue.index, d, asOf),
  };
  const hasValue = issue.kind !== "etf" && day.close !== null;
  return {
    Date: sessions.iso(d),
    Code: issue.code,
    O: day.open,
    H: day.high,
    L: day.low,
    C: day.close,
    UL: flagOf((flags[cell] & upper) !== 0),
    LL: flagOf((flags[cell] & lower) !== 0),
    Vo: day.volume,
    Va: day.turnover,
    AdjFactor: event?.factor ?? 1,
    AdjO: adjusted(day.open, by.prices),
    AdjH: adjusted(day.high, by.prices),
    AdjL: adjusted(day.low, by.prices),
    AdjC: adjusted(day.close, by.prices),
    AdjVo: adjustedVolume(day.volume, by.volumes),
    MktCap: hasValue ? Math.round(((day.close ?? 0) * capital.shares(issue.index, d)) / 1e6) : null,
    ExRT: event?.kind ?? null,
    ...morningKeys(market, cell, by),
    ...afternoonKeys(market, cell, by),
  };
}

function morningKeys(market: MarketContext, cell: number, by: Adjustment): MarketRow {
  const bar = morningOf(market, cell);
  return {
    MO: bar.open,
    MH: bar.high,
    ML: bar.low,
    MC: bar.close,
    MUL: flagOf(market.prices.has(cell, cellFlags.morningUpper)),
    MLL: flagOf(market.prices.has(cell, cellFlags.morningLower)),
    MVo: bar.volume,
    MVa: bar.turnover,
    MAdjO: adjusted(bar.open, by.prices),
    MAdjH: adjusted(bar.high, by.prices),
    MAdjL: adjusted(bar.low, by.prices),
    MAdjC: adjusted(bar.close, by.prices),
    MAdjVo: adjustedVolume(bar.volume, by.volumes),
  };
}

function afternoonKeys(market: MarketContext, cell: number, by: Adjustment): MarketRow {
  const bar = afternoonOf(market, cell);
  return {
    AO: bar.open,
    AH: bar.high,
    AL: bar.low,
    AC: bar.close,
    AUL: flagOf(market.prices.has(cell, cellFlags.afternoonUpper)),
    ALL: flagOf(market.prices.has(cell, cellFlags.afternoonLower)),
    AVo: bar.volume,
    AVa: bar.turnover,
    AAdjO: adjusted(bar.open, by.prices),
    AAdjH: adjusted(bar.high, by.prices),
    AAdjL: adjusted(bar.low, by.prices),
    AAdjC: adjusted(bar.close, by.prices),
    AAdjVo: adjustedVolume(bar.volume, by.volumes),
  };
}

/** Price × later factors, to one decimal, half up; null stays null. */
export function adjusted(value: number | null, factor: number): number | null {
  if (value === null || factor === 1) return value;
  return Math.floor(value * factor * 10 + 0.5) / 10;
}

function adjustedVolume(value: number | null, factor: number): number | null {
  return value === null ? null : value / factor;
}
