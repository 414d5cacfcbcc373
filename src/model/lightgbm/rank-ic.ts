// Mean daily RankIC as a model's stopping rule: Spearman with average ranks, session by session, from ranks kept of the labels.

import { pearson, rank } from "../../stats/index.ts";

/** Labels of validation or test rows, ranked once so that many scores can be held against them. */
export interface RankedLabels {
  /** (sessions + 1) start of each session's rows. */
  readonly offsets: Int32Array;
  /** (rows) rank of the label within its session; NaN where unknown. */
  readonly ranks: Float64Array;
}

/** Ranks `label` (rows) within each session. */
export function rankLabels(label: ArrayLike<number>, offsets: Int32Array): RankedLabels {
  const ranks = Float64Array.from(label);
  for (let day = 0; day + 1 < offsets.length; day += 1) {
    const session = ranks.subarray(offsets[day], offsets[day + 1]);
    rank(session, session);
  }
  return { offsets, ranks };
}

/** Mean over sessions of the rank correlation of `scores` (rows) with the labels; NaN where no session varies. */
export function meanRankIc(scores: Float64Array, { offsets, ranks }: RankedLabels): number {
  let sum = 0;
  let days = 0;
  for (let day = 0; day + 1 < offsets.length; day += 1) {
    const labels = ranks.subarray(offsets[day], offsets[day + 1]);
    const known = scores
      .slice(offsets[day], offsets[day + 1])
      .map((score, i) => (Number.isNaN(labels[i]) ? Number.NaN : score));
    const ic = pearson(rank(known, known), labels);
    if (Number.isNaN(ic)) continue;
    sum += ic;
    days += 1;
  }
  return sum / days;
}

/** Start of each run of equal sessions and the row count at the end. */
export function offsetsOf(sessions: ArrayLike<number>): Int32Array {
  const starts: number[] = [];
  for (let i = 0; i < sessions.length; i += 1) {
    if (i === 0 || sessions[i] !== sessions[i - 1]) starts.push(i);
  }
  return Int32Array.from([...starts, sessions.length]);
}
