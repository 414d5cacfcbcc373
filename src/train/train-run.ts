// A training run: every fold trained and forecast, its predictions, metrics and last model on disk; resumable at any time.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { isoDate } from "../calendar/index.ts";
import type { Clock } from "../clock.ts";
import type { Config } from "../config.ts";
import { type Dataset, datasetHash } from "../dataset/index.ts";
import { type Split, walkForward } from "../dataset/splits/index.ts";
import { hashValue } from "../hash.ts";
import type { OnProgress } from "../progress.ts";
import { publishFile } from "../publish.ts";
import { createRng } from "../rng.ts";
import {
  type RunFold,
  runFolder,
  runIdOf,
  type RunManifest,
  writePredictions,
  writeRun,
} from "../runs/index.ts";
import { CheckpointStore, checkpointFormat, type Identity } from "./checkpoint.ts";
import type { PeersOn } from "./feed.ts";
import { labelNames, type PreparedFold, prepareFold } from "./fold-data.ts";
import { type FoldForecast, forecastFold, predictionsOf } from "./fold-forecast.ts";
import { saveModel } from "./model-file.ts";
import { datasetPeers } from "./peer-lists.ts";
import type { EpochRecord, Progress } from "./progress.ts";
import { type RunState, writeRunState } from "./run-state.ts";
import { EventWriter } from "./tensorboard.ts";
import { trainFold } from "./train-fold.ts";

export interface TrainRunOptions {
  readonly home: string;
  readonly dataset: Dataset;
  readonly config: Config;
  readonly clock: Clock;
  readonly onProgress: OnProgress;
  readonly onEpoch?: (record: EpochRecord) => void;
  readonly onNotice?: (text: string) => void;
  readonly signal?: AbortSignal;
}

export interface TrainRunResult {
  readonly run: string;
  /** Undefined where the run was stopped before its end; the same command goes on. */
  readonly manifest: RunManifest | undefined;
  readonly model: string | undefined;
}

/** The id of the run that a configuration and a dataset make. */
export function trainRunId(config: Config, dataset: Dataset): string {
  return runIdOf("atft", configHashOf(config), datasetHash(dataset.manifest));
}

/** Trains all folds in turn, forecasts their tests and publishes the run. The same work again finds its own folder and goes on. */
export async function trainRun(options: TrainRunOptions): Promise<TrainRunResult> {
  const run = trainRunId(options.config, options.dataset);
  const folder = runFolder(options.home, run);
  await mkdir(folder, { recursive: true });
  try {
    return await trainFolds(run, folder, options);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await writeRunState(folder, { ...startedState(run), state: "failed", message });
    throw error;
  }
}

async function trainFolds(
  run: string,
  folder: string,
  options: TrainRunOptions,
): Promise<TrainRunResult> {
  const { home, dataset, config } = options;
  await writeRunState(folder, startedState(run));
  const peersOn = await peersFor(options);
  const splits = splitsOf(dataset, config);
  const done: FoldForecast[] = [];
  let last: { prepared: PreparedFold; forecast: FoldForecast } | undefined;
  for (const [i, split] of splits.entries()) {
    const prepared = prepareFold(dataset, split, config, peersOn);
    const store = new CheckpointStore(
      foldFolder(folder, split.fold),
      identityOf(config, prepared, dataset),
    );
    const news = new FoldNews(folder, run, options, { fold: i, folds: splits.length });
    const progress = await trainFold(prepared.data, {
      config: config.train,
      rng: createRng(config.seed).split(`fold/${split.fold}`),
      threads: threadsOf(config),
      store,
      onStep: ({ done: steps, total }) => {
        options.onProgress({ stage: `fold ${split.fold}`, done: steps, total });
      },
      onEpoch: (record, now) => news.epoch(record, now),
      onBackOff: (days) =>
        options.onNotice?.(`out of memory: ${days} sessions at once; gradients are added up`),
      ...(options.signal && { signal: options.signal }),
    });
    if (!progress.isDone) {
      await news.finish("stopped");
      return { run, manifest: undefined, model: undefined };
    }
    const forecast = await forecastFold(dataset, split, prepared, store, config);
    done.push(forecast);
    last = { prepared, forecast };
    await news.finish(i + 1 === splits.length ? "done" : "running");
  }
  const manifest = manifestOf(run, options, splits, done);
  await writePredictions(folder, predictionsOf(dataset, done, config, labelNames(dataset, config)));
  await writeExplanation(folder, done);
  await writeRun(home, manifest);
  const model =
    last === undefined ? undefined : await saveModel({ home, dataset, config, manifest, ...last });
  return { run, manifest, model };
}

/** The folder of a fold's checkpoints. */
export function foldFolder(folder: string, fold: number): string {
  return join(folder, "folds", String(fold));
}

function threadsOf({ threads, train }: Config): number {
  return train.safe ? 1 : threads;
}

async function peersFor({
  home,
  dataset,
  config,
  onProgress,
}: TrainRunOptions): Promise<PeersOn | undefined> {
  if (!config.train.phases.some(({ graph }) => graph)) return undefined;
  return datasetPeers(dataset, config.model, {
    home,
    datasetHash: datasetHash(dataset.manifest),
    onMonth: (done, total) => {
      onProgress({ stage: "correlation graphs", done, total });
    },
  });
}

