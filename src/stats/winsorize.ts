// Values pulled in to bounds: fixed ones, as pandas.Series.clip, or the day's own quantiles.

import { ShapeError } from "../errors.ts";
import { outputFor } from "./arguments.ts";
import { quantiles } from "./quantile.ts";

/** Options of `winsorize`. */
export interface WinsorizeOptions {
  /** Share of the values pulled up from below; default 0.01. */
  readonly lower?: number;
  /** Quantile above which values are pulled down; default 0.99. */
  readonly upper?: number;
}

/** Values below `low` become `low`, values above `high` become `high`; NaN stays NaN. `out` may be `values` itself. */
export function clip(
  values: Float64Array,
  low: number,
  high: number,
  out?: Float64Array,
): Float64Array {
  if (low > high) {
    throw new ShapeError(`clip: low must not exceed high, found ${low} and ${high}`);
  }
  const result = outputFor("clip", values.length, out);
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    result[i] = value < low ? low : value > high ? high : value;
  }
  return result;
}

/**
 * `values` clipped to their own linear quantiles `lower` and `upper`. NaN stays NaN and does not count.
 * This reads the values it is given: across stocks on one day it learns nothing; bounds over time are fitted elsewhere.
 */
export function winsorize(
  values: Float64Array,
  out?: Float64Array,
  { lower = 0.01, upper = 0.99 }: WinsorizeOptions = {},
): Float64Array {
  const [low, high] = quantiles(values, [lower, upper]);
  return clip(values, low, high, out);
}
