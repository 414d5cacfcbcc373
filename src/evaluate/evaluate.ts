// The evaluation of a run: every figure per horizon, out of sample, with its interval, overall and by group.

import { isoDate } from "../calendar/index.ts";
import { hashValue } from "../hash.ts";
import { horizonOf, requirePredictions, type Predictions } from "../runs/predictions.ts";
import type { Rng } from "../rng.ts";
import { calibration, coverage, type Calibration, type Coverage } from "./calibration.ts";
import { dailyIc, type DailyIc } from "./daily.ts";
import { monotonicity, quantileReturns, type QuantileReturns } from "./quantile-returns.ts";
import { orNull } from "../stats/index.ts";
import { summarizeMean, type MeanSummary } from "./significance.ts";

/** Mean daily RankIC of daily equities above this is a suspected leak, and blocks promotion. */
export const plausibilityCeiling = 0.15;

/** A partition of the rows: sector, size class. */
export interface RowGroups {
  readonly name: string;
  /** (rows) position in `labels`, -1 for none. */
  readonly ofRow: Int32Array;
  readonly labels: readonly string[];
}

export interface GroupMetrics {
  readonly group: string;
  readonly rows: number;
  readonly rankIc: MeanSummary;
}

export interface HorizonEvaluation {
  readonly horizon: number;
  readonly rows: number;
  readonly ic: MeanSummary;
  readonly rankIc: MeanSummary;
  readonly spread: MeanSummary;
  readonly netSpread: MeanSummary;
  readonly turnover: number | null;
  /** Mean label of each score quantile, lowest score first, over sessions. */
  readonly quantileMeans: readonly (number | null)[];
  readonly monotonicity: number | null;
  readonly calibration: Calibration;
  readonly coverage: Coverage;
  /** By calendar year, and by each of the groups given. */
  readonly by: Readonly<Record<string, readonly GroupMetrics[]>>;
  /** True when the mean RankIC is above what daily equities can give. */
  readonly implausible: boolean;
  readonly daily: { readonly ic: DailyIc; readonly quantiles: QuantileReturns };
}

export interface Evaluation {
  readonly horizons: readonly HorizonEvaluation[];
  readonly nQuantiles: number;
  readonly costBps: number;
  /** Hash of the figures, daily series left out. */
  readonly hash: string;
}

export interface EvaluateOptions {
  readonly rng: Rng;
  readonly groups?: readonly RowGroups[];
  readonly nQuantiles?: number;
  readonly costBps?: number;
  readonly minStocks?: number;
  readonly nResamples?: number;
}

/** Evaluates out-of-sample predictions. Throws ShapeError when rows are malformed. */
export function evaluatePredictions(
  predictions: Predictions,
  options: EvaluateOptions,
): Evaluation {
  requirePredictions(predictions);
  const { nQuantiles = 10, costBps = 10 } = options;
  const horizons = predictions.horizons.map(({ horizon }) =>
    evaluateHorizon(predictions, horizon, { ...options, nQuantiles, costBps }),
  );
  const figures = horizons.map((entry) => ({ ...entry, daily: undefined }));
  return { horizons, nQuantiles, costBps, hash: hashValue(figures) };
}

type HorizonOptions = EvaluateOptions & { readonly nQuantiles: number; readonly costBps: number };

function evaluateHorizon(
  predictions: Predictions,
  horizon: number,
  options: HorizonOptions,
): HorizonEvaluation {
  const { score, label } = horizonOf(predictions, horizon);
  const { rng, nResamples = 2000 } = options;
  const summarize = (name: string, series: Float64Array): MeanSummary =>
    summarizeMean(series, { horizon, nResamples, rng: rng.split(`${horizon}/${name}`) });
  const ic = dailyIc(predictions.dates, score, label, options);
  const quantiles = quantileReturns(predictions, horizon, options);
  const quantileMeans = quantiles.byQuantile.map((series) => finiteMean(series));
  const rankIc = summarize("rankIc", ic.rankIc);
  return {
    horizon,
    rows: ic.count.reduce((sum, count) => sum + count, 0),
    ic: summarize("ic", ic.ic),
    rankIc,
    spread: summarize("spread", quantiles.spread),
    netSpread: summarize("netSpread", quantiles.netSpread),
    turnover: orNull(finiteMean(quantiles.turnover)),
    quantileMeans: quantileMeans.map(orNull),
    monotonicity: orNull(monotonicity(quantileMeans)),
    calibration: calibration(predictions, horizon),
    coverage: coverage(predictions, horizon),
    by: breakdowns(predictions, horizon, options, summarize),
    implausible: rankIc.mean !== null && Math.abs(rankIc.mean) > plausibilityCeiling,
    daily: { ic, quantiles },
  };
}

function breakdowns(
  predictions: Predictions,
  horizon: number,
  options: HorizonOptions,
  summarize: (name: string, series: Float64Array) => MeanSummary,
): Record<string, GroupMetrics[]> {
  const groups = [yearGroups(predictions.dates), ...(options.groups ?? [])];
  const { score, label } = horizonOf(predictions, horizon);
  return Object.fromEntries(
    groups.map(({ name, ofRow, labels }) => {
      const rowsOf = rowsByGroup(ofRow, labels.length);
      const metrics = labels.map((group, index): GroupMetrics => {
        const rows = rowsOf[index];
        const dates = rows.map((row) => predictions.dates[row]);
        const ic = dailyIc(dates, valuesAt(score, rows), valuesAt(label, rows), options);
        return {
          group,
          rows: ic.count.reduce((sum, count) => sum + count, 0),
          rankIc: summarize(`${name}/${group}`, ic.rankIc),
        };
      });
      return [name, metrics];
    }),
  );
}

/** Rows of each group, ascending. */
function rowsByGroup(ofRow: Int32Array, groups: number): Int32Array[] {
  const counts = new Int32Array(groups);
  for (const group of ofRow) if (group >= 0) counts[group] += 1;
  const rows = Array.from(counts, (count) => new Int32Array(count));
  counts.fill(0);
  for (let row = 0; row < ofRow.length; row += 1) {
    const group = ofRow[row];
    if (group >= 0) rows[group][counts[group]++] = row;
  }
  return rows;
}

function valuesAt(values: Float64Array, rows: Int32Array): Float64Array {
  const out = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i += 1) out[i] = values[rows[i]];
  return out;
}

function yearGroups(dates: Int32Array): RowGroups {
  const yearOfDay = new Map<number, string>();
  for (const day of new Set(dates)) yearOfDay.set(day, isoDate(day).slice(0, 4));
  const labels = [...new Set(yearOfDay.values())].sort();
  const position = new Map(labels.map((label, index) => [label, index]));
  const ofRow = dates.map((day) => position.get(yearOfDay.get(day) ?? "") ?? -1);
  return { name: "year", ofRow, labels };
}

function finiteMean(series: Float64Array): number {
  const values = series.filter((value) => Number.isFinite(value));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
