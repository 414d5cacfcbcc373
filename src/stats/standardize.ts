// Mean, variance and what one day's values become when these are taken off: demean and zscore.

import { outputFor } from "./arguments.ts";

/** Mean of the values that are not NaN; NaN when there are none. */
export function mean(values: Float64Array): number {
  const { sum, count } = total(values);
  return sum / count;
}

/** Variance of the values that are not NaN, divisor count − ddof (default 1), in two passes; NaN when count ≤ ddof. */
export function variance(values: Float64Array, ddof = 1): number {
  const { sum, count } = total(values);
  return count > ddof ? squaredGaps(values, sum / count) / (count - ddof) : Number.NaN;
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
  const { sum, count } = total(values);
  const center = sum / count;
  const defined = count > ddof && !constant(values);
  const scale = defined ? Math.sqrt(squaredGaps(values, center) / (count - ddof)) : Number.NaN;
  for (let i = 0; i < values.length; i += 1) result[i] = (values[i] - center) / scale;
  return result;
}

interface Total {
  readonly sum: number;
  readonly count: number;
}

/** Sum and number of the values that are not NaN, in four strands that the processor adds side by side. */
function total(values: Float64Array): Total {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let missing = 0;
  const even = values.length - (values.length % 4);
  for (let i = 0; i < even; i += 4) {
    const p = values[i];
    const q = values[i + 1];
    const r = values[i + 2];
    const s = values[i + 3];
    if (p === p) a += p;
    else missing += 1;
    if (q === q) b += q;
    else missing += 1;
    if (r === r) c += r;
    else missing += 1;
    if (s === s) d += s;
    else missing += 1;
  }
  for (let i = even; i < values.length; i += 1) {
    if (values[i] === values[i]) a += values[i];
    else missing += 1;
  }
  return { sum: a + b + (c + d), count: values.length - missing };
}

/** Sum of (value − center)² over the values that are not NaN, in strands as `total`; NaN around an infinite center. */
function squaredGaps(values: Float64Array, center: number): number {
  if (!Number.isFinite(center)) return Number.NaN;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const even = values.length - (values.length % 4);
  for (let i = 0; i < even; i += 4) {
    const p = values[i] - center;
    const q = values[i + 1] - center;
    const r = values[i + 2] - center;
    const s = values[i + 3] - center;
    if (p === p) a += p * p;
    if (q === q) b += q * q;
    if (r === r) c += r * r;
    if (s === s) d += s * s;
  }
  for (let i = even; i < values.length; i += 1) {
    const gap = values[i] - center;
    if (gap === gap) a += gap * gap;
  }
  return a + b + (c + d);
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
