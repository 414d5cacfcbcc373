// Ranking losses of the field: RankNet on pairs, ListNet on the day's distribution; and the sign alone.

import type { Tensor } from "../../tensor/index.ts";
import {
  add,
  cast,
  div,
  expandDims,
  greater,
  logSoftmax,
  maximum,
  mul,
  neg,
  reduceMean,
  reduceSum,
  relu,
  slice,
  softmax,
  softplus,
  sub,
} from "../../tensor/index.ts";
import type { DayScores } from "./masked.ts";
import { dayDeviation, maskedMean } from "./masked.ts";

/** RankNet (Burges et al. 2005): mean of log(1 + e^(s_j - s_i)) over pairs with y_i > y_j, of the first `sample` stocks. */
export function rankNetLoss(
  { score, label, mask }: DayScores,
  { sample = score.shape[1] }: { readonly sample?: number } = {},
): Tensor {
  const stocks = Math.min(sample, score.shape[1]);
  const [s, y, m] = [score, label, mask].map((tensor) => slice(tensor, 1, 0, stocks));
  const wins = cast(greater(expandDims(y, 2), expandDims(y, 1)), "float32");
  const pairs = mul(mul(wins, expandDims(m, 2)), expandDims(m, 1)); // (D, S, S)
  const loss = softplus(sub(expandDims(s, 1), expandDims(s, 2)));
  return div(reduceSum(mul(loss, pairs)), maximum(reduceSum(pairs), 1));
}

/** ListNet (Cao et al. 2007): cross entropy of the softmax of scores against that of labels, mean over days. */
export function listNetLoss({ score, label, mask }: DayScores): Tensor {
  const hidden = mul(sub(mask, 1), 1e9);
  const target = mul(softmax(add(label, hidden), 1), mask);
  const logs = logSoftmax(add(score, hidden), 1);
  return neg(reduceMean(reduceSum(mul(target, mul(logs, mask)), { axes: 1 })));
}

/** Binary cross entropy of sigmoid(score) against the sign of the label. */
export function directionLoss({ score, label, mask }: DayScores): Tensor {
  const up = cast(greater(label, 0), "float32");
  return maskedMean(sub(softplus(score), mul(score, up)), mask);
}

/** How far each day's deviation of scores lies below `floor`: keeps forecasts from collapsing to a constant. */
export function varianceFloorLoss({ score, mask }: Omit<DayScores, "label">, floor = 0.1): Tensor {
  return reduceMean(relu(sub(floor, dayDeviation(score, mask))));
}
