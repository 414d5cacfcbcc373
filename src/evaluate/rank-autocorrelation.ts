// How long a score's order lasts: its rank correlation with itself some sessions before (alphalens' factor_rank_autocorrelation).

import { dayOffsets, type Predictions } from "../runs/index.ts";
import { mean, orNull, spearman } from "../stats/index.ts";

/**
 * Mean over sessions of the Spearman correlation between the first horizon's score and its value `lag` sessions before, over
 * the stocks that both have; null where no session has two of them.
 */
export function rankAutocorrelation(predictions: Predictions, lag: number): number | null {
  const { codes, codeNames } = predictions;
  const [{ score }] = predictions.horizons;
  const offsets = dayOffsets(predictions.dates);
  const found: number[] = [];
  const before = new Float64Array(codeNames.length);
  for (let day = lag; day + 1 < offsets.length; day += 1) {
    before.fill(Number.NaN);
    for (let i = offsets[day - lag]; i < offsets[day - lag + 1]; i += 1) {
      before[codes[i]] = score[i];
    }
    const now = score.slice(offsets[day], offsets[day + 1]);
    const today = codes.subarray(offsets[day], offsets[day + 1]);
    const value = spearman(
      now,
      Float64Array.from(today, (code) => before[code]),
    );
    if (Number.isFinite(value)) found.push(value);
  }
  return orNull(mean(Float64Array.from(found)));
}
