// Exponentially weighted mean as pandas.Series.ewm(...).mean() with ignore_na=False: weights decay over gaps too.

import { outputFor } from "./arguments.ts";
import { ewmAlpha, type EwmOptions } from "./ewm-options.ts";

/**
 * Mean of all values so far with weights (1 − alpha)^age. With `adjust: false` the recursion
 * y = (1 − alpha) · y + alpha · x, started at the first value; after g missing rows the weights are (1 − alpha)^(g + 1)
 * and alpha, scaled to 1, as pandas documents (its code departs from that at alpha = 0.5 exactly; this does not).
 * NaN and ±Infinity count as missing: the last mean stands in their rows; NaN before the first value and where fewer than
 * `minPeriods` were seen. `out` may be `values` itself.
 */
export function ewmMean(
  values: Float64Array,
  options: EwmOptions,
  out?: Float64Array,
): Float64Array {
  const { adjust = true, minPeriods = 0 } = options;
  const alpha = ewmAlpha("ewmMean", options);
  const result = outputFor("ewmMean", values.length, out);
  const least = Math.max(minPeriods, 1);
  const today = adjust ? 1 : alpha;
  let mean = Number.NaN;
  let weight = 1;
  let count = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    weight *= 1 - alpha;
    if (value - value === 0) {
      if (count === 0) mean = value;
      else if (value !== mean) mean = (weight * mean + today * value) / (weight + today);
      weight = adjust && count > 0 ? weight + 1 : 1;
      count += 1;
    }
    result[i] = count < least ? Number.NaN : mean;
  }
  return result;
}
