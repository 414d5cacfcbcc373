// Quality of a ranking, session by session: IC, RankIC, stocks compared. Definitions: Grinold and Kahn (2000), alphalens.

import { dayOffsets } from "../runs/predictions.ts";
import { pearson, spearman } from "../stats/index.ts";

/** One entry a session, ascending. */
export interface DailyIc {
  readonly dates: Int32Array;
  /** Stocks with both a score and a label. */
  readonly count: Int32Array;
  /** Pearson correlation of score and label across the session's stocks; NaN below `minStocks` or without variation. */
  readonly ic: Float64Array;
  /** Spearman correlation with average ranks; NaN as `ic`. */
  readonly rankIc: Float64Array;
}

export interface DailyIcOptions {
  /** Fewest stocks a session needs to count. */
  readonly minStocks?: number;
}

/**
 * IC and RankIC of each session. `dates` ascend, one entry a row; `score` and `label` are rows.
 * A row counts when both are finite; a session with fewer than `minStocks` (default 5) such rows is NaN.
 */
export function dailyIc(
  dates: Int32Array,
  score: Float64Array,
  label: Float64Array,
  { minStocks = 5 }: DailyIcOptions = {},
): DailyIc {
  const offsets = dayOffsets(dates);
  const days = offsets.length - 1;
  const result = {
    dates: new Int32Array(days),
    count: new Int32Array(days),
    ic: new Float64Array(days).fill(Number.NaN),
    rankIc: new Float64Array(days).fill(Number.NaN),
  };
  for (let day = 0; day < days; day += 1) {
    const [x, y] = finitePairs(score, label, offsets[day], offsets[day + 1]);
    result.dates[day] = dates[offsets[day]];
    result.count[day] = x.length;
    if (x.length < Math.max(2, minStocks)) continue;
    result.ic[day] = pearson(x, y);
    result.rankIc[day] = spearman(x, y);
  }
  return result;
}

/** The rows of [start, end) where both values are finite, copied. */
export function finitePairs(
  x: Float64Array,
  y: Float64Array,
  start: number,
  end: number,
): [Float64Array, Float64Array] {
  const left = new Float64Array(end - start);
  const right = new Float64Array(end - start);
  let count = 0;
  for (let i = start; i < end; i += 1) {
    if (!Number.isFinite(x[i]) || !Number.isFinite(y[i])) continue;
    left[count] = x[i];
    right[count] = y[i];
    count += 1;
  }
  return [left.subarray(0, count), right.subarray(0, count)];
}
