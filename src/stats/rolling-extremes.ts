// Rolling minimum and maximum as pandas.Series.rolling(window).min() and .max(), in O(1) a row by blocks of the window's
// length (van Herk 1992, Gil and Werman 1993): no branch that depends on the order of the values, unlike a deque.

import {
  outputFor,
  requireWindow,
  scratchFloat64,
  scratchInt32,
  type RollingOptions,
} from "./arguments.ts";

/**
 * Least of the last `window` values of a series (oldest first), today's included.
 * NaN and ±Infinity count as missing; NaN where fewer than `minPeriods` values, or none, are there.
 * `out` must not overlap `values`.
 */
export function rollingMin(
  values: Float64Array,
  window: number,
  out?: Float64Array,
  options: RollingOptions = {},
): Float64Array {
  const minPeriods = requireWindow("rollingMin", window, options);
  const result = outputFor("rollingMin", values.length, out);
  return blockMaxima(values, window, result, minPeriods, -1);
}

/** Greatest of the last `window` values; missing values and `minPeriods` as in `rollingMin`. */
export function rollingMax(
  values: Float64Array,
  window: number,
  out?: Float64Array,
  options: RollingOptions = {},
): Float64Array {
  const minPeriods = requireWindow("rollingMax", window, options);
  const result = outputFor("rollingMax", values.length, out);
  return blockMaxima(values, window, result, minPeriods, 1);
}

const topScratch = scratchFloat64();
const countScratch = scratchInt32();

/** `sign` times the greatest `sign · value` of each window. */
function blockMaxima(
  values: Float64Array,
  window: number,
  out: Float64Array,
  minPeriods: number,
  sign: number,
): Float64Array {
  const block = Math.min(window, values.length);
  const least = Math.max(minPeriods, 1);
  const tops = topScratch(block + 1);
  const counts = countScratch(block + 1);
  for (let start = 0; start < values.length; start += block) {
    const end = Math.min(start + block, values.length);
    let top = -Infinity;
    let count = 0;
    tops[0] = top;
    counts[0] = 0;
    const oldest = Math.min(block - 1, start);
    for (let tail = 1; tail <= oldest; tail += 1) {
      const value = values[start - tail] * sign;
      if (value - value === 0) {
        count += 1;
        if (value > top) top = value;
      }
      tops[tail] = top;
      counts[tail] = count;
    }
    top = -Infinity;
    count = 0;
    for (let i = start; i < end; i += 1) {
      const value = values[i] * sign;
      if (value - value === 0) {
        count += 1;
        if (value > top) top = value;
      }
      const tail = Math.min(block - 1 - (i - start), oldest);
      const n = count + counts[tail];
      const best = tops[tail] > top ? tops[tail] : top;
      out[i] = n < least ? Number.NaN : best * sign;
    }
  }
  return out;
}
