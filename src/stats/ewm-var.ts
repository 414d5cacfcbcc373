// Exponentially weighted variance as pandas.Series.ewm(...).var() and .std() with ignore_na=False.

import { outputFor } from "./arguments.ts";
import { ewmAlpha, type EwmOptions } from "./ewm-options.ts";

/** Options of the exponentially weighted variance. */
export interface EwmVarOptions extends EwmOptions {
  /** Leave out the correction Σw² / (Σw² − Σw·w) for the estimated mean; default false, as in pandas. */
  readonly bias?: boolean;
}

/**
 * Variance of all values so far around their weighted mean, weights as in `ewmMean`.
 * NaN and ±Infinity count as missing; NaN before the second value (unless `bias`) and where fewer than `minPeriods` were
 * seen. `out` may be `values` itself.
 */
export function ewmVar(
  values: Float64Array,
  options: EwmVarOptions,
  out?: Float64Array,
): Float64Array {
  const { adjust = true, minPeriods = 0, bias = false } = options;
  const alpha = ewmAlpha("ewmVar", options);
  const result = outputFor("ewmVar", values.length, out);
  const least = Math.max(minPeriods, 1);
  const keep = 1 - alpha;
  const today = adjust ? 1 : alpha;
  let mean = Number.NaN;
  let variance = 0;
  let weight = 1;
  let weights = 1;
  let squaredWeights = 1;
  let count = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (count > 0) {
      weight *= keep;
      weights *= keep;
      squaredWeights *= keep * keep;
    }
    if (value - value === 0) {
      if (count === 0) mean = value;
      else {
        const total = weight + today;
        const before = mean;
        if (value !== mean) mean = (weight * before + today * value) / total;
        variance =
          (weight * (variance + (before - mean) ** 2) + today * (value - mean) ** 2) / total;
        const scale = adjust ? 1 : 1 / total;
        weights = (weights + today) * scale;
        squaredWeights = (squaredWeights + today * today) * scale * scale;
        weight = adjust ? total : 1;
      }
      count += 1;
    }
    if (count < least) result[i] = Number.NaN;
    else result[i] = bias ? variance : unbiased(variance, weights, squaredWeights);
  }
  return result;
}

/** Root of `ewmVar`. */
export function ewmStd(
  values: Float64Array,
  options: EwmVarOptions,
  out?: Float64Array,
): Float64Array {
  const result = ewmVar(values, options, out);
  for (let i = 0; i < result.length; i += 1) result[i] = Math.sqrt(result[i]);
  return result;
}

function unbiased(variance: number, weights: number, squaredWeights: number): number {
  const numerator = weights * weights;
  const denominator = numerator - squaredWeights;
  return denominator > 0 ? (numerator / denominator) * variance : Number.NaN;
}
