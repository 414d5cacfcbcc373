// Rolling median, quantile and rank as pandas.Series.rolling(window): the window's values are kept sorted, and each row
// moves only those between the value that leaves and the one that enters.

import { ShapeError } from "../errors.ts";
import { outputFor, requireWindow, scratchFloat64, type RollingOptions } from "./arguments.ts";

/** Options of `rollingRank`. */
export interface RollingRankOptions extends RollingOptions {
  /** Ranks as shares of the number of values, in (0, 1]; default false. */
  readonly pct?: boolean;
}

const sortedScratch = scratchFloat64();

/**
 * Quantile `q` in [0, 1] of the last `window` values (oldest first), linear between the two nearest.
 * NaN and ±Infinity count as missing; NaN where fewer than `minPeriods` values, or none, are there.
 * `out` must not overlap `values`.
 */
export function rollingQuantile(
  values: Float64Array,
  window: number,
  q: number,
  out?: Float64Array,
  options: RollingOptions = {},
): Float64Array {
  if (!(q >= 0 && q <= 1)) {
    throw new ShapeError(`rollingQuantile: q must be in [0, 1], found ${q}`);
  }
  const least = Math.max(requireWindow("rollingQuantile", window, options), 1);
  const result = outputFor("rollingQuantile", values.length, out);
  const sorted = sortedScratch(Math.min(window, values.length) + 1);
  let size = 0;
  for (let i = 0; i < values.length; i += 1) {
    size = slide(sorted, size, i < window ? Number.NaN : values[i - window], values[i]);
    result[i] = size < least ? Number.NaN : sortedQuantile(sorted, size, q);
  }
  return result;
}

/** Median of the last `window` values: `rollingQuantile` at 0.5. */
export function rollingMedian(
  values: Float64Array,
  window: number,
  out?: Float64Array,
  options: RollingOptions = {},
): Float64Array {
  return rollingQuantile(values, window, 0.5, out, options);
}

/**
 * Rank of today's value among the last `window`, 1 the least; equal values share the mean of their ranks.
 * Missing values and `minPeriods` as in `rollingQuantile`; NaN where today's value is missing.
 */
export function rollingRank(
  values: Float64Array,
  window: number,
  out?: Float64Array,
  options: RollingRankOptions = {},
): Float64Array {
  const { pct = false } = options;
  const least = Math.max(requireWindow("rollingRank", window, options), 1);
  const result = outputFor("rollingRank", values.length, out);
  const sorted = sortedScratch(Math.min(window, values.length) + 1);
  let size = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    size = slide(sorted, size, i < window ? Number.NaN : values[i - window], value);
    if (size < least || value - value !== 0) {
      result[i] = Number.NaN;
      continue;
    }
    const below = firstAtLeast(sorted, size, value);
    let above = below + 1;
    while (above < size && sorted[above] === value) above += 1;
    const shared = (below + 1 + above) / 2;
    result[i] = pct ? shared / size : shared;
  }
  return result;
}

/** The linear quantile of the first `size` ascending values. */
function sortedQuantile(sorted: Float64Array, size: number, q: number): number {
  const place = q * (size - 1);
  const below = Math.floor(place);
  const low = sorted[below];
  return below + 1 < size ? low + (sorted[below + 1] - low) * (place - below) : low;
}

/** Takes `leaving` out of the sorted values and puts `entering` in, where these are finite; returns the new size. */
function slide(sorted: Float64Array, size: number, leaving: number, entering: number): number {
  const leaves = leaving - leaving === 0;
  const enters = entering - entering === 0;
  if (!leaves && !enters) return size;
  let hole = leaves ? find(sorted, size, leaving) : size;
  let last = size;
  if (!enters) {
    sorted.copyWithin(hole, hole + 1, size);
    return size - 1;
  }
  if (leaves) last = size - 1;
  while (hole > 0 && sorted[hole - 1] > entering) {
    sorted[hole] = sorted[hole - 1];
    hole -= 1;
  }
  while (hole < last && sorted[hole + 1] < entering) {
    sorted[hole] = sorted[hole + 1];
    hole += 1;
  }
  sorted[hole] = entering;
  return last + 1;
}

/** Where a value that is there stands: a straight walk costs fewer wrong guesses of the processor while windows are short. */
function find(sorted: Float64Array, size: number, value: number): number {
  if (size > 64) return firstAtLeast(sorted, size, value);
  let place = 0;
  while (sorted[place] < value) place += 1;
  return place;
}

function firstAtLeast(sorted: Float64Array, size: number, value: number): number {
  let low = 0;
  let high = size;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
