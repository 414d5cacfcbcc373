// The seven-step pipeline of the baseline: load, quality, split, transform, LightGBM, graph, report. Fitting never sees a test row.

import { ConfigError } from "../../errors.ts";
import type { Dataset } from "../../dataset/index.ts";
import { type Split } from "../../dataset/splits/index.ts";
import {
  derivedTable,
  type NormalisedColumn,
  rowTable,
  type RowTable,
} from "../../dataset/transforms/index.ts";
import { type Evaluation, evaluateRun, publishReport } from "../../evaluate/index.ts";
import { matrixBytes, openLightGbm } from "../../model/lightgbm/index.ts";
import { noProgress } from "../../progress.ts";
import { createRng } from "../../rng.ts";
import type { RunManifest } from "../../runs/index.ts";
import { foldGraph, type FoldGraph } from "./fold-graph.ts";
import { type BaselineOptions, type BaselinePlan, planBaseline } from "./options.ts";
import { type LabelColumn, qualityColumns, withQuality } from "./quality.ts";
import { shuffleWithinSessions } from "./shuffle.ts";
import { StepRecorder, peakMemory, type StepCost } from "./steps.ts";
import { storeRun } from "./store-run.ts";
import { type FoldResult, trainFold } from "./train-folds.ts";

export interface BaselineResult {
  readonly run: RunManifest;
  readonly evaluation: Evaluation;
  readonly steps: readonly StepCost[];
  readonly graphs: readonly FoldGraph[];
  /** Path of the HTML page. */
  readonly report: string;
}

const stepCount = 7;

/**
 * Trains LightGBM walk-forward on a dataset, judges it out of sample and publishes run and report. Throws LeakageError by a
 * gate's name when training meets test, and ConfigError when the memory limit cannot hold the largest fold.
 */
export async function runBaseline(options: BaselineOptions): Promise<BaselineResult> {
  const { dataset, home, onProgress = noProgress } = options;
  const plan = planBaseline(options);
  const steps = new StepRecorder(stepCount, onProgress);
  const { count } = dataset.rows;
  const columns = columnsOf(dataset, plan);
  const { table: raw, labels } = await steps.run("load", count, () => load(options, plan));
  const table = await steps.run("quality", count, () =>
    withQuality(raw, columns.slice(0, -qualityColumns.length), labels),
  );
  const splits = await steps.run("split", count, () => split(dataset, plan));
  const work = { plan, columns, table, labels, splits, steps };
  const { folds, graphs } = await trainAll(options, work);
  const published = await steps.run("report", count, async () => {
    const run = await storeRun({ home, dataset, plan, folds, graphs, labels, steps });
    const evaluated = await evaluateRun(home, run.id);
    const report = await publishReport(home, evaluated);
    return { run, evaluation: evaluated.evaluation, report };
  });
  onProgress({ stage: "baseline", done: stepCount, total: stepCount, note: published.report });
  return { ...published, graphs, steps: steps.costs };
}

interface Work {
  readonly plan: BaselinePlan;
  readonly columns: readonly NormalisedColumn[];
  readonly table: RowTable;
  readonly labels: readonly LabelColumn[];
  readonly splits: readonly Split[];
  readonly steps: StepRecorder;
}

interface Trained {
  readonly folds: readonly FoldResult[];
  readonly graphs: readonly FoldGraph[];
}

async function trainAll(options: BaselineOptions, work: Work): Promise<Trained> {
  const { dataset, library, signal, onProgress = noProgress } = options;
  const { plan, columns, table, labels, splits, steps } = work;
  const memory = reserve(splits, columns.length, plan);
  const folds: FoldResult[] = [];
  const graphs: FoldGraph[] = [];
  await using engine = await openLightGbm(library, signal);
  for (const one of splits) {
    const trained = await trainFold(one, {
      engine,
      table,
      columns,
      categorical: options.categorical ?? [],
      labels: labels.map(({ values }) => values),
      lightgbm: { ...options.lightgbm, seed: plan.seed },
      target: options.target ?? "gaussian",
      validationSize: options.validationSize,
      purgeDays: plan.reach,
      memory,
      steps,
      onProgress,
      signal,
    });
    folds.push(trained);
    const graph = await steps.run("graph", dataset.rows.codes.length, () =>
      foldGraph(dataset, one.fold, lastTrained(one)),
    );
    if (graph !== undefined) graphs.push(graph);
  }
  return { folds, graphs };
}

interface Loaded {
  readonly table: RowTable;
  readonly labels: readonly LabelColumn[];
}

/** Features stay on disk, a column at a time, unless all of them fit into a third of the memory limit. */
function load({ dataset, shuffleLabels = false }: BaselineOptions, plan: BaselinePlan): Loaded {
  const { rows } = dataset;
  const index = { dates: rows.dates, sessions: rows.sessionOfRow, codes: rows.codeOfRow };
  const { features, memoryLimitBytes, seed } = plan;
  const names = [...plan.labels.values()];
  const known = dataset.labels(names);
  const labels = names.map((name) => ({
    name,
    values: shuffleLabels
      ? shuffleWithinSessions(known.label(name), index.sessions, createRng(seed).split(name))
      : known.label(name),
  }));
  if (matrixBytes(rows.count, features.length) > memoryLimitBytes / 3) {
    const read = (name: string): Float32Array => dataset.features([name]).column(name);
    return { table: derivedTable(index, features, read), labels };
  }
  const held = dataset.features(features);
  const table = rowTable(index, new Map(features.map((name) => [name, held.column(name)])));
  return { table, labels };
}

function columnsOf({ manifest }: Dataset, { features }: BaselinePlan): NormalisedColumn[] {
  const classes = new Map(manifest.features.map((entry) => [entry.name, entry.normalisation]));
  const declared = features.map((name) => ({ name, normalisation: classes.get(name) ?? "raw" }));
  return [...declared, ...qualityColumns];
}

function split(dataset: Dataset, { splitter, horizons, reach }: BaselinePlan): readonly Split[] {
  const labelled = dataset.labelledRows(Math.max(...horizons));
  return splitter.split({ ...labelled, horizon: reach });
}

/** One block of memory for the matrices of every fold. */
function reserve(
  splits: readonly Split[],
  features: number,
  { memoryLimitBytes }: BaselinePlan,
): SharedArrayBuffer {
  const rows = Math.max(...splits.map(({ train, test }) => train.length + test.length));
  const bytes = matrixBytes(rows, features);
  // Bins take a byte a value, and boosting some scores a row.
  const expected = peakMemory() + bytes + rows * (features + 64);
  if (expected > memoryLimitBytes) {
    throw new ConfigError(
      `baseline: the largest fold has ${rows} rows × ${features} features and needs ${gib(expected)} GiB, the limit is ` +
        `${gib(memoryLimitBytes)}: raise --memory-limit, name fewer --features, or use --rolling with --train-size`,
    );
  }
  return new SharedArrayBuffer(bytes);
}

function lastTrained({ sessions }: Split): number {
  return Math.max(...sessions.train.map(({ end }) => end - 1));
}

function gib(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}
