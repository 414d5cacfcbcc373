// Mean, variance and what one day's values become when these are taken off: demean and zscore.

import { outputFor } from "./arguments.ts";

/** Mean of the values that are not NaN; NaN when there are none. */
export function mean(values: Float64Array): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (value === value) {
      sum += value;
      count += 1;
    }
  }
  return sum / count;
}

/** Variance of the values that are not NaN, divisor count − ddof (default 1), in two passes; NaN when count ≤ ddof. */
export function variance(values: Float64Array, ddof = 1): number {
  const center = mean(values);
  let squares = 0;
  let count = 0;
  for (let i = 0; i < values.length; i += 1) {
    const gap = values[i] - center;
    if (values[i] === values[i]) {
      squares += gap * gap;
      count += 1;
    }
  }
  return count > ddof ? squares / (count - ddof) : Number.NaN;
}

/** Standard deviation of the values that are not NaN: the root of `variance`. */
export function std(values: Float64Array, ddof = 1): number {
  return Math.sqrt(variance(values, ddof));
}

/** value − mean of the day; NaN stays NaN. `out` may be `values` itself. */
export function demean(values: Float64Array, out?: Float64Array): Float64Array {
  const result = outputFor("demean", values.length, out);
  const center = mean(values);
  for (let i = 0; i < values.length; i += 1) result[i] = values[i] - center;
  return result;
}

/** Options of `zscore`. */
export interface ZscoreOptions {
  /** The divisor of the variance is count − ddof; default 1. */
  readonly ddof?: number;
}

/**
 * (value − mean) / std of the day. NaN stays NaN; all NaN when the day does not vary, has count ≤ ddof or holds an
 * infinite value. `out` may be `values` itself.
 */
export function zscore(
  values: Float64Array,
  out?: Float64Array,
  { ddof = 1 }: ZscoreOptions = {},
): Float64Array {
  const result = outputFor("zscore", values.length, out);
  const center = mean(values);
  const scale = constant(values) ? Number.NaN : std(values, ddof);
  for (let i = 0; i < values.length; i += 1) result[i] = (values[i] - center) / scale;
  return result;
}

/** Whether all values that are not NaN are equal: their computed mean may be off by a rounding. */
function constant(values: Float64Array): boolean {
  let first = Number.NaN;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (value === value) {
      if (first !== first) first = value;
      else if (value !== first) return false;
    }
  }
  return true;
}
