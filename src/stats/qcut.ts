// Quantile buckets of one day's values as pandas.qcut(labels=False).

import { PipelineError } from "../errors.ts";
import { requireInteger, requireLength } from "./arguments.ts";
import { quantiles } from "./quantile.ts";

/** Options of `qcut`. */
export interface QcutOptions {
  /** What to do when two edges are equal: "raise" (default) or "drop" one, which leaves fewer buckets. */
  readonly duplicates?: "raise" | "drop";
}

/**
 * Bucket of each value, 0 the least, of `q` buckets between the linear quantiles 0, 1/q, … 1; a value on an edge is in
 * the lower bucket. −1 where the value is NaN. Throws PipelineError when edges repeat and are not to be dropped.
 */
export function qcut(
  values: Float64Array,
  q: number,
  out?: Int32Array,
  { duplicates = "raise" }: QcutOptions = {},
): Int32Array {
  requireInteger("qcut", "q", q, 1);
  const result = out ?? new Int32Array(values.length);
  requireLength("qcut", "out", values.length, result.length);
  const shares = Array.from({ length: q + 1 }, (_, i) => i / q);
  const all = quantiles(values, shares);
  if (Number.isNaN(all[0])) return result.fill(-1);
  const edges = all.filter((edge, i) => i === 0 || edge !== all[i - 1]);
  if (edges.length < all.length && duplicates === "raise") {
    throw new PipelineError(
      `qcut: expected ${q + 1} different edges, found ${edges.length}; pass duplicates: "drop" for fewer buckets`,
    );
  }
  for (let i = 0; i < values.length; i += 1) result[i] = bucketOf(edges, values[i]);
  return result;
}

function bucketOf(edges: Float64Array, value: number): number {
  if (!(value >= edges[0])) return -1;
  let low = 1;
  let high = edges.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[middle] < value) low = middle + 1;
    else high = middle;
  }
  return edges.length === 1 ? -1 : low - 1;
}
