// The seven-step pipeline of the baseline: load, quality, split, transform, LightGBM, graph, report. Fitting never sees a test row.

import type { Dataset } from "../../dataset/index.ts";
import { type Split } from "../../dataset/splits/index.ts";
import type { NormalisedColumn } from "../../dataset/transforms/index.ts";
import { type Evaluation, evaluateRun, publishReport } from "../../evaluate/index.ts";
import { openLightGbm } from "../../model/lightgbm/index.ts";
import { noProgress } from "../../progress.ts";
import { createRng } from "../../rng.ts";
import { appendMetrics, runFolder, type RunManifest } from "../../runs/index.ts";
import { createPool, type WorkerPool } from "../../workers/index.ts";
import { type ColumnSource, columnSource } from "./columns.ts";
import { finishedRun } from "./finished-run.ts";
import { foldGraph, type FoldGraph } from "./fold-graph.ts";
import { FoldStore } from "./fold-store.ts";
import { type MemoryPlan, planMemory } from "./memory.ts";
import { type BaselineOptions, type BaselinePlan, planBaseline } from "./options.ts";
import { recordPlausibility, requirePlausible } from "./plausibility.ts";
import { type LabelColumn, matrixColumns, qualityColumns, withQuality } from "./quality.ts";
import { shuffleWithinSessions } from "./shuffle.ts";
import { StepRecorder, type StepCost } from "./steps.ts";
import { storeRun } from "./store-run.ts";
import { type FoldResult, trainFold } from "./train-folds.ts";

export interface BaselineResult {
  readonly run: RunManifest;
  readonly evaluation: Evaluation;
  /** What each step cost when the run was made. */
  readonly steps: readonly StepCost[];
  readonly graphs: readonly FoldGraph[];
  /** Path of the HTML page. */
  readonly report: string;
  /** True when the run was there already and nothing was trained. */
  readonly wasFinished: boolean;
}

const stepCount = 7;

/**
 * Trains LightGBM walk-forward on a dataset, judges it out of sample and publishes run and report. A run of the same
 * configuration and data is not made twice; one that was stopped goes on. Throws LeakageError by a gate's name when training
 * meets test, a feature ranks a label, or the result is beyond what daily equities can give; ConfigError when the memory limit
 * cannot hold the largest fold.
 */
export async function runBaseline(options: BaselineOptions): Promise<BaselineResult> {
  const { home, again = false, acceptImplausible = false, onProgress = noProgress } = options;
  const plan = planBaseline(options);
  if (again) await new FoldStore(runFolder(home, plan.runId)).clear();
  const finished = again ? undefined : await finishedRun(home, plan.runId);
  const result =
    finished === undefined
      ? await makeRun(options, plan)
      : { ...finished, ...(await judge(home, plan.runId)), wasFinished: true };
  const { report, evaluation } = result;
  onProgress({ stage: "baseline", done: stepCount, total: stepCount, note: report });
  if (!acceptImplausible) requirePlausible(plan.runId, evaluation, report);
  return result;
}

async function makeRun(options: BaselineOptions, plan: BaselinePlan): Promise<BaselineResult> {
  const { dataset, home, lightgbm, onProgress = noProgress } = options;
  const columns = matrixColumns(dataset, plan.features);
  const memory = planMemory(dataset, plan, columns.length);
  const steps = new StepRecorder(stepCount, onProgress);
  const { count } = dataset.rows;
  await using pool = poolOf(lightgbm?.threads);
  const declared = columns.slice(0, -qualityColumns.length);
  const { raw, labels } = await steps.run("load", count, () => load(options, plan, memory));
  const source = await steps.run("quality", count, () => withQuality(pool, raw, declared, labels));
  const splits = await steps.run("split", count, () => split(dataset, plan));
  const work = { plan, memory, columns, pool, source, labels, splits, steps };
  const { folds, graphs } = await trainAll(options, work);
  const run = await steps.run("report", count, () =>
    storeRun({ home, dataset, plan, folds, graphs, labels, steps }),
  );
  const judged = await steps.run("report", 0, () => judge(home, run.id));
  for (const cost of steps.costs.slice(-1)) {
    await appendMetrics(runFolder(home, run.id), { kind: "step", ...cost });
  }
  return { run, ...judged, graphs, steps: steps.costs, wasFinished: false };
}

async function judge(
  home: string,
  id: string,
): Promise<{ evaluation: Evaluation; report: string }> {
  const evaluated = await evaluateRun(home, id);
  await recordPlausibility(home, id, evaluated.evaluation);
  return { evaluation: evaluated.evaluation, report: await publishReport(home, evaluated) };
}

function poolOf(threads = 0): WorkerPool {
  return createPool(threads === 0 ? {} : { threads });
}

interface Work {
  readonly plan: BaselinePlan;
  readonly memory: MemoryPlan;
  readonly columns: readonly NormalisedColumn[];
  readonly pool: WorkerPool;
  readonly source: ColumnSource;
  readonly labels: readonly LabelColumn[];
  readonly splits: readonly Split[];
  readonly steps: StepRecorder;
}

interface Trained {
  readonly folds: readonly FoldResult[];
  readonly graphs: readonly FoldGraph[];
}

async function trainAll(options: BaselineOptions, work: Work): Promise<Trained> {
  const { dataset, home, library, signal, onProgress = noProgress } = options;
  const { plan, labels, splits, steps, memory, ...rest } = work;
  const folds: FoldResult[] = [];
  const graphs: FoldGraph[] = [];
  await using engine = await openLightGbm(library, signal);
  const shared = {
    ...rest,
    engine,
    steps,
    horizons: plan.horizons,
    categorical: options.categorical ?? [],
    labels: labels.map(({ values }) => values),
    lightgbm: { ...options.lightgbm, seed: plan.seed },
    target: options.target ?? "gaussian",
    importance: plan.importance,
    validationSize: options.validationSize,
    purgeDays: plan.reach,
    memory: new SharedArrayBuffer(memory.matrixBytes),
    store: new FoldStore(runFolder(home, plan.runId)),
    onProgress,
    signal,
  };
  for (const one of splits) {
    folds.push(await trainFold(one, shared));
    const graph = await steps.run("graph", dataset.rows.codes.length, () =>
      foldGraph(dataset, one.fold, lastTrained(one)),
    );
    if (graph !== undefined) graphs.push(graph);
  }
  return { folds, graphs };
}

interface Loaded {
  readonly raw: ColumnSource;
  readonly labels: readonly LabelColumn[];
}

function load(
  { dataset, shuffleLabels = false }: BaselineOptions,
  { features, labels, seed }: BaselinePlan,
  { holdsFeatures }: MemoryPlan,
): Loaded {
  const names = [...labels.values()];
  const known = dataset.labels(names);
  return {
    raw: columnSource(dataset, features, holdsFeatures),
    labels: names.map((name) => ({
      name,
      values: shuffleLabels
        ? shuffleWithinSessions(
            known.label(name),
            dataset.rows.sessionOfRow,
            createRng(seed).split(name),
          )
        : known.label(name),
    })),
  };
}

function split(dataset: Dataset, { splitter, horizons, label }: BaselinePlan): readonly Split[] {
  return splitter.split(dataset.labelledRows(Math.max(...horizons), label));
}

function lastTrained({ sessions }: Split): number {
  return Math.max(...sessions.train.map(({ end }) => end - 1));
}
