// Rows of /equities/bars/minute: the two sessions of a daily bar, spread over minutes that end where the bar does.

import { closeTime, epochDay } from "../../calendar/index.ts";
import { createRng, type Rng } from "../../rng.ts";
import type { MarketRow } from "../market/types.ts";
import { roundDown } from "../market/price-rules.ts";
import { number, text, withinMarket, type BaseMarket, type DerivedSource } from "./source.ts";

/** Most minutes of a session in which an issue trades. */
const busiestMinutes = 12;

interface SessionBar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  /** Minutes after midnight of its first and last possible trade. */
  readonly first: number;
  readonly last: number;
}

/**
 * Minutes of every issue and session, by date, time and code. Their first open, highest high, lowest low, last close and total
 * volume are those of the daily bar's sessions. There is no row for a minute without a trade.
 */
export const minuteBars: DerivedSource = (market, range) => {
  const rows: MarketRow[] = [];
  for (const { row } of market.rows("/equities/bars/daily", withinMarket(market, range))) {
    for (const session of sessionsOf(market, row)) rows.push(...minutesOf(market, row, session));
  }
  return rows.sort(byDateTimeCode);
};

function sessionsOf(market: BaseMarket, row: MarketRow): SessionBar[] {
  const close = closeTime(market.sessions.calendar, epochDay(text(row, "Date")));
  const [hours, minutes] = close.split(":").map(Number);
  const sessions = [
    sessionBar(row, "M", 540, 690),
    sessionBar(row, "A", 750, hours * 60 + minutes),
  ];
  return sessions.filter(({ volume }) => volume > 0);
}

function sessionBar(row: MarketRow, session: string, first: number, last: number): SessionBar {
  return {
    open: number(row, `${session}O`),
    high: number(row, `${session}H`),
    low: number(row, `${session}L`),
    close: number(row, `${session}C`),
    volume: number(row, `${session}Vo`),
    first,
    last,
  };
}

function minutesOf(market: BaseMarket, row: MarketRow, session: SessionBar): MarketRow[] {
  const code = text(row, "Code");
  const rng = createRng(
    `minutes/${market.config.seed}/${code}/${text(row, "Date")}/${session.first}`,
  );
  const times = minuteTimes(rng, session);
  const path = pricePath(rng, session, times.length);
  const volumes = splitVolume(rng, session.volume, times.length);
  const isWide = times.length === 1;
  return times.map((time, i) => {
    const [open, close] = [path[i], path[i + 1]];
    const high = isWide ? session.high : Math.max(open, close);
    const low = isWide ? session.low : Math.min(open, close);
    return {
      Date: text(row, "Date"),
      Time: time,
      Code: code,
      O: open,
      H: high,
      L: low,
      C: close,
      Vo: volumes[i],
      Va: Math.round((volumes[i] * (open + high + low + close)) / 4),
    };
  });
}

/** Distinct minutes in ascending order; a thin session has one. */
function minuteTimes(rng: Rng, { volume, first, last }: SessionBar): string[] {
  const count = volume < 400 ? 1 : Math.min(busiestMinutes, 4 + Math.floor(Math.log10(volume)));
  const minutes = new Set<number>([first, last].slice(0, count));
  while (minutes.size < count) minutes.add(first + rng.integer(last - first));
  return [...minutes].sort((left, right) => left - right).map(clockText);
}

/** Prices at the ends of the minutes: from the open over both extremes to the close, on the finest tick grid. */
function pricePath(rng: Rng, session: SessionBar, minutes: number): number[] {
  const { open, high, low, close } = session;
  if (minutes === 1) return [open, close];
  const extremes = rng.uniform() < 0.5 ? [high, low] : [low, high];
  const corners = [open, ...extremes, close];
  return Array.from({ length: minutes + 1 }, (_, i) => {
    const place = (i * 3) / minutes;
    const corner = Math.min(2, Math.floor(place));
    const isCorner = i === minutes || i === Math.ceil((corner * minutes) / 3);
    if (isCorner) return corners[i === minutes ? 3 : corner];
    const between = corners[corner] + (corners[corner + 1] - corners[corner]) * (place - corner);
    return Math.min(high, Math.max(low, roundDown(between * 10, true) / 10));
  });
}

/** Whole shares that add up to `volume`, at least one a minute. */
function splitVolume(rng: Rng, volume: number, parts: number): number[] {
  const weights = Array.from({ length: parts }, () => 0.2 + rng.uniform());
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const volumes = weights.map((weight) => Math.max(1, Math.floor((volume * weight) / total)));
  const rest = volume - volumes.reduce((sum, part) => sum + part, 0);
  volumes[parts - 1] += rest;
  return volumes;
}

function clockText(minutes: number): string {
  const pad = (value: number): string => String(value).padStart(2, "0");
  return `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

function byDateTimeCode(left: MarketRow, right: MarketRow): number {
  for (const field of ["Date", "Time", "Code"]) {
    const [a, b] = [text(left, field), text(right, field)];
    if (a !== b) return a < b ? -1 : 1;
  }
  return 0;
}
