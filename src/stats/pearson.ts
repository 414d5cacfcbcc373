// Pearson correlation of two columns as pandas.Series.corr: rows where both have a value.

import { requireLength } from "./arguments.ts";

/**
 * Σ(x − x̄)(y − ȳ) / √(Σ(x − x̄)² Σ(y − ȳ)²) over the rows where neither is NaN, within [−1, 1].
 * NaN with fewer than two such rows or when one side does not vary. Throws ShapeError when lengths differ.
 */
export function pearson(x: Float64Array, y: Float64Array): number {
  requireLength("pearson", "y", x.length, y.length);
  let count = 0;
  let sumX = 0;
  let sumY = 0;
  let firstX = Number.NaN;
  let firstY = Number.NaN;
  let movesX = false;
  let movesY = false;
  for (let i = 0; i < x.length; i += 1) {
    if (x[i] === x[i] && y[i] === y[i]) {
      if (count === 0) {
        firstX = x[i];
        firstY = y[i];
      }
      if (x[i] !== firstX) movesX = true;
      if (y[i] !== firstY) movesY = true;
      count += 1;
      sumX += x[i];
      sumY += y[i];
    }
  }
  if (!(movesX && movesY)) return Number.NaN;
  const meanX = sumX / count;
  const meanY = sumY / count;
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let i = 0; i < x.length; i += 1) {
    if (x[i] === x[i] && y[i] === y[i]) {
      const dx = x[i] - meanX;
      const dy = y[i] - meanY;
      xx += dx * dx;
      yy += dy * dy;
      xy += dx * dy;
    }
  }
  return Math.max(-1, Math.min(1, xy / (Math.sqrt(xx) * Math.sqrt(yy))));
}
