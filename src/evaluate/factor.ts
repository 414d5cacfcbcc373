// A feature judged as if it were a prediction: IC decay over horizons, quantile returns, persistence of its ranks, event windows.

import { openDataset, type Dataset } from "../dataset/index.ts";
import { ConfigError } from "../errors.ts";
import type { Rng } from "../rng.ts";
import type { HorizonPredictions, Predictions } from "../runs/index.ts";
import { mean, orNull } from "../stats/index.ts";
import { groupsOfDataset } from "./dataset-groups.ts";
import { type Evaluation, evaluatePredictions } from "./evaluate.ts";
import { rankAutocorrelation } from "./rank-autocorrelation.ts";

export interface FactorReport {
  readonly factor: string;
  readonly dataset: string;
  readonly predictions: Predictions;
  readonly evaluation: Evaluation;
  /** Mean Spearman correlation of the factor with itself `lag` sessions before. */
  readonly autocorrelation: readonly { readonly lag: number; readonly mean: number | null }[];
  /** Mean one-session return around the day a stock enters the top score quantile, less the session's mean. */
  readonly eventWindow: readonly { readonly offset: number; readonly meanReturn: number | null }[];
}

export interface FactorOptions {
  readonly home: string;
  readonly dataset?: string;
  readonly horizons: readonly number[];
  readonly rng: Rng;
  readonly costBps?: number;
  /** Epoch days to judge, such as those of a run's test folds; all sessions of the dataset when undefined. */
  readonly days?: ReadonlySet<number> | undefined;
}

const eventReach = 10;
const nQuantiles = 10;

/** Evaluates feature `name` of a dataset. Throws ConfigError for a column or horizon it does not have. */
export function evaluateFactor(name: string, options: FactorOptions): FactorReport {
  const { home, rng, costBps = 10 } = options;
  const dataset = openDataset(home, options.dataset);
  const predictions = factorPredictions(dataset, name, options);
  const groups = groupsOfDataset(home, dataset.id, predictions);
  return {
    factor: name,
    dataset: dataset.id,
    predictions,
    evaluation: evaluatePredictions(predictions, { rng, groups, costBps, nQuantiles }),
    autocorrelation: [1, 5, 10, 20].map((lag) => ({
      lag,
      mean: rankAutocorrelation(predictions, lag),
    })),
    eventWindow: eventWindow(dataset, predictions),
  };
}

function factorPredictions(
  dataset: Dataset,
  name: string,
  { horizons, days }: FactorOptions,
): Predictions {
  const known = dataset.manifest.labels.filter(({ kind }) => kind === "price");
  for (const horizon of horizons) {
    if (known.some((label) => label.horizon === horizon)) continue;
    const there = known.map((label) => label.horizon).join(", ");
    throw new ConfigError(`evaluate factor: no label of horizon ${horizon}; there are ${there}`);
  }
  const { rows } = dataset;
  const dates = Int32Array.from(rows.sessionOfRow, (session) => rows.dates[session]);
  const score = Float64Array.from(dataset.features([name]).column(name), (value, row) =>
    days === undefined || days.has(dates[row]) ? value : Number.NaN,
  );
  const labels = dataset.labels(horizons.map((horizon) => `label_${horizon}d`));
  return {
    dates,
    codes: rows.codeOfRow,
    codeNames: rows.codes,
    folds: new Int32Array(rows.count),
    horizons: horizons.map((horizon): HorizonPredictions => ({
      horizon,
      score,
      label: Float64Array.from(labels.label(`label_${horizon}d`)),
      quantiles: [],
    })),
    quantileLevels: [],
  };
}

function eventWindow(dataset: Dataset, predictions: Predictions): FactorReport["eventWindow"] {
  const { rows } = dataset;
  const days = rows.dates.length;
  const returns = new Float64Array(rows.codes.length * days).fill(Number.NaN);
  const label = dataset.labels(["label_1d"]).label("label_1d");
  const excess = excessOfDay(label, rows.dayStart);
  for (let row = 0; row < rows.count; row += 1) {
    returns[rows.codeOfRow[row] * days + rows.sessionOfRow[row]] = excess[row];
  }
  const entries = topEntries(predictions, rows.dayStart);
  return Array.from({ length: 2 * eventReach + 1 }, (_, index) => {
    const offset = index - eventReach;
    const values = entries
      .map(({ code, session }) => ({ code, at: session + offset - 1 }))
      .filter(({ at }) => at >= 0 && at < days)
      .map(({ code, at }) => returns[code * days + at])
      .filter((value) => Number.isFinite(value));
    return { offset, meanReturn: orNull(mean(Float64Array.from(values))) };
  });
}

function excessOfDay(label: Float32Array, dayStart: Int32Array): Float64Array {
  const excess = Float64Array.from(label);
  for (let day = 0; day + 1 < dayStart.length; day += 1) {
    const today = excess.subarray(dayStart[day], dayStart[day + 1]);
    const average = mean(today.filter((value) => Number.isFinite(value)));
    for (let i = 0; i < today.length; i += 1) today[i] -= average;
  }
  return excess;
}

/** Stock-sessions in the top tenth of the factor whose stock was not there in the session before. */
function topEntries(
  { codes, codeNames, horizons }: Predictions,
  dayStart: Int32Array,
): { code: number; session: number }[] {
  const [{ score }] = horizons;
  const entries: { code: number; session: number }[] = [];
  let wasTop: Uint8Array | undefined;
  for (let session = 0; session + 1 < dayStart.length; session += 1) {
    const rows = Array.from(
      { length: dayStart[session + 1] - dayStart[session] },
      (_, i) => dayStart[session] + i,
    )
      .filter((row) => Number.isFinite(score[row]))
      .sort((a, b) => score[b] - score[a] || a - b);
    const isTop = new Uint8Array(codeNames.length);
    for (const row of rows.slice(0, Math.floor(rows.length / nQuantiles))) {
      isTop[codes[row]] = 1;
      if (wasTop?.[codes[row]] === 0) entries.push({ code: codes[row], session });
    }
    wasTop = rows.length > 0 ? isTop : undefined;
  }
  return entries;
}
