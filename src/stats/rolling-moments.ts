// Rolling variance, standard deviation and z-score as pandas.Series.rolling(window).var() and .std(), in O(1) a row.
// Blocks as in rolling-sum.ts. Sums and squares are of the gaps to the block's first value, which every window of the
// block holds: they exceed the squared deviations from the mean at most n times, whatever the level of the series or
// the size of a spike, so taking off the squared mean costs at most log10(n) digits.

import {
  outputFor,
  reciprocals,
  requireInteger,
  requireWindow,
  scratchFloat64,
  scratchInt32,
  type RollingOptions,
} from "./arguments.ts";
import { firstBlock, nextBlock } from "./rolling-block.ts";

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

interface Tails {
  readonly counts: Int32Array;
  readonly sums: Float64Array;
  readonly squares: Float64Array;
}

const countScratch = scratchInt32();
const sumScratch = scratchFloat64();
const squareScratch = scratchFloat64();

function rollingMoments(
  kernel: Kernel,
  values: Float64Array,
  window: number,
  out: Float64Array | undefined,
  options: RollingVarOptions,
): Float64Array {
  const ddof = requireInteger(kernel, "ddof", options.ddof ?? 1, 0);
  const least = Math.max(requireWindow(kernel, window, options), ddof + 1);
  const result = outputFor(kernel, values.length, out);
  const reach = Math.min(window, values.length);
  const inverse = reciprocals(reach);
  const tails = {
    counts: countScratch(reach),
    sums: sumScratch(reach),
    squares: squareScratch(reach),
  };
  const { counts, sums, squares } = tails;
  let start = firstBlock(values, result);
  while (start < values.length) {
    const next = nextBlock(values, start, reach, result);
    const end = Math.min(next, start + reach);
    const oldest = Math.min(reach - 1, start);
    fillTails(values, start, oldest, tails);
    const anchor = values[start];
    let count = 0;
    let sum = 0;
    let square = 0;
    for (let i = start; i < end; i += 1) {
      const gap = values[i] - anchor;
      const known = gap - gap === 0;
      if (known) {
        count += 1;
        sum += gap;
        square += gap * gap;
      }
      const tail = Math.min(reach - 1 - (i - start), oldest);
      const n = count + counts[tail];
      if (n < least) {
        result[i] = Number.NaN;
        continue;
      }
      const total = sum + sums[tail];
      const mean = total * inverse[n];
      const variance = (square + squares[tail] - total * mean) * inverse[n - ddof];
      if (kernel === "rollingVar") result[i] = variance;
      else if (kernel === "rollingStd") result[i] = Math.sqrt(variance);
      else if (known && variance > 0) result[i] = (gap - mean) / Math.sqrt(variance);
      else result[i] = Number.NaN;
    }
    start = next;
  }
  return result;
}

/** Entry t: count, sum and squares of the gaps of the t values before `start`. */
function fillTails(values: Float64Array, start: number, oldest: number, tails: Tails): void {
  const { counts, sums, squares } = tails;
  const anchor = values[start];
  let count = 0;
  let sum = 0;
  let square = 0;
  counts[0] = 0;
  sums[0] = 0;
  squares[0] = 0;
  for (let tail = 1; tail <= oldest; tail += 1) {
    const gap = values[start - tail] - anchor;
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