function splitsOf(dataset: Dataset, { train, model }: Config): readonly Split[] {
  const { validationSize: _validation, only, trainSize, testSize, ...folds } = train.folds;
  const splitter = walkForward({
    ...folds,
    ...(trainSize !== undefined && { trainSize }),
    ...(testSize !== undefined && { testSize }),
  });
  const splits = splitter.split(dataset.labelledRows(Math.max(...model.horizons), train.label));
  return only === undefined ? splits : splits.filter(({ fold }) => only.includes(fold));
}

/** Everything that shapes the result; where work is done (threads of an unsafe run) does not. */
export function configHashOf({ seed, model, train }: Config): string {
  return hashValue({ seed, model, train });
}

function identityOf(config: Config, { spec }: PreparedFold, dataset: Dataset): Identity {
  return {
    format: checkpointFormat,
    abi: hashValue(spec.features.map(({ name }) => name)),
    horizons: spec.config.horizons.join(","),
    config: configHashOf(config),
    data: datasetHash(dataset.manifest),
  };
}

function manifestOf(
  id: string,
  { dataset, config }: TrainRunOptions,
  splits: readonly Split[],
  done: readonly FoldForecast[],
): RunManifest {
  const { seed, model, train } = config;
  const names = labelNames(dataset, config);
  return {
    version: 1,
    id,
    kind: "atft",
    dataset: dataset.id,
    datasetHash: datasetHash(dataset.manifest),
    configHash: configHashOf(config),
    config: { seed, model, train },
    synthetic: dataset.manifest.synthetic,
    labels: Object.fromEntries(model.horizons.map((horizon, k) => [String(horizon), names[k]])),
    horizons: model.horizons,
    features: done[0]?.features ?? [],
    folds: splits.map((split) => runFold(dataset, split)),
    details: {
      weights: "moving average of the best validation epoch",
      best: done.map(({ notes }) => notes),
    },
  };
}

function runFold({ rows }: Dataset, { fold, sessions, train, test }: Split): RunFold {
  const day = (session: number): string => isoDate(rows.dates[session]);
  return {
    fold,
    trainFrom: day(Math.min(...sessions.train.map(({ start }) => start))),
    trainTo: day(Math.max(...sessions.train.map(({ end }) => end - 1))),
    testFrom: day(Math.min(...sessions.test.map(({ start }) => start))),
    testTo: day(Math.max(...sessions.test.map(({ end }) => end - 1))),
    trainRows: train.length,
    testRows: test.length,
  };
}

async function writeExplanation(folder: string, folds: readonly FoldForecast[]): Promise<void> {
  const text = JSON.stringify(
    folds.map(({ fold, explanation }) => ({ fold, ...explanation })),
    null,
    1,
  );
  await publishFile(join(folder, "explanation.json"), `${text}\n`);
}

/** Writes metrics, events and status of one fold as its epochs end. */
class FoldNews {
  readonly #folder: string;
  readonly #options: TrainRunOptions;
  #events: EventWriter | undefined;
  #state: RunState;

  constructor(
    folder: string,
    run: string,
    options: TrainRunOptions,
    place: { readonly fold: number; readonly folds: number },
  ) {
    this.#folder = folder;
    this.#options = options;
    this.#state = { ...startedState(run), ...place };
  }

  /** metrics-<fold>.jsonl is written anew from the checkpoint's records, so that a resumed run has no line twice. */
  async epoch(record: EpochRecord, progress: Progress): Promise<void> {
    const lines = progress.records.map((entry) => JSON.stringify(entry)).join("\n");
    await publishFile(join(this.#folder, `metrics-${record.fold}.jsonl`), `${lines}\n`);
    this.#events ??= new EventWriter(
      join(this.#folder, "events", `fold-${record.fold}`),
      this.#options.clock,
    );
    await this.#events.scalars(record.epoch, scalarsOf(record));
    const { phases } = this.#options.config.train;
    const epochs = phases.reduce((sum, phase) => sum + phase.epochs, 0);
    const samplesPerSecond = record.samples / record.seconds;
    this.#state = {
      ...this.#state,
      phase: record.phase,
      epoch: progress.epoch,
      epochs,
      loss: record.loss,
      score: record.score,
      samplesPerSecond,
      secondsLeft: record.seconds * (epochs - progress.epoch),
    };
    await writeRunState(this.#folder, this.#state);
    this.#options.onEpoch?.(record);
  }

  async finish(state: RunState["state"]): Promise<void> {
    this.#state = { ...this.#state, state };
    await writeRunState(this.#folder, this.#state);
  }
}

function startedState(run: string): RunState {
  return {
    run,
    state: "running",
    pid: process.pid,
    fold: 0,
    folds: 0,
    phase: "",
    epoch: 0,
    epochs: 0,
    loss: null,
    score: null,
    samplesPerSecond: null,
    secondsLeft: null,
    message: "",
  };
}

function scalarsOf(record: EpochRecord): Record<string, number> {
  const values: Record<string, number> = {
    "train/loss": record.loss,
    "train/gradient_norm": record.norm,
    "train/spread": record.spread,
    "train/rate": record.rate,
    "speed/samples_per_second": record.samples / record.seconds,
    "validation/score": record.score ?? Number.NaN,
  };
  for (const [name, value] of Object.entries(record.terms)) values[`train/${name}`] = value;
  record.rankIc.forEach((value, k) => {
    values[`validation/rank_ic_${k}`] = value ?? Number.NaN;
  });
  return values;
}
