// Return by score quantile and the long-short spread with its turnover and cost, session by session.

import { dayOffsets, horizonOf, type Predictions } from "../runs/predictions.ts";
import { qcut, spearman } from "../stats/index.ts";

export interface QuantileReturns {
  readonly nQuantiles: number;
  readonly dates: Int32Array;
  /** One array a quantile (lowest score first): the session's mean label; NaN where the quantile is empty. */
  readonly byQuantile: readonly Float64Array[];
  /** Top quantile's mean label less the bottom's. */
  readonly spread: Float64Array;
  /** Σ|w_t − w_{t−h}| of the tranche that replaces the one opened h sessions before; long 1, short −1, so 0 to 4. */
  readonly turnover: Float64Array;
  /** spread − turnover × cost. */
  readonly netSpread: Float64Array;
}

export interface QuantileReturnsOptions {
  readonly nQuantiles?: number;
  /** One-way cost of a unit of turnover, in basis points. */
  readonly costBps?: number;
}

/**
 * Each session's stocks are cut into `nQuantiles` by score (pandas qcut; ties share the lower quantile) and opened as an
 * equal-weight tranche, long the top and short the bottom, held for the horizon's h sessions. The first h tranches
 * pay for their opening in full. Rows without a finite score and label are left out; a session whose scores are too few or
 * too tied for `nQuantiles` different edges is NaN and opens no tranche.
 */
export function quantileReturns(
  predictions: Predictions,
  horizon: number,
  { nQuantiles = 10, costBps = 10 }: QuantileReturnsOptions = {},
): QuantileReturns {
  const { score, label } = horizonOf(predictions, horizon);
  const offsets = dayOffsets(predictions.dates);
  const days = offsets.length - 1;
  const byQuantile = Array.from({ length: nQuantiles }, () => nanSeries(days));
  const spread = nanSeries(days);
  const turnover = nanSeries(days);
  const books: Map<number, number>[] = [];
  for (let day = 0; day < days; day += 1) {
    const rows = finiteRows(score, label, offsets[day], offsets[day + 1]);
    const scores = Float64Array.from(rows, (row) => score[row]);
    const buckets = qcut(scores, nQuantiles, undefined, { duplicates: "drop" });
    if (!buckets.includes(nQuantiles - 1)) {
      books.push(new Map());
      continue;
    }
    const means = bucketMeans(rows, buckets, label, nQuantiles);
    means.forEach((mean, quantile) => (byQuantile[quantile][day] = mean));
    spread[day] = means[nQuantiles - 1] - means[0];
    const book = tranche(rows, buckets, predictions.codes, nQuantiles);
    books.push(book);
    if (Number.isFinite(spread[day])) turnover[day] = distance(book, books[day - horizon]);
  }
  const netSpread = spread.map((gross, day) => gross - (turnover[day] * costBps) / 10_000);
  const dates = Int32Array.from(offsets.subarray(0, days), (start) => predictions.dates[start]);
  return { nQuantiles, dates, byQuantile, spread, turnover, netSpread };
}

/** Spearman correlation of quantile number and mean return: 1 when returns rise with every quantile. NaN below two means. */
export function monotonicity(means: ArrayLike<number>): number {
  const numbers = Float64Array.from(means, (_, index) => index);
  return spearman(numbers, Float64Array.from(means));
}

function nanSeries(length: number): Float64Array {
  return new Float64Array(length).fill(Number.NaN);
}

function finiteRows(
  score: Float64Array,
  label: Float64Array,
  start: number,
  end: number,
): Int32Array {
  const rows: number[] = [];
  for (let row = start; row < end; row += 1) {
    if (Number.isFinite(score[row]) && Number.isFinite(label[row])) rows.push(row);
  }
  return Int32Array.from(rows);
}

function bucketMeans(
  rows: Int32Array,
  buckets: Int32Array,
  label: Float64Array,
  nQuantiles: number,
): Float64Array {
  const sums = new Float64Array(nQuantiles);
  const counts = new Int32Array(nQuantiles);
  for (let i = 0; i < rows.length; i += 1) {
    if (buckets[i] < 0) continue;
    sums[buckets[i]] += label[rows[i]];
    counts[buckets[i]] += 1;
  }
  return sums.map((sum, quantile) => sum / (counts[quantile] || Number.NaN));
}

function tranche(
  rows: Int32Array,
  buckets: Int32Array,
  codes: Int32Array,
  nQuantiles: number,
): Map<number, number> {
  const top = buckets.filter((bucket) => bucket === nQuantiles - 1).length;
  const bottom = buckets.filter((bucket) => bucket === 0).length;
  const weights = new Map<number, number>();
  for (let i = 0; i < rows.length; i += 1) {
    if (buckets[i] === nQuantiles - 1) weights.set(codes[rows[i]], 1 / top);
    if (buckets[i] === 0) weights.set(codes[rows[i]], -1 / bottom);
  }
  return weights;
}

function distance(book: Map<number, number>, before: Map<number, number> = new Map()): number {
  let sum = 0;
  for (const [code, weight] of book) sum += Math.abs(weight - (before.get(code) ?? 0));
  for (const [code, weight] of before) if (!book.has(code)) sum += Math.abs(weight);
  return sum;
}
