// Sums and moments over the stocks of a day whose return is known: an unknown label has no weight and no gradient.

import type { Tensor } from "../../tensor/index.ts";
import { add, div, maximum, mul, reduceSum, sqrt, square, sub } from "../../tensor/index.ts";

/** What every loss reads: D sessions of S stocks. */
export interface DayScores {
  /** (D, S) higher means a higher expected return. */
  readonly score: Tensor;
  /** (D, S) standardised labels, any number where `mask` is 0. */
  readonly label: Tensor;
  /** (D, S) 1 where the label is known, else 0. */
  readonly mask: Tensor;
}

/** Σ x·mask / Σ mask over everything; 0 where nothing is known. */
export function maskedMean(x: Tensor, mask: Tensor): Tensor {
  return div(reduceSum(mul(x, mask)), maximum(reduceSum(mask), 1));
}

/** Mean over the stocks of each day, (D, 1). */
export function dayMean(x: Tensor, mask: Tensor): Tensor {
  const count = maximum(reduceSum(mask, { axes: 1, keepDims: true }), 1);
  return div(reduceSum(mul(x, mask), { axes: 1, keepDims: true }), count);
}

/** Deviations from the day's mean, 0 where masked, (D, S). */
export function centred(x: Tensor, mask: Tensor): Tensor {
  return mul(sub(x, dayMean(x, mask)), mask);
}

/** Standard deviation over the stocks of each day, (D, 1). */
export function dayDeviation(x: Tensor, mask: Tensor): Tensor {
  return sqrt(add(dayMean(square(centred(x, mask)), mask), 1e-12));
}

/** 1 - the mean over days of the day's Pearson correlation of `a` and `b`; days with fewer than two stocks count as 0. */
export function correlationLoss(a: Tensor, b: Tensor, mask: Tensor): Tensor {
  const [x, y] = [centred(a, mask), centred(b, mask)];
  const total = (tensor: Tensor): Tensor => reduceSum(tensor, { axes: 1 }); // (D)
  const scale = sqrt(add(mul(total(square(x)), total(square(y))), 1e-12));
  const correlation = div(total(mul(x, y)), scale); // (D)
  return sub(1, div(reduceSum(correlation), correlation.size));
}
