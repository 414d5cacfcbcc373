// Difference of a series to itself some rows earlier, as pandas.Series.diff.

import { outputFor, requireInteger } from "./arguments.ts";

/** values[i] − values[i − periods]; NaN where either is missing. `out` must not overlap `values`. */
export function diff(values: Float64Array, periods = 1, out?: Float64Array): Float64Array {
  requireInteger("diff", "periods", periods, 1);
  const result = outputFor("diff", values.length, out);
  for (let i = 0; i < values.length; i += 1) {
    result[i] = i < periods ? Number.NaN : values[i] - values[i - periods];
  }
  return result;
}
