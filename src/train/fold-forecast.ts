// A fold's test sessions forecast with its best weights, and what the network looked at while it did.

import type { Config } from "../config.ts";
import type { TrainConfig } from "../config/train.ts";
import type { Dataset } from "../dataset/index.ts";
import type { Split } from "../dataset/splits/index.ts";
import { ConfigError } from "../errors.ts";
import { type AtftSpec, initAtft } from "../model/atft/index.ts";
import { createRng } from "../rng.ts";
import type { HorizonPredictions, Predictions } from "../runs/index.ts";
import type { StateValue } from "../tensor/index.ts";
import type { SessionSpan } from "./blocks.ts";
import type { CheckpointStore } from "./checkpoint.ts";
import { addExplanation, type Explanation, explanationOf, newExplanation } from "./explain.ts";
import type { PreparedFold } from "./fold-data.ts";
import { spansOf } from "./fold-data.ts";
import { Forecaster } from "./forecaster.ts";
import { type Samples, withTime } from "./samples.ts";

export interface FoldForecast {
  readonly fold: number;
  /** Positions of the test rows in the dataset. */
  readonly rows: Int32Array;
  /** (test rows, K, Q) in units of the label. */
  readonly quantiles: Float32Array;
  readonly features: readonly string[];
  readonly weights: readonly StateValue[];
  readonly notes: Readonly<Record<string, string>>;
  readonly explanation: Explanation;
  /** Of the weights: a phase of a curriculum may have shorter sequences than the configuration. */
  readonly spec: AtftSpec;
}

/** Forecasts the test rows with the best epoch's weights. */
export async function forecastFold(
  dataset: Dataset,
  split: Split,
  { data, scales }: PreparedFold,
  store: CheckpointStore,
  { train, threads }: Config,
): Promise<FoldForecast> {
  const members = await forecastingWeights(store, train);
  const [{ weights, notes }] = members;
  const blocks = train.phases.find(({ name }) => name === notes["phase"]) ?? train.phases[0];
  const samples = withTime(data.samples, blocks.time);
  const { spec } = samples;
  const options = {
    params: initAtft(createRng(0), spec),
    blocks,
    threads: train.safe ? 1 : threads,
    device: train.device,
    peersOn: data.peersOn,
  };
  const forecaster = new Forecaster(samples, { ...options, days: train.batchDays });
  const spans = spansOf(split.test.indices, dataset.rows.sessionOfRow);
  const all = await meanQuantiles(forecaster, members, spans);
  await forecaster.close();
  const width = spec.config.horizons.length * spec.config.quantiles.length;
  const quantiles = new Float32Array(split.test.length * width);
  split.test.indices.forEach((row, i) => {
    for (let j = 0; j < width; j += 1) {
      const { mean, deviation } = scales[Math.floor(j / spec.config.quantiles.length)];
      quantiles[i * width + j] = mean + deviation * all[row * width + j];
    }
  });
  return {
    fold: split.fold,
    rows: split.test.indices,
    quantiles,
    features: spec.features.map(({ name }) => name),
    weights,
    notes,
    explanation: await explain(samples, options, weights, spans.at(-1)?.end ?? 0),
    spec,
  };
}

/** Which weights forecast; the first are those that are saved as the model. */
async function forecastingWeights(
  store: CheckpointStore,
  { forecast, phases }: TrainConfig,
): Promise<readonly Awaited<ReturnType<CheckpointStore["loadWeights"]>>[]> {
  const names = forecast === "snapshots" ? (await store.snapshots()).toReversed() : [forecast];
  const found = names.filter((name) => store.has(name));
  if (found.length === 0) {
    throw new ConfigError(
      `train: the fold kept no ${forecast} weights; set train.${forecast === "swa" ? "swaEpochs" : "snapshots"} above 0`,
    );
  }
  const members = await Promise.all(found.map((name) => store.loadWeights(name)));
  const last = phases[phases.length - 1].name;
  return members.map(({ weights, notes }) => ({ weights, notes: { phase: last, ...notes } }));
}

/** Mean of the members' quantiles: each member's ascend, so their mean does. */
async function meanQuantiles(
  forecaster: Forecaster,
  members: readonly { readonly weights: readonly StateValue[] }[],
  spans: readonly SessionSpan[],
): Promise<Float32Array> {
  let sum: Float32Array | undefined;
  for (const { weights } of members) {
    forecaster.load(weights);
    const own = await forecaster.quantiles(spans);
    sum = sum === undefined ? own : sum.map((value, i) => value + own[i]);
  }
  return (sum ?? new Float32Array(0)).map((value) => value / members.length);
}

/** Weights over the last test sessions: enough for a picture. */
async function explain(
  samples: Samples,
  options: Omit<ConstructorParameters<typeof Forecaster>[1], "days">,
  weights: readonly StateValue[],
  end: number,
): Promise<Explanation> {
  const days = Math.min(5, end);
  const forecaster = new Forecaster(samples, { ...options, days, isExplained: true });
  forecaster.load(weights);
  const sums = newExplanation(samples.spec);
  await forecaster.forEachBlock([{ start: end - days, end }], (forecast) => {
    addExplanation(sums, samples.spec, forecast);
  });
  await forecaster.close();
  return explanationOf(sums, samples.spec);
}

/** All folds' rows as predictions: the median is the score. */
export function predictionsOf(
  dataset: Dataset,
  folds: readonly FoldForecast[],
  { model }: Config,
  labels: readonly string[],
): Predictions {
  const { rows } = dataset;
  const order = folds
    .flatMap(({ rows: own }, fold) => Array.from(own, (row, at) => ({ row, fold, at })))
    .sort((a, b) => a.row - b.row);
  const levels = model.quantiles.length;
  const width = model.horizons.length * levels;
  const median = model.quantiles.indexOf(0.5);
  const horizons = model.horizons.map((horizon, k): HorizonPredictions => {
    const level = (q: number): Float64Array =>
      Float64Array.from(
        order,
        ({ fold, at }) => folds[fold].quantiles[at * width + k * levels + q],
      );
    const label = dataset.labels([labels[k]]).label(labels[k]);
    return {
      horizon,
      score: level(median),
      label: Float64Array.from(order, ({ row }) => label[row]),
      quantiles: model.quantiles.map((_, q) => level(q)),
    };
  });
  return {
    dates: Int32Array.from(order, ({ row }) => rows.dates[rows.sessionOfRow[row]]),
    codes: Int32Array.from(order, ({ row }) => rows.codeOfRow[row]),
    codeNames: rows.codes,
    folds: Int32Array.from(order, ({ fold }) => folds[fold].fold),
    horizons,
    quantileLevels: model.quantiles,
  };
}
