// Quantile of one column as pandas.Series.quantile: linear between the two nearest values (Hyndman and Fan type 7).

import { ShapeError } from "../errors.ts";
import { ascendingOrder } from "./order.ts";

/** Quantile `q` in [0, 1] of the values that are not NaN; NaN when there are none. */
export function quantile(values: Float64Array, q: number): number {
  return quantiles(values, [q])[0];
}

/** Median of the values that are not NaN; NaN when there are none. */
export function median(values: Float64Array): number {
  return quantile(values, 0.5);
}

/** Several quantiles in one sort. Throws ShapeError when one is outside [0, 1]. */
export function quantiles(values: Float64Array, qs: readonly number[]): Float64Array {
  const { positions, count } = ascendingOrder(values);
  return Float64Array.from(qs, (q) => {
    if (!(q >= 0 && q <= 1)) throw new ShapeError(`quantiles: q must be in [0, 1], found ${q}`);
    if (count === 0) return Number.NaN;
    const place = q * (count - 1);
    const below = Math.floor(place);
    const low = values[positions[below]];
    if (place === below) return low;
    const high = values[positions[below + 1]];
    const share = place - below;
    return share < 0.5 ? low + (high - low) * share : high - (high - low) * (1 - share);
  });
}
