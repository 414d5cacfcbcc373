// A dataset of a simulated market, the whole way of the data: market, J-Quants V2 server on loopback, ingest, lake, features.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { epochDay } from "../calendar/index.ts";
import { abiHash, buildDataset, type Dataset, openDataset } from "../dataset/index.ts";
import { defaultRegistry, selectFeatures } from "../features/index.ts";
import type { Lake } from "../lake/index.ts";
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

/**
 * Fills the lake under `home` with what the features need from a simulated market, and builds a dataset over its whole span. A second call finds market, lake
 * and dataset there.
 */
export async function simulatedDataset(
  options: SimulatedDatasetOptions,
): Promise<SimulatedDataset> {
  const { home, features, onProgress = noProgress } = options;
  const { from, to } = options.market;
  const { market, lake } = await simulatedLake({ endpoints: endpointsFor(features), ...options });
  const known = latestDataset(home, lake, features);
  if (known !== undefined) return { market, dataset: known };
  const { manifest } = await buildDataset(lake, {
    from: epochDay(from),
    to: epochDay(to),
    selection: features,
    allowEmpty: true,
    onProgress,
  });
  return { market, dataset: openDataset(home, manifest.id) };
}

/** What every dataset reads, whatever its features. */
const always = [
  "/markets/calendar",
  "/equities/master",
  "/equities/bars/daily",
  "/indices/bars/daily/topix",
];

/** Endpoints that the features of a selection and their inputs are made from. */
export function endpointsFor(selection: string): readonly string[] {
  const registry = defaultRegistry();
  const closure = registry.closure(selectFeatures(registry, selection));
  const sources = closure.flatMap(({ source }) => source.match(/(?:\/[\w-]+)+/gu) ?? []);
  return [...new Set([...always, ...sources])];
}

/** The latest dataset under `home` when it is of this lake and of these features as they are declared now. */
function latestDataset(home: string, lake: Lake, selection: string): Dataset | undefined {
  if (!existsSync(join(home, "datasets", "latest"))) return undefined;
  const dataset = openDataset(home);
  const { manifest } = dataset;
  const registry = defaultRegistry();
  const declared = selectFeatures(registry, selection).map((name) => registry.get(name));
  const isSame =
    manifest.selection === selection &&
    manifest.lakeHash === lake.hash() &&
    manifest.abi === abiHash(declared);
  return isSame ? dataset : undefined;
}
