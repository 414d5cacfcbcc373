// One issue's day: four fair steps on the tick grid inside the price limits, with highs and lows of a Brownian bridge.

import type { Rng } from "../../rng.ts";
import { partShares } from "./factors.ts";
import { limitWidth, roundDown, roundFairly, roundUp, tickSize } from "./price-rules.ts";
import { cellFlags, type PriceTable } from "./price-table.ts";

/** Reused by the caller from cell to cell. */
export interface DayInput {
  /** Previous close in tenths of a yen, already multiplied by the day's adjustment factor. */
  base: number;
  /** Fine tick table. */
  fine: boolean;
  /** Returns of the four parts, relative to `base`. */
  readonly parts: Float64Array;
  /** Variance of the whole day's return. */
  variance: number;
  /** False when nothing trades before the afternoon. */
  hasMorning: boolean;
  /** False on half days, which end with the morning. */
  hasAfternoon: boolean;
}

/**
 * Writes the prices of one cell and returns the close. Each checkpoint starts from the rounded one before it and is rounded
 * without bias, so prices are a martingale on the grid but for the daily limits, which are symmetric about the base.
 */
export function writeDay(table: PriceTable, cell: number, rng: Rng, day: DayInput): number {
  const { base, fine, parts } = day;
  const width = Math.min(limitWidth(base), base - tickSize(base, fine));
  const upper = roundDown(base + width, fine);
  const lower = roundUp(base - width, fine);
  const step = (from: number, part: number): number => {
    const moved = roundFairly(from + base * parts[part], fine, rng.uniform());
    return Math.min(upper, Math.max(lower, moved));
  };
  const open = step(base, 0);
  const morningClose = step(open, 1);
  const variance = day.variance * base * base;
  const extremes = { rng, fine, upper, lower };
  let flags = cellFlags.listed | cellFlags.traded | (fine ? cellFlags.fineTick : 0);
  let close = morningClose;
  if (day.hasMorning) {
    flags |= cellFlags.morning;
    const { high, low } = extremesOf(open, morningClose, variance * partShares[1], extremes);
    table.morningOpen[cell] = open;
    table.morningClose[cell] = morningClose;
    table.morningHigh[cell] = high;
    table.morningLow[cell] = low;
    if (high === upper) flags |= cellFlags.morningUpper;
    if (low === lower) flags |= cellFlags.morningLower;
  }
  if (day.hasAfternoon) {
    flags |= cellFlags.afternoon;
    const afternoonOpen = step(morningClose, 2);
    close = step(afternoonOpen, 3);
    const { high, low } = extremesOf(afternoonOpen, close, variance * partShares[3], extremes);
    table.afternoonOpen[cell] = afternoonOpen;
    table.afternoonHigh[cell] = high;
    table.afternoonLow[cell] = low;
    if (high === upper) flags |= cellFlags.afternoonUpper;
    if (low === lower) flags |= cellFlags.afternoonLower;
  }
  table.close[cell] = close;
  table.flags[cell] = flags;
  return close;
}

interface Extremes {
  readonly rng: Rng;
  readonly fine: boolean;
  readonly upper: number;
  readonly lower: number;
}

/** Maximum and minimum of a Brownian bridge from `a` to `b` (each exact in distribution, drawn apart), on the grid. */
function extremesOf(
  a: number,
  b: number,
  variance: number,
  { rng, fine, upper, lower }: Extremes,
): { readonly high: number; readonly low: number } {
  const gap = (b - a) * (b - a);
  const rise = Math.sqrt(gap - 2 * variance * Math.log(1 - rng.uniform()));
  const fall = Math.sqrt(gap - 2 * variance * Math.log(1 - rng.uniform()));
  const high = roundDown((a + b + rise) / 2, fine);
  const low = roundUp((a + b - fall) / 2, fine);
  return {
    high: Math.min(upper, Math.max(high, a, b)),
    low: Math.max(lower, Math.min(low, a, b)),
  };
}
