// A dataset of a simulated market, the whole way of the data: market, J-Quants V2 server on loopback, ingest, lake, features.

import { epochDay } from "../calendar/index.ts";
import { buildDataset, type Dataset, openDataset } from "../dataset/index.ts";
import { noProgress } from "../progress.ts";
import type { Market } from "../simulator/market/index.ts";
import { simulatedLake, type SimulatedLakeOptions } from "./simulated-lake.ts";

export interface SimulatedDatasetOptions extends SimulatedLakeOptions {
  /** Set, family or column names, comma separated. */
  readonly features: string;
}

export interface SimulatedDataset {
  readonly market: Market;
  readonly dataset: Dataset;
}

/** Fills the lake under `home` from a simulated market and builds a dataset over its whole span. */
export async function simulatedDataset(
  options: SimulatedDatasetOptions,
): Promise<SimulatedDataset> {
  const { home, features, onProgress = noProgress } = options;
  const { from, to } = options.market;
  const { market, lake } = await simulatedLake(options);
  const { manifest } = await buildDataset(lake, {
    from: epochDay(from),
    to: epochDay(to),
    selection: features,
    allowEmpty: true,
    onProgress,
  });
  return { market, dataset: openDataset(home, manifest.id) };
}
