// Is one run better than another: paired differences of the daily RankIC on the sessions both have.
// Diebold and Mariano (1995) with the small-sample correction of Harvey, Leybourne and Newbold (1997).

import { ShapeError } from "../errors.ts";
import type { Rng } from "../rng.ts";
import { mean, orNull, studentTCdf } from "../stats/index.ts";
import type { HorizonEvaluation } from "./evaluate.ts";
import { type MeanSummary, summarizeMean } from "./significance.ts";

export interface DieboldMariano {
  readonly statistic: number | null;
  /** Two-sided p value of Student's t with n − 1 degrees of freedom. */
  readonly pValue: number | null;
}

export interface RunComparison {
  readonly horizon: number;
  /** Sessions where both runs have a RankIC. */
  readonly sessions: number;
  readonly left: number | null;
  readonly right: number | null;
  /** Left less right, with its bootstrap interval. */
  readonly difference: MeanSummary;
  readonly dieboldMariano: DieboldMariano;
}

/** Compares two evaluations of one horizon. Throws ShapeError when the horizons differ. */
export function compareRuns(
  left: HorizonEvaluation,
  right: HorizonEvaluation,
  rng: Rng,
): RunComparison {
  if (left.horizon !== right.horizon) {
    throw new ShapeError(`compareRuns: horizons ${left.horizon} and ${right.horizon} differ`);
  }
  const rightByDate = new Map(
    Array.from(right.daily.ic.dates, (date, index) => [date, right.daily.ic.rankIc[index]]),
  );
  const pairs = Array.from(left.daily.ic.dates, (date, index): [number, number] => [
    left.daily.ic.rankIc[index],
    rightByDate.get(date) ?? Number.NaN,
  ]).filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b));
  const differences = Float64Array.from(pairs, ([a, b]) => a - b);
  return {
    horizon: left.horizon,
    sessions: pairs.length,
    left: orNull(mean(Float64Array.from(pairs, ([a]) => a))),
    right: orNull(mean(Float64Array.from(pairs, ([, b]) => b))),
    difference: summarizeMean(differences, { horizon: left.horizon, rng }),
    dieboldMariano: dieboldMariano(differences, left.horizon),
  };
}

/**
 * Diebold-Mariano statistic of a series of loss differences, h-step forecasts: the variance takes autocovariances up to
 * lag h − 1, all with weight 1; null when that variance is not above 0 or with fewer than h + 1 sessions.
 */
export function dieboldMariano(differences: Float64Array, horizon: number): DieboldMariano {
  const n = differences.length;
  if (n <= horizon) return { statistic: null, pValue: null };
  const average = mean(differences);
  let variance = 0;
  for (let lag = 0; lag < horizon; lag += 1) {
    let covariance = 0;
    for (let t = lag; t < n; t += 1) {
      covariance += (differences[t] - average) * (differences[t - lag] - average);
    }
    variance += ((lag === 0 ? 1 : 2) * covariance) / n;
  }
  if (!(variance > 0)) return { statistic: null, pValue: null };
  const correction = Math.sqrt((n + 1 - 2 * horizon + (horizon * (horizon - 1)) / n) / n);
  const statistic = (correction * average) / Math.sqrt(variance / n);
  return { statistic, pValue: 2 * (1 - studentTCdf(Math.abs(statistic), n - 1)) };
}
