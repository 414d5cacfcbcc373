// The training loss: each term over all horizons, weighted as the phase says.

import type { LossWeights } from "../../config/train.ts";
import type { Tensor } from "../../tensor/index.ts";
import { add, at, mul } from "../../tensor/index.ts";
import { icLoss } from "./information-coefficient.ts";
import type { DayScores } from "./masked.ts";
import { directionLoss, listNetLoss, rankNetLoss, varianceFloorLoss } from "./pairs.ts";
import { huberLoss, pinballLoss, studentLoss } from "./pinball.ts";
import { sharpeLoss, turnoverLoss } from "./portfolio.ts";
import { softRankLoss } from "./soft-rank.ts";

export interface LossInput {
  /** (D, S, K, Q) */
  readonly quantiles: Tensor;
  /** (D, S, K) standardised labels, any number where unknown. */
  readonly labels: Tensor;
  /** (D, S, K) 1 where the label is known. */
  readonly known: Tensor;
}

export interface LossOptions {
  readonly weights: LossWeights;
  readonly levels: readonly number[];
  /** One weight a horizon. */
  readonly horizonWeights: readonly number[];
  /** Stocks that pairwise terms compare. */
  readonly pairSample: number;
}

/** The weighted sum, and each term summed over horizons under its name. */
export function totalLoss(
  { quantiles, labels, known }: LossInput,
  { weights, levels, horizonWeights, pairSample }: LossOptions,
): { readonly loss: Tensor; readonly terms: Readonly<Record<string, Tensor>> } {
  const median = levels.indexOf(0.5);
  const terms = new Map<string, Tensor>();
  const sample = { sample: pairSample };
  horizonWeights.forEach((horizonWeight, k) => {
    if (horizonWeight === 0) return;
    const own = at(quantiles, 2, k); // (D, S, Q)
    const label = at(labels, 2, k); // (D, S)
    const mask = at(known, 2, k);
    const day: DayScores = { score: at(own, 2, median), label, mask };
    const losses: Readonly<Record<keyof LossWeights, () => Tensor>> = {
      quantile: () => pinballLoss({ quantiles: own, label, mask }, levels),
      huber: () => huberLoss(day),
      rank: () => softRankLoss(day, sample),
      ic: () => icLoss(day),
      sharpe: () => sharpeLoss(day),
      rankNet: () => rankNetLoss(day, sample),
      listNet: () => listNetLoss(day),
      turnover: () => turnoverLoss(day),
      varianceFloor: () => varianceFloorLoss(day),
      direction: () => directionLoss(day),
      student: () => studentLoss(day),
    };
    for (const [name, loss] of Object.entries(losses)) {
      if ((weightOf(weights, name) ?? 0) === 0) continue;
      const term = mul(loss(), horizonWeight);
      const before = terms.get(name);
      terms.set(name, before === undefined ? term : add(before, term));
    }
  });
  const weighted = [...terms].map(([name, term]) => mul(term, weightOf(weights, name) ?? 0));
  return { loss: weighted.reduce(add), terms: Object.fromEntries(terms) };
}

function weightOf(weights: LossWeights, name: string): number | undefined {
  return new Map(Object.entries(weights)).get(name);
}
