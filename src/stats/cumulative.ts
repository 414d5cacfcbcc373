// Cumulative sum, product, maximum and minimum as pandas.Series.cumsum, cumprod, cummax and cummin.
// NaN stays NaN in its row and is passed over by later rows. `out` may be `values` itself.

import { outputFor } from "./arguments.ts";

/** Sum of all values up to and including each row. */
export function cumSum(values: Float64Array, out?: Float64Array): Float64Array {
  const result = outputFor("cumSum", values.length, out);
  let total = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (value === value) total += value;
    result[i] = value === value ? total : Number.NaN;
  }
  return result;
}

/** Product of all values up to and including each row. */
export function cumProd(values: Float64Array, out?: Float64Array): Float64Array {
  const result = outputFor("cumProd", values.length, out);
  let product = 1;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (value === value) product *= value;
    result[i] = value === value ? product : Number.NaN;
  }
  return result;
}

/** Greatest of all values up to and including each row. */
export function cumMax(values: Float64Array, out?: Float64Array): Float64Array {
  const result = outputFor("cumMax", values.length, out);
  let top = -Infinity;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (value > top) top = value;
    result[i] = value === value ? top : Number.NaN;
  }
  return result;
}

/** Least of all values up to and including each row. */
export function cumMin(values: Float64Array, out?: Float64Array): Float64Array {
  const result = outputFor("cumMin", values.length, out);
  let bottom = Infinity;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (value < bottom) bottom = value;
    result[i] = value === value ? bottom : Number.NaN;
  }
  return result;
}
