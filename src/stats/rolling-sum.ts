// Rolling sum and mean as pandas.Series.rolling(window).sum() and .mean(), in O(1) a row without ever subtracting.
// The series is cut into blocks as long as the window (rolling-block.ts); a window is then the end of one block and the beginning of the
// next, so its sum holds its own values only: a 1e12 tick or a gap leaves no trace once it is out (van Herk 1992 and
// Gil and Werman 1993 did so for minima).

import {
  outputFor,
  requireWindow,
  scratchFloat64,
  scratchInt32,
  type RollingOptions,
} from "./arguments.ts";
import { blockPhase } from "./rolling-block.ts";

/**
 * Sum of the last `window` values of a series (oldest first), today's included.
 * NaN and ±Infinity count as missing; NaN where fewer than `minPeriods` values are there. `out` must not overlap
 * `values`. Throws ShapeError on a bad window or length.
 */
export function rollingSum(
  values: Float64Array,
  window: number,
  out?: Float64Array,
  options: RollingOptions = {},
): Float64Array {
  const minPeriods = requireWindow("rollingSum", window, options);
  const result = outputFor("rollingSum", values.length, out);
  return blockSums(values, window, result, minPeriods, false);
}

/** Mean of the last `window` values of a series; missing values and `minPeriods` as in `rollingSum`. */
export function rollingMean(
  values: Float64Array,
  window: number,
  out?: Float64Array,
  options: RollingOptions = {},
): Float64Array {
  const minPeriods = requireWindow("rollingMean", window, options);
  const result = outputFor("rollingMean", values.length, out);
  return blockSums(values, window, result, minPeriods, true);
}

const sumScratch = scratchFloat64();
const countScratch = scratchInt32();

function blockSums(
  values: Float64Array,
  window: number,
  out: Float64Array,
  minPeriods: number,
  mean: boolean,
): Float64Array {
  const reach = Math.min(window, values.length);
  const sums = sumScratch(reach + 1);
  const counts = countScratch(reach + 1);
  for (let start = -blockPhase(window); start < values.length; start += window) {
    const end = Math.min(start + window, values.length);
    const oldest = Math.min(window - 1, Math.max(0, start));
    let sum = 0;
    let count = 0;
    sums[0] = 0;
    counts[0] = 0;
    for (let tail = 1; tail <= oldest; tail += 1) {
      const value = values[start - tail];
      if (value - value === 0) {
        sum += value;
        count += 1;
      }
      sums[tail] = sum;
      counts[tail] = count;
    }
    sum = 0;
    count = 0;
    for (let i = Math.max(0, start); i < end; i += 1) {
      const value = values[i];
      if (value - value === 0) {
        sum += value;
        count += 1;
      }
      const tail = Math.min(window - 1 - (i - start), oldest);
      const n = count + counts[tail];
      const total = sum + sums[tail];
      if (n < minPeriods) out[i] = Number.NaN;
      else out[i] = mean ? total / n : total;
    }
  }
  return out;
}
