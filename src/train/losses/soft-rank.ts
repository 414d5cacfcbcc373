// The rank loss: 1 - correlation of soft ranks of the scores with the ranks of the labels, within the day.

import type { Tensor } from "../../tensor/index.ts";
import {
  add,
  cast,
  div,
  equal,
  expandDims,
  greater,
  mul,
  reduceSum,
  sigmoid,
  slice,
  sub,
} from "../../tensor/index.ts";
import type { DayScores } from "./masked.ts";
import { correlationLoss, dayDeviation } from "./masked.ts";

export interface SoftRankOptions {
  /** Temperature as a multiple of the day's deviation of scores; 0.5 unless given. Ranks are exact as it goes to 0. */
  readonly tau?: number;
  /** Stocks compared pair by pair, the first of the day; all unless given. */
  readonly sample?: number;
}

/** 1 - Pearson(soft rank of score, average rank of label): 1 - Spearman as tau goes to 0. */
export function softRankLoss(
  { score, label, mask }: DayScores,
  { tau = 0.5, sample = score.shape[1] }: SoftRankOptions = {},
): Tensor {
  const stocks = Math.min(sample, score.shape[1]);
  const [s, y, m] = [score, label, mask].map((tensor) => slice(tensor, 1, 0, stocks));
  return correlationLoss(softRanks(s, m, tau), ranks(y, m), m);
}

/** rank_i = 1/2 + Σ_j sigmoid((s_i - s_j) / (tau · deviation)) over the known stocks of the day; a stock against itself is 1/2. */
export function softRanks(score: Tensor, mask: Tensor, tau: number): Tensor {
  const scaled = div(score, mul(dayDeviation(score, mask), tau)); // (D, S)
  const wins = sigmoid(sub(expandDims(scaled, 2), expandDims(scaled, 1))); // (D, S, S)
  return add(reduceSum(mul(wins, expandDims(mask, 1)), { axes: 2 }), 0.5);
}

/** Average ranks among the known stocks of the day, from 1; no gradient flows. */
function ranks(label: Tensor, mask: Tensor): Tensor {
  const [own, other] = [expandDims(label, 2), expandDims(label, 1)];
  const below = cast(greater(own, other), "float32");
  const ties = mul(cast(equal(own, other), "float32"), 0.5);
  return add(reduceSum(mul(add(below, ties), expandDims(mask, 1)), { axes: 2 }), 0.5);
}
