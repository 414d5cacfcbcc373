// Relative change of a series over some rows, as pandas.Series.pct_change(fill_method=None).

import { outputFor, requireInteger } from "./arguments.ts";

/**
 * values[i] / values[i − periods] − 1; NaN where either is missing (gaps are not filled), ±Infinity after a 0 as in
 * pandas. `out` must not overlap `values`.
 */
export function pctChange(values: Float64Array, periods = 1, out?: Float64Array): Float64Array {
  requireInteger("pctChange", "periods", periods, 1);
  const result = outputFor("pctChange", values.length, out);
  for (let i = 0; i < values.length; i += 1) {
    result[i] = i < periods ? Number.NaN : values[i] / values[i - periods] - 1;
  }
  return result;
}
