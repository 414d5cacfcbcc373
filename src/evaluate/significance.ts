// How sure a mean over sessions is: Newey-West t and a moving-block bootstrap interval (Künsch 1989).

import type { Rng } from "../rng.ts";
import {
  mean,
  movingBlockBootstrap,
  neweyWestLags,
  neweyWestMean,
  orNull,
  std,
} from "../stats/index.ts";

/** Null where the figure is not defined; never 0 in its place. */
export interface MeanSummary {
  readonly mean: number | null;
  readonly std: number | null;
  /** mean / std, not annualised. */
  readonly icir: number | null;
  /** Sessions with a value. */
  readonly sessions: number;
  /** t of the mean with Newey-West standard error; lags at least horizon − 1. */
  readonly tStat: number | null;
  /** Two-sided bootstrap interval of the mean at `level`; null below ten sessions or two label spans. */
  readonly interval: readonly [number, number] | null;
  readonly level: number;
  /** Share of sessions above 0. */
  readonly positiveShare: number | null;
}

export interface SummaryOptions {
  /** Sessions a label spans: overlapping labels need lags and blocks at least as long. */
  readonly horizon: number;
  readonly rng: Rng;
  readonly nResamples?: number;
  readonly level?: number;
}

const fewestForInterval = 10;

/** Summary of a daily series, oldest first; entries that are not finite are left out. */
export function summarizeMean(
  series: Float64Array,
  { horizon, rng, nResamples = 2000, level = 0.95 }: SummaryOptions,
): MeanSummary {
  const values = series.filter((value) => Number.isFinite(value));
  const sessions = values.length;
  const lags = Math.max(horizon - 1, neweyWestLags(sessions));
  return {
    mean: orNull(mean(values)),
    std: orNull(std(values)),
    icir: orNull(mean(values) / std(values)),
    sessions,
    tStat: sessions > lags + 1 ? orNull(neweyWestMean(values, { lags }).tStatistic) : null,
    interval: meanInterval(values, { horizon, rng, nResamples, level }),
    level,
    positiveShare: orNull(values.filter((value) => value > 0).length / sessions),
  };
}

function meanInterval(
  values: Float64Array,
  { horizon, rng, nResamples, level }: Required<SummaryOptions>,
): readonly [number, number] | null {
  if (values.length < Math.max(fewestForInterval, 2 * horizon)) return null;
  const blockLength = Math.max(horizon, Math.ceil(Math.cbrt(values.length)));
  const options = { rng, nResamples, blockLength, confidence: level };
  const { lower, upper } = movingBlockBootstrap(values, mean, options);
  return [lower, upper];
}
