// Losses of the forecast distribution: pinball over the quantiles (Koenker and Bassett 1978), Huber, Student's t.

import type { Tensor } from "../../tensor/index.ts";
import {
  abs,
  add,
  constant,
  div,
  expandDims,
  log,
  maximum,
  minimum,
  mul,
  reduceMean,
  square,
  sub,
} from "../../tensor/index.ts";
import type { DayScores } from "./masked.ts";
import { maskedMean } from "./masked.ts";

export interface QuantileForecast {
  /** (D, S, Q) */
  readonly quantiles: Tensor;
  readonly label: Tensor;
  readonly mask: Tensor;
}

/** Mean over levels of max(τ (y - q), (τ - 1)(y - q)). */
export function pinballLoss(
  { quantiles, label, mask }: QuantileForecast,
  levels: readonly number[],
): Tensor {
  const error = sub(expandDims(label, -1), quantiles); // (D, S, Q)
  const tau = constant(Float32Array.from(levels), [levels.length]);
  const loss = maximum(mul(error, tau), mul(error, sub(tau, 1)));
  return maskedMean(reduceMean(loss, { axes: -1 }), mask);
}

/** Huber (1964): e²/2 up to `delta`, then delta (|e| - delta/2). */
export function huberLoss({ score, label, mask }: DayScores, delta = 1): Tensor {
  const error = abs(sub(label, score));
  const inside = minimum(error, delta);
  const loss = mul(inside, sub(error, mul(inside, 0.5)));
  return maskedMean(loss, mask);
}

/** Negative log-likelihood of Student's t with `freedom` degrees and unit scale, without its constant. */
export function studentLoss({ score, label, mask }: DayScores, freedom = 5): Tensor {
  const error = sub(label, score);
  const loss = mul(log(add(div(square(error), freedom), 1)), (freedom + 1) / 2);
  return maskedMean(loss, mask);
}
