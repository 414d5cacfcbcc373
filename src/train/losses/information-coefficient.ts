// The information coefficient as a loss.

import type { Tensor } from "../../tensor/index.ts";
import type { DayScores } from "./masked.ts";
import { correlationLoss } from "./masked.ts";

/** 1 - the mean over days of Pearson(score, label) within the day. */
export function icLoss({ score, label, mask }: DayScores): Tensor {
  return correlationLoss(score, label, mask);
}
