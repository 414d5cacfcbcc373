// Kendall's rank correlation, tau-b, as scipy.stats.kendalltau, in O(n log n) by counting exchanges (Knight 1966).

import { requireLength } from "./arguments.ts";
import { ascendingOrder } from "./order.ts";
import { rank } from "./rank.ts";

/**
 * (concordant − discordant) / √((pairs − ties in x)(pairs − ties in y)) over the rows where neither is NaN.
 * NaN with fewer than two such rows or when one side does not vary. Throws ShapeError when lengths differ.
 */
export function kendall(x: Float64Array, y: Float64Array): number {
  requireLength("kendall", "y", x.length, y.length);
  const rows = [...x.keys()].filter((i) => !Number.isNaN(x[i]) && !Number.isNaN(y[i]));
  const count = rows.length;
  const rankX = rank(Float64Array.from(rows, (row) => x[row]));
  const rankY = rank(Float64Array.from(rows, (row) => y[row]));
  const keys = rankX.map((value, i) => value * 4 * count + rankY[i]);
  const order = ascendingOrder(keys).positions.slice(0, count);
  const pairs = (count * (count - 1)) / 2;
  const tiesX = tiedPairs(rankX.toSorted());
  const tiesY = tiedPairs(rankY.toSorted());
  const tiesBoth = tiedPairs(Float64Array.from(order, (i) => keys[i]));
  const exchanges = countExchanges(Float64Array.from(order, (i) => rankY[i]));
  const balance = pairs - tiesX - tiesY + tiesBoth - 2 * exchanges;
  const scale = Math.sqrt(pairs - tiesX) * Math.sqrt(pairs - tiesY);
  return scale > 0 ? Math.max(-1, Math.min(1, balance / scale)) : Number.NaN;
}

/** Pairs of equal values in an ascending array. */
function tiedPairs(sorted: Float64Array): number {
  let pairs = 0;
  let run = 0;
  for (let i = 1; i < sorted.length; i += 1) {
    run = sorted[i] === sorted[i - 1] ? run + 1 : 0;
    pairs += run;
  }
  return pairs;
}

/** Pairs that stand in descending order, by bottom-up merge sort. Sorts `values`. */
function countExchanges(values: Float64Array): number {
  let from = values;
  let to: Float64Array = new Float64Array(values.length);
  let exchanges = 0;
  for (let width = 1; width < values.length; width *= 2) {
    for (let start = 0; start < values.length; start += 2 * width) {
      exchanges += merge(from, to, start, width);
    }
    [from, to] = [to, from];
  }
  return exchanges;
}

function merge(from: Float64Array, to: Float64Array, start: number, width: number): number {
  const middle = Math.min(start + width, from.length);
  const end = Math.min(start + 2 * width, from.length);
  let left = start;
  let right = middle;
  let exchanges = 0;
  for (let i = start; i < end; i += 1) {
    if (left < middle && (right >= end || from[left] <= from[right])) {
      to[i] = from[left];
      left += 1;
    } else {
      to[i] = from[right];
      right += 1;
      exchanges += middle - left;
    }
  }
  return exchanges;
}
