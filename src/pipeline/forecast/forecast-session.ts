// Forecasts of one session with a model of the registry: a network with its quantiles, or LightGBM's scores; both with reasons.

import { epochDay, isoDate } from "../../calendar/index.ts";
import { type Dataset, datasetHash } from "../../dataset/index.ts";
import { ConfigError } from "../../errors.ts";
import type { OnProgress } from "../../progress.ts";
import { readModel } from "../../runs/index.ts";
import { rank } from "../../stats/index.ts";
import { datasetPeers, loadModel, predictDay, type StockForecast } from "../../train/index.ts";
import { forecastTrees, loadTrees } from "../trees/index.ts";

export interface ForecastSessionOptions {
  readonly home: string;
  readonly dataset: Dataset;
  /** Id of a model in `<home>/models`. */
  readonly model: string;
  /** Epoch day of a session of the dataset; default its last. */
  readonly date?: number | undefined;
  /** LightGBM models: path of its native library, which computes their reasons; without it they have none. */
  readonly library?: string | undefined;
  /** Networks: forecasts with dropout whose deviation is the uncertainty; default none. */
  readonly draws?: number;
  readonly threads?: number;
  readonly onProgress: OnProgress;
}

/** One stock's forecast at one horizon; quantiles and uncertainty are a network's. */
export interface SessionStock extends StockForecast {
  /** What the ranks are of: a network's median, else the trees' score, which has no unit. */
  readonly score: number;
}

export interface SessionForecast {
  readonly model: string;
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly dataset: string;
  readonly datasetHash: string;
  /** Levels of the quantiles, ascending; empty for a model that gives a score alone. */
  readonly levels: readonly number[];
  /** Horizon by horizon, best first. */
  readonly forecasts: readonly SessionStock[];
}

/**
 * Throws ConfigError where the dataset has no such session, ArtifactError for a model whose files changed or whose columns the
 * dataset lacks.
 */
export async function forecastSession(options: ForecastSessionOptions): Promise<SessionForecast> {
  const { home, dataset } = options;
  const { kind } = await readModel(home, options.model);
  const { dates } = dataset.rows;
  const day = options.date ?? dates[dates.length - 1];
  const date = isoDate(day);
  if (!dates.includes(day)) {
    throw new ConfigError(
      `predict: dataset ${dataset.id} has no session ${date}; its last is ${isoDate(dates[dates.length - 1])}; build it further or choose another --date`,
    );
  }
  const made = kind === "lightgbm" ? await byTrees(options, date) : await byNetwork(options, day);
  const origin = { dataset: dataset.id, datasetHash: datasetHash(dataset.manifest) };
  return { model: options.model, date, ...origin, ...made };
}

type Made = Pick<SessionForecast, "levels" | "forecasts">;

async function byNetwork(options: ForecastSessionOptions, date: number): Promise<Made> {
  const { home, dataset, draws = 0, threads = 0, onProgress } = options;
  const model = await loadModel(home, options.model);
  const { config } = model.spec;
  const peersOn = model.blocks.graph
    ? await datasetPeers(dataset, config, {
        home,
        datasetHash: datasetHash(dataset.manifest),
        onMonth: (done, total) => onProgress({ stage: "correlation graphs", done, total }),
      })
    : undefined;
  const forecasts = await predictDay({ dataset, model, date, peersOn, threads, draws });
  const levels = config.quantiles;
  const middle = Math.max(0, levels.indexOf(0.5));
  return {
    levels,
    forecasts: forecasts.map((stock) => ({ ...stock, score: stock.quantiles[middle] })),
  };
}

async function byTrees(
  { home, dataset, model, library }: ForecastSessionOptions,
  date: string,
): Promise<Made> {
  const trees = await loadTrees(home, model);
  const { dates, dayStart, codes, codeOfRow } = dataset.rows;
  const session = dates.indexOf(epochDay(date));
  const made = await forecastTrees(dataset, trees, { session, library });
  const forecasts = [...made].flatMap(([horizon, { scores, reasons }]) => {
    const ranks = rank(Float64Array.from(scores, (value) => -value));
    const stocks = Array.from(scores, (score, i): SessionStock => ({
      code: codes[codeOfRow[dayStart[session] + i]],
      horizon,
      rank: ranks[i],
      score,
      quantiles: [],
      uncertainty: null,
      reasons: reasons[i] ?? [],
    }));
    return stocks.sort((a, b) => a.rank - b.rank);
  });
  return { levels: [], forecasts };
}
