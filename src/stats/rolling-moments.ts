// Rolling variance, standard deviation and z-score as pandas.Series.rolling(window).var() and .std(), in O(1) a row.
// Blocks as in rolling-block.ts. Sums and squares are of the gaps to the block's anchor, which every window of the
// block holds: they exceed the squared deviations from the mean at most n times, whatever the level of the series or
// the size of a spike, so taking off the squared mean costs at most log10(n) digits. Short windows are summed afresh.

import {
  outputFor,
  reciprocals,
  requireInteger,
  requireWindow,
  scratchFloat64,
  scratchInt32,
  type RollingOptions,
} from "./arguments.ts";
import { blockAnchor, blockEnd, skipMissing } from "./rolling-block.ts";

/** Options of the rolling variance and of what is made of it. */
export interface RollingVarOptions extends RollingOptions {
  /** The divisor is count − ddof; default 1. */
  readonly ddof?: number;
}

/**
 * Variance of the last `window` values of a series (oldest first), today's included.
 * NaN and ±Infinity count as missing; NaN where fewer than `minPeriods` values are there or count ≤ ddof; exactly 0
 * where all values are equal. `out` must not overlap `values`. Throws ShapeError on a bad window or length.
 */
export function rollingVar(
  values: Float64Array,
  window: number,
  out?: Float64Array,
  options: RollingVarOptions = {},
): Float64Array {
  return rollingMoments("rollingVar", values, window, out, options);
}

/** Standard deviation of the last `window` values: the root of `rollingVar`. */
export function rollingStd(
  values: Float64Array,
  window: number,
  out?: Float64Array,
  options: RollingVarOptions = {},
): Float64Array {
  return rollingMoments("rollingStd", values, window, out, options);
}

/** (value − rollingMean) / rollingStd; NaN where today's value is missing or the window does not vary. */
export function rollingZscore(
  values: Float64Array,
  window: number,
  out?: Float64Array,
  options: RollingVarOptions = {},
): Float64Array {
  return rollingMoments("rollingZscore", values, window, out, options);
}

type Kernel = "rollingVar" | "rollingStd" | "rollingZscore";

/** What a row becomes: numbers, because comparing strings once a row shows in the time. */
const results: Readonly<Record<Kernel, number>> = {
  rollingVar: 0,
  rollingStd: 1,
  rollingZscore: 2,
};

/** Up to this window summing afresh was measured to be faster than blocks. */
const shortWindow = 5;

function rollingMoments(
  kernel: Kernel,
  values: Float64Array,
  window: number,
  out: Float64Array | undefined,
  options: RollingVarOptions,
): Float64Array {
  const ddof = requireInteger(kernel, "ddof", options.ddof ?? 1, 0);
  const least = Math.max(requireWindow(kernel, window, options), ddof + 1);
  const target = outputFor(kernel, values.length, out);
  const moments = window <= shortWindow ? freshMoments : blockMoments;
  moments(values, window, target, least, ddof, results[kernel]);
  return target;
}

/** Gaps are to the last value there was, today's if there is one: it is in the window, or nothing is. */
function freshMoments(
  values: Float64Array,
  window: number,
  out: Float64Array,
  least: number,
  ddof: number,
  result: number,
): void {
  const inverse = reciprocals(window);
  let anchor = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    const known = value - value === 0;
    if (known) anchor = value;
    let count = 0;
    let sum = 0;
    let square = 0;
    const from = i < window ? 0 : i - window + 1;
    for (let j = from; j <= i; j += 1) {
      const gap = values[j] - anchor;
      if (gap - gap === 0) {
        count += 1;
        sum += gap;
        square += gap * gap;
      }
    }
    if (count < least) {
      out[i] = Number.NaN;
      continue;
    }
    const mean = sum * inverse[count];
    const variance = (square - sum * mean) * inverse[count - ddof];
    if (result === 0) out[i] = variance;
    else if (result === 1) out[i] = Math.sqrt(variance);
    else if (known && variance > 0) out[i] = -mean / Math.sqrt(variance);
    else out[i] = Number.NaN;
  }
}

const countScratch = scratchInt32();
const sumScratch = scratchFloat64();
const squareScratch = scratchFloat64();

function blockMoments(
  values: Float64Array,
  window: number,
  out: Float64Array,
  least: number,
  ddof: number,
  result: number,
): void {
  const reach = Math.min(window, values.length);
  const inverse = reciprocals(reach);
  const counts = countScratch(reach + 1);
  const sums = sumScratch(reach + 1);
  const squares = squareScratch(reach + 1);
  let row = skipMissing(values, 0, out);
  while (row < values.length) {
    const start = blockAnchor(values, row, window);
    if (start < 0) {
      row = skipMissing(values, row, out);
      continue;
    }
    const end = blockEnd(row, start, window, values.length);
    const oldest = Math.min(window - 1, start);
    fillTails(values, start, oldest, counts, sums, squares);
    const anchor = values[start];
    let count = 0;
    let sum = 0;
    let square = 0;
    for (let i = start, left = window - 1; i < end; i += 1, left -= 1) {
      const gap = values[i] - anchor;
      const known = gap - gap === 0;
      if (known) {
        count += 1;
        sum += gap;
        square += gap * gap;
      }
      if (i < row) continue;
      const tail = left < oldest ? left : oldest;
      const n = count + counts[tail];
      if (n < least) {
        out[i] = Number.NaN;
        continue;
      }
      const total = sum + sums[tail];
      const mean = total * inverse[n];
      const variance = (square + squares[tail] - total * mean) * inverse[n - ddof];
      if (result === 0) out[i] = variance;
      else if (result === 1) out[i] = Math.sqrt(variance);
      else if (known && variance > 0) out[i] = (gap - mean) / Math.sqrt(variance);
      else out[i] = Number.NaN;
    }
    row = end;
  }
}

/** Entry t: count, sum and squares of the gaps of the t values before `start`. */
function fillTails(
  values: Float64Array,
  start: number,
  oldest: number,
  counts: Int32Array,
  sums: Float64Array,
  squares: Float64Array,
): void {
  const anchor = values[start];
  let count = 0;
  let sum = 0;
  let square = 0;
  counts[0] = 0;
  sums[0] = 0;
  squares[0] = 0;
  for (let tail = 1, i = start - 1; tail <= oldest; tail += 1, i -= 1) {
    const gap = values[i] - anchor;
    if (gap - gap === 0) {
      count += 1;
      sum += gap;
      square += gap * gap;
    }
    counts[tail] = count;
    sums[tail] = sum;
    squares[tail] = square;
  }
}
