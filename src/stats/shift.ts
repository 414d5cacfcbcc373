// Shift of a series by rows, as pandas.Series.shift.

import { outputFor, requireInteger } from "./arguments.ts";

/**
 * The value `periods` rows earlier (later when negative); NaN where there is none.
 * `out` must not overlap `values`.
 */
export function shift(values: Float64Array, periods: number, out?: Float64Array): Float64Array {
  requireInteger("shift", "periods", periods, -Infinity);
  const result = outputFor("shift", values.length, out);
  for (let i = 0; i < values.length; i += 1) {
    const from = i - periods;
    result[i] = from >= 0 && from < values.length ? values[from] : Number.NaN;
  }
  return result;
}
