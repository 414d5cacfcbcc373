// Rank across one day's values as pandas.Series.rank(method="average").

import { outputFor } from "./arguments.ts";
import { ascendingOrder } from "./order.ts";

/** Options of `rank`. */
export interface RankOptions {
  /** Ranks as shares of the number of values, in (0, 1]; default false: 1 to that number. */
  readonly pct?: boolean;
}

/**
 * Rank of each value, 1 the least; equal values share the mean of their ranks (−0 equals 0, ±Infinity are values).
 * NaN where the value is NaN. `out` may be `values` itself.
 */
export function rank(
  values: Float64Array,
  out?: Float64Array,
  { pct = false }: RankOptions = {},
): Float64Array {
  const result = outputFor("rank", values.length, out);
  const { positions, count } = ascendingOrder(values);
  if (count < values.length) {
    for (let i = 0; i < values.length; i += 1) if (values[i] !== values[i]) result[i] = Number.NaN;
  }
  const divisor = pct ? count : 1;
  let from = 0;
  while (from < count) {
    const value = values[positions[from]];
    let to = from + 1;
    while (to < count && values[positions[to]] === value) to += 1;
    const shared = (from + 1 + to) / 2 / divisor;
    for (let i = from; i < to; i += 1) result[positions[i]] = shared;
    from = to;
  }
  return result;
}
