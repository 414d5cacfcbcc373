// Controls of a trained network: its configuration on shuffled labels, on a market in which nothing can be predicted, and on one
// with planted signals, where LightGBM stands beside it on the same folds.

import { join } from "node:path";
import type { Clock } from "../clock.ts";
import type { Config } from "../config.ts";
import { configTree } from "../config/tree.ts";
import { type Dataset, LabelTable, openDataset } from "../dataset/index.ts";
import { ConfigError, PipelineError } from "../errors.ts";
import { type Evaluation, evaluateRun, publishReport } from "../evaluate/index.ts";
import type { OnProgress } from "../progress.ts";
import { createRng } from "../rng.ts";
import { readModel, readRun, runFolder } from "../runs/index.ts";
import type { Market, MarketConfig } from "../simulator/market/index.ts";
import {
  type EpochRecord,
  explanationSections,
  trainingCost,
  type TrainingCost,
  trainRun,
} from "../train/index.ts";
import { shuffleWithinSessions } from "./baseline/shuffle.ts";
import type { RecordedControl } from "./control-evidence.ts";
import { type ControlHorizon, type ControlKind, judgedByZero } from "./controls.ts";
import { type PlantedComparison, plantedComparison } from "./planted-comparison.ts";
import { marketHome, simulatedDataset } from "./simulated-dataset.ts";

/** What is put to the test. */
export interface NetworkUnderTest {
  readonly config: Config;
  /** Features of the simulated market's dataset: set, family or column names, comma separated. */
  readonly features: string;
  /** With shuffled: the dataset whose labels are shuffled, instead of the planted market's. */
  readonly dataset?: string | undefined;
}

export interface NetworkControlOptions {
  readonly home: string;
  readonly network: NetworkUnderTest;
  /** Of the market; its signal follows from the kind. */
  readonly market: Omit<MarketConfig, "signal">;
  /** With planted: the path of LightGBM's native library. */
  readonly library?: string | undefined;
  readonly clock: Clock;
  readonly onProgress: OnProgress;
  readonly onEpoch?: ((record: EpochRecord) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface NetworkControlResult extends RecordedControl {
  readonly evaluation: Evaluation;
  readonly cost: TrainingCost;
  /** Path of the network's HTML page. */
  readonly report: string;
  /** LightGBM, the oracle and the planted parts; only with planted. */
  readonly comparison?: PlantedComparison | undefined;
}

/** The configuration, features and dataset of a trained network. Throws ConfigError for a model that is no network. */
export async function networkOfModel(
  home: string,
  id: string,
  kind: ControlKind,
): Promise<NetworkUnderTest> {
  const model = await readModel(home, id);
  if (model.kind !== "atft") {
    throw new ConfigError(
      `control ${kind}: ${model.id} is a ${model.kind} model; run it without --model, on the same --features`,
    );
  }
  const run = await readRun(home, model.run);
  const config: Config = configTree.parse(run.config);
  return { config, features: run.features.join(","), dataset: run.dataset };
}

/**
 * Trains the configuration where the answer is known, under `<home>/cache/controls`; the same call again finds what it did.
 * Shuffled and null pass when the interval of RankIC covers 0 at every horizon, planted when 60 % of the oracle's is recovered
 * at one session.
 */
export async function networkControl(
  kind: ControlKind,
  options: NetworkControlOptions,
): Promise<NetworkControlResult> {
  const { network, clock, onProgress, onEpoch, signal } = options;
  const { home, dataset, market } = await controlData(kind, options);
  const trained = await trainRun({
    home,
    dataset,
    config: network.config,
    clock,
    onProgress,
    ...(onEpoch && { onEpoch }),
    ...(signal && { signal }),
  });
  if (trained.manifest === undefined) {
    throw new PipelineError(`control ${kind}: stopped; the same command goes on`);
  }
  const folder = runFolder(home, trained.run);
  const evaluated = await evaluateRun(home, trained.run);
  const { evaluation } = evaluated;
  const comparison =
    kind === "planted"
      ? await plantedComparison(evaluated, { ...options, home, dataset, market })
      : undefined;
  const horizons = comparison?.horizons ?? nothingFound(evaluation);
  return {
    kind,
    run: trained.manifest,
    horizons,
    passed: horizons.every(({ passed }) => passed),
    evaluation,
    cost: trainingCost(folder),
    report: await publishReport(home, evaluated, explanationSections(folder)),
    comparison,
  };
}

function nothingFound({ horizons }: Evaluation): readonly ControlHorizon[] {
  return horizons.map(({ horizon, rankIc }) => ({
    horizon,
    rankIc,
    oracle: null,
    recovered: null,
    ...judgedByZero(rankIc, horizons.length),
  }));
}

interface ControlData {
  /** Where the runs go. */
  readonly home: string;
  readonly dataset: Dataset;
  readonly market?: Market | undefined;
}

async function controlData(
  kind: ControlKind,
  { home, network, market: size, onProgress, signal }: NetworkControlOptions,
): Promise<ControlData> {
  if (kind === "shuffled" && network.dataset !== undefined) {
    const workspace = join(home, "cache", "controls", `shuffled-${network.dataset}`);
    return { home: workspace, dataset: withShuffledLabels(openDataset(home, network.dataset)) };
  }
  const config: MarketConfig = { ...size, signal: kind === "null" ? "none" : "planted" };
  const workspace = marketHome(home, config);
  const { market, dataset } = await simulatedDataset({
    home: workspace,
    market: config,
    features: network.features,
    onProgress,
    signal,
  });
  if (kind === "shuffled") return { home: workspace, dataset: withShuffledLabels(dataset) };
  return { home: workspace, dataset, market };
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
