// Spearman's rank correlation as pandas.Series.corr(method="spearman"): Pearson on average ranks.

import { requireLength } from "./arguments.ts";
import { pearson } from "./pearson.ts";
import { rank } from "./rank.ts";

/**
 * Pearson correlation of the average ranks over the rows where neither is NaN.
 * NaN with fewer than two such rows or when one side does not vary. Throws ShapeError when lengths differ.
 */
export function spearman(x: Float64Array, y: Float64Array): number {
  requireLength("spearman", "y", x.length, y.length);
  const pairedX = Float64Array.from(x);
  const pairedY = Float64Array.from(y);
  for (let i = 0; i < x.length; i += 1) {
    if (x[i] !== x[i]) pairedY[i] = Number.NaN;
    if (y[i] !== y[i]) pairedX[i] = Number.NaN;
  }
  return pearson(rank(pairedX, pairedX), rank(pairedY, pairedY));
}
