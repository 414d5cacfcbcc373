// A dataset of a simulated market, the whole way of the data: market, J-Quants V2 server on loopback, ingest, lake, features.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { epochDay } from "../calendar/index.ts";
import {
  abiHash,
  buildDataset,
  codeVersion,
  type Dataset,
  openDataset,
  readDatasetManifest,
} from "../dataset/index.ts";
import { defaultRegistry, selectFeatures } from "../features/index.ts";
import { hashValue } from "../hash.ts";
import type { Lake } from "../lake/index.ts";
import { noProgress } from "../progress.ts";
import type { Market, MarketConfig } from "../simulator/market/index.ts";
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
  const known = knownDataset(home, lake, features);
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

/** Where markets of a configuration are kept, so that controls of them all find lake and datasets there. */
export function marketHome(home: string, market: MarketConfig): string {
  return join(home, "cache", "controls", hashValue(market).slice(0, 12));
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

/** A dataset under `home` that is of this lake and of these features as the code makes them now. */
function knownDataset(home: string, lake: Lake, selection: string): Dataset | undefined {
  const folder = join(home, "datasets");
  if (!existsSync(folder)) return undefined;
  const registry = defaultRegistry();
  const declared = selectFeatures(registry, selection).map((name) => registry.get(name));
  const [lakeHash, abi] = [lake.hash(), abiHash(declared)];
  const found = readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, "manifest.json")))
    .map((name) => readDatasetManifest(join(folder, name)))
    .find(
      (manifest) =>
        manifest.selection === selection &&
        manifest.lakeHash === lakeHash &&
        manifest.abi === abi &&
        manifest.codeVersion === codeVersion,
    );
  return found === undefined ? undefined : openDataset(home, found.id);
}
