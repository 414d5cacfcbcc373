// Forecasts of one session with a saved model: rank, quantiles, uncertainty.

import { isoDate } from "../calendar/index.ts";
import type { Dataset } from "../dataset/index.ts";
import { ArtifactError, ConfigError } from "../errors.ts";
import type { AtftSpec } from "../model/atft/index.ts";
import { initAtft } from "../model/atft/index.ts";
import { createRng } from "../rng.ts";
import { rank } from "../stats/index.ts";
import type { PeersOn } from "./feed.ts";
import { forecastSamples } from "./fold-data.ts";
import type { BlockForecast } from "./forecaster.ts";
import { Forecaster } from "./forecaster.ts";
import type { TrainedModel } from "./model-file.ts";

export interface DayForecastOptions {
  readonly dataset: Dataset;
  readonly model: TrainedModel;
  /** Epoch day; a session of the dataset. */
  readonly date: number;
  readonly peersOn?: PeersOn | undefined;
  readonly threads: number;
  /** Forecasts with dropout on, whose deviation is the uncertainty; 0: none. */
  readonly draws?: number;
}

/** One stock's forecast at one horizon. */
export interface StockForecast {
  readonly code: string;
  readonly horizon: number;
  /** 1 is the highest score of the session. */
  readonly rank: number;
  /** In units of the label, ascending. */
  readonly quantiles: readonly number[];
  /** Deviation of the median over the draws; null without draws. */
  readonly uncertainty: number | null;
  /** The three features that the selection weighed most for the stock that day. */
  readonly reasons: readonly string[];
}

/** Forecasts of every stock that has a row on the session, best first. Throws ConfigError where the dataset has no such session. */
export async function predictDay(options: DayForecastOptions): Promise<StockForecast[]> {
  const { dataset, model, date, peersOn, threads, draws = 0 } = options;
  const session = dataset.rows.dates.indexOf(date);
  if (session < 0) {
    const last = isoDate(dataset.rows.dates[dataset.rows.dates.length - 1]);
    throw new ConfigError(
      `predict: dataset ${dataset.id} has no session ${isoDate(date)}; its last is ${last}; build it further or choose another --date`,
    );
  }
  requireFeatures(dataset, model);
  const samples = forecastSamples(dataset, model.spec, model.transform);
  const common = {
    params: initAtft(createRng(0), model.spec),
    blocks: model.blocks,
    days: 1,
    threads,
    device: "cpu" as const,
    peersOn,
  };
  const span = [{ start: session, end: session + 1 }];
  const forecaster = new Forecaster(samples, { ...common, isExplained: true });
  forecaster.load(model.weights);
  const quantiles = await forecaster.quantiles(span);
  const reasons = new Map<number, readonly string[]>();
  await forecaster.forEachBlock(span, (forecast) => {
    noteReasons(reasons, model.spec, forecast);
  });
  await forecaster.close();
  const drawn: Float32Array[] = [];
  if (draws > 0) {
    const noisy = new Forecaster(samples, { ...common, rng: createRng(model.id) });
    noisy.load(model.weights);
    for (let i = 0; i < draws; i += 1) drawn.push(await noisy.quantiles(span));
    await noisy.close();
  }
  const { dayStart } = dataset.rows;
  const rows = Int32Array.from(
    { length: dayStart[session + 1] - dayStart[session] },
    (_, i) => dayStart[session] + i,
  );
  return model.spec.config.horizons.flatMap((horizon, k) =>
    horizonForecasts(options, rows, { horizon, k, quantiles, drawn, reasons }),
  );
}

function horizonForecasts(
  { dataset, model }: DayForecastOptions,
  rows: Int32Array,
  {
    horizon,
    k,
    quantiles,
    drawn,
    reasons,
  }: {
    horizon: number;
    k: number;
    quantiles: Float32Array;
    drawn: readonly Float32Array[];
    reasons: ReadonlyMap<number, readonly string[]>;
  },
): StockForecast[] {
  const { config } = model.spec;
  const levels = config.quantiles.length;
  const { mean, deviation } = model.scales[k];
  const place = (row: number): number => (row * config.horizons.length + k) * levels;
  const median = config.quantiles.indexOf(0.5);
  const scores = Float64Array.from(rows, (row) => -quantiles[place(row) + median]);
  const ranks = rank(scores, new Float64Array(rows.length));
  const forecasts = Array.from(rows, (row, i): StockForecast => ({
    code: dataset.rows.codes[dataset.rows.codeOfRow[row]],
    horizon,
    rank: ranks[i],
    quantiles: config.quantiles.map((_, q) => mean + deviation * quantiles[place(row) + q]),
    uncertainty:
      drawn.length < 2
        ? null
        : deviation * deviationOf(drawn.map((values) => values[place(row) + median])),
    reasons: reasons.get(dataset.rows.codeOfRow[row]) ?? [],
  }));
  return forecasts.sort((a, b) => a.rank - b.rank);
}

/** The last position of the selection's first axis is the session that is forecast. */
function noteReasons(
  reasons: Map<number, readonly string[]>,
  { features }: AtftSpec,
  { block, stocks, outputs }: BlockForecast,
): void {
  const { selection } = outputs;
  if (!(selection instanceof Float32Array)) return;
  const width = features.length;
  const first = selection.length - stocks * width;
  block.stocks.forEach((code, slot) => {
    const own = selection.subarray(first + slot * width, first + (slot + 1) * width);
    const order = features.map((_, i) => i).sort((a, b) => own[b] - own[a]);
    reasons.set(
      code,
      order.slice(0, 3).map((i) => features[i].name),
    );
  });
}

function deviationOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

function requireFeatures({ id, featureNames }: Dataset, model: TrainedModel): void {
  const known = new Set(featureNames);
  const missing = model.spec.features.filter(({ name }) => !known.has(name));
  if (missing.length === 0) return;
  throw new ArtifactError(
    `predict: dataset ${id} lacks ${missing.length} features of model ${model.id}: ${missing
      .slice(0, 5)
      .map(({ name }) => name)
      .join(", ")}; build it with the model's feature set`,
  );
}
