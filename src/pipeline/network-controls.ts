// Controls of a trained network: its own configuration on shuffled labels, and on a market in which nothing can be predicted.

import { join } from "node:path";
import type { Clock } from "../clock.ts";
import type { Config } from "../config.ts";
import { configTree } from "../config/tree.ts";
import { type Dataset, LabelTable, openDataset } from "../dataset/index.ts";
import { ConfigError, PipelineError } from "../errors.ts";
import { evaluateRun } from "../evaluate/index.ts";
import type { OnProgress } from "../progress.ts";
import { createRng } from "../rng.ts";
import { readModel, readRun, type RunManifest } from "../runs/index.ts";
import type { MarketConfig } from "../simulator/market/index.ts";
import { trainRun } from "../train/index.ts";
import { shuffleWithinSessions } from "./baseline/shuffle.ts";
import type { RecordedControl } from "./control-evidence.ts";
import { coversZero } from "./controls.ts";
import { simulatedDataset } from "./simulated-dataset.ts";

export type NetworkControlKind = "shuffled" | "null";

export interface NetworkControlOptions {
  readonly home: string;
  /** Id of a network in `<home>/models`. */
  readonly model: string;
  /** The market of the null control. */
  readonly market: MarketConfig;
  readonly clock: Clock;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Trains the model's configuration where there is nothing to find, under `<home>/cache/controls`; passed when the interval of
 * RankIC covers 0 at every horizon. Throws ConfigError for a model that is no network.
 */
export async function networkControl(
  kind: NetworkControlKind,
  options: NetworkControlOptions,
): Promise<RecordedControl> {
  const { home, clock, onProgress, signal } = options;
  const model = await readModel(home, options.model);
  if (model.kind !== "atft") {
    throw new ConfigError(
      `control ${kind}: ${model.id} is a ${model.kind} model; run it without --model, on the same --features`,
    );
  }
  const run = await readRun(home, model.run);
  const config: Config = configTree.parse(run.config);
  const workspace = join(home, "cache", "controls", `${kind}-${model.id}`);
  const dataset = await controlDataset(kind, options, workspace, run);
  const trained = await trainRun({
    home: workspace,
    dataset,
    config,
    clock,
    onProgress,
    ...(signal && { signal }),
  });
  if (trained.manifest === undefined) {
    throw new PipelineError(`control ${kind}: stopped; the same command goes on`);
  }
  const { evaluation } = await evaluateRun(workspace, trained.run);
  const count = evaluation.horizons.length;
  const horizons = evaluation.horizons.map(({ horizon, rankIc }) => ({
    horizon,
    rankIc,
    oracle: null,
    recovered: null,
    passed: coversZero(rankIc, count),
  }));
  return {
    kind,
    run: trained.manifest,
    horizons,
    passed: horizons.every(({ passed }) => passed),
  };
}

async function controlDataset(
  kind: NetworkControlKind,
  { home, market, onProgress, signal }: NetworkControlOptions,
  workspace: string,
  run: RunManifest,
): Promise<Dataset> {
  if (kind === "shuffled") return withShuffledLabels(openDataset(home, run.dataset));
  const features = run.features.join(",");
  const made = await simulatedDataset({ home: workspace, market, features, onProgress, signal });
  return made.dataset;
}

/** The same rows and features with each session's labels in another order, under another id. */
export function withShuffledLabels(dataset: Dataset): Dataset {
  const id = `${dataset.id}-shuffled`;
  const { sessionOfRow } = dataset.rows;
  return {
    ...dataset,
    id,
    manifest: { ...dataset.manifest, id },
    labels: (names) => {
      const table = dataset.labels(names);
      const shuffled = table.names.map((name): [string, Float32Array] => [
        name,
        shuffleWithinSessions(table.label(name), sessionOfRow, createRng(id).split(name)),
      ]);
      return new LabelTable(dataset.rows, new Map(shuffled));
    },
  };
}
