// Forecasts of one session with a trained model, with the peers that its network looks at.

import { isoDate } from "../../calendar/index.ts";
import type { Dataset } from "../../dataset/index.ts";
import type { OnProgress } from "../../progress.ts";
import {
  datasetHashOf,
  datasetPeers,
  loadModel,
  predictDay,
  type StockForecast,
} from "../../train/index.ts";

export interface ForecastSessionOptions {
  readonly home: string;
  readonly dataset: Dataset;
  /** Id of a trained network. */
  readonly model: string;
  /** Epoch day of a session of the dataset; default its last. */
  readonly date?: number | undefined;
  /** Forecasts with dropout whose deviation is the uncertainty; default none. */
  readonly draws?: number;
  readonly threads?: number;
  readonly onProgress: OnProgress;
}

export interface SessionForecast {
  readonly model: string;
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly dataset: string;
  readonly datasetHash: string;
  /** Levels of the quantiles, ascending. */
  readonly levels: readonly number[];
  /** Horizon by horizon, best first. */
  readonly forecasts: readonly StockForecast[];
}

/** Throws as `loadModel` for a model whose files changed, and as `predictDay` for a dataset that does not fit it. */
export async function forecastSession(options: ForecastSessionOptions): Promise<SessionForecast> {
  const { home, dataset, draws = 0, threads = 0, onProgress } = options;
  const model = await loadModel(home, options.model);
  const { dates } = dataset.rows;
  const date = options.date ?? dates[dates.length - 1];
  const { config } = model.spec;
  const datasetHash = datasetHashOf(dataset);
  const peersOn = model.blocks.graph
    ? await datasetPeers(dataset, config, {
        home,
        datasetHash,
        onMonth: (done, total) => onProgress({ stage: "correlation graphs", done, total }),
      })
    : undefined;
  const forecasts = await predictDay({ dataset, model, date, peersOn, threads, draws });
  const levels = config.quantiles;
  return {
    model: model.id,
    date: isoDate(date),
    dataset: dataset.id,
    datasetHash,
    levels,
    forecasts,
  };
}
