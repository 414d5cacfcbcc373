// The network's forecasts of the last session of a dataset: the strongest on both sides, with their reasons.

import { isoDate } from "../../calendar/index.ts";
import type { Dataset } from "../../dataset/index.ts";
import type { OnProgress } from "../../progress.ts";
import { datasetHashOf, datasetPeers, loadModel, predictDay } from "../../train/index.ts";

export interface ForecastRow {
  readonly rank: number;
  readonly code: string;
  readonly median: number;
  /** The lowest and highest quantile of the model. */
  readonly low: number;
  readonly high: number;
  readonly reasons: readonly string[];
}

export interface DayForecast {
  readonly date: string;
  readonly horizon: number;
  /** The ten best and the ten worst. */
  readonly top: readonly ForecastRow[];
}

export interface DayForecastOptions {
  readonly home: string;
  readonly dataset: Dataset;
  /** Id of a trained network. */
  readonly model: string;
  readonly onProgress: OnProgress;
}

const shown = 10;

/** Forecasts the last session at the model's first horizon. */
export async function forecastOf(options: DayForecastOptions): Promise<DayForecast> {
  const { home, dataset, onProgress } = options;
  const model = await loadModel(home, options.model);
  const { dates } = dataset.rows;
  const date = dates[dates.length - 1];
  const peersOn = model.blocks.graph
    ? await datasetPeers(dataset, model.spec.config, {
        home,
        datasetHash: datasetHashOf(dataset),
        onMonth: (done, total) => onProgress({ stage: "correlation graphs", done, total }),
      })
    : undefined;
  const [horizon] = model.spec.config.horizons;
  const forecasts = await predictDay({ dataset, model, date, peersOn, threads: 0, draws: 0 });
  const rows = forecasts
    .filter((forecast) => forecast.horizon === horizon)
    .map(({ rank, code, quantiles, reasons }): ForecastRow => ({
      rank,
      code,
      median: quantiles[Math.floor(quantiles.length / 2)],
      low: quantiles[0],
      high: quantiles[quantiles.length - 1],
      reasons,
    }))
    .sort((a, b) => a.rank - b.rank);
  const top = rows.length <= 2 * shown ? rows : [...rows.slice(0, shown), ...rows.slice(-shown)];
  return { date: isoDate(date), horizon, top };
}
