// Losses of the day-neutral portfolio w = (s - mean) / Σ|s - mean|: Sharpe, turnover, exposure. Gradients flow through w only.

import type { Tensor } from "../../tensor/index.ts";
import {
  abs,
  add,
  div,
  matmul,
  mul,
  neg,
  reduceMean,
  reduceSum,
  slice,
  sqrt,
  square,
  sub,
} from "../../tensor/index.ts";
import type { DayScores } from "./masked.ts";
import { centred } from "./masked.ts";

/** Weights that sum to 0 and whose magnitudes sum to 1 each day, (D, S). */
export function neutralWeights(score: Tensor, mask: Tensor): Tensor {
  const deviation = centred(score, mask);
  const gross = reduceSum(abs(deviation), { axes: 1, keepDims: true });
  return div(deviation, add(gross, 1e-8));
}

/** -mean(pnl) / (deviation(pnl) + ε) over the days given, with pnl = Σ w · label. At least two days. */
export function sharpeLoss({ score, label, mask }: DayScores): Tensor {
  const pnl = reduceSum(mul(neutralWeights(score, mask), label), { axes: 1 }); // (D)
  const mean = reduceMean(pnl);
  const deviation = sqrt(add(reduceMean(square(sub(pnl, mean))), 1e-12));
  return neg(div(mean, add(deviation, 1e-3)));
}

/** Mean over consecutive days of Σ|w_t - w_{t-1}|, in [0, 2]; 0 for one day. */
export function turnoverLoss({ score, mask }: Omit<DayScores, "label">): Tensor {
  const weights = neutralWeights(score, mask);
  const [days] = weights.shape;
  if (days === 1) return mul(reduceSum(weights), 0);
  const change = sub(slice(weights, 0, 1), slice(weights, 0, 0, days - 1));
  return div(reduceSum(abs(change)), days - 1);
}

/** Mean over days of Σ (exposure of the portfolio to each factor)²; `factors` is (S, J). */
export function exposureLoss({ score, mask }: Omit<DayScores, "label">, factors: Tensor): Tensor {
  const exposure = matmul(neutralWeights(score, mask), factors); // (D, J)
  return reduceMean(reduceSum(square(exposure), { axes: 1 }));
}
