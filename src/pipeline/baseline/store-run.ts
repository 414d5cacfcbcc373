// A trained baseline as a run on disk: manifest, predictions, importance, checks, models, cost of each step.

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { isoDate } from "../../calendar/index.ts";
import type { Dataset } from "../../dataset/index.ts";
import type { Split } from "../../dataset/splits/index.ts";
import { exportOnnx } from "../../model/lightgbm/index.ts";
import { publishFile } from "../../publish.ts";
import {
  appendMetrics,
  type Predictions,
  readRun,
  type RunCheck,
  type RunFold,
  runFolder,
  type RunManifest,
  writeChecks,
  writeImportance,
  writePredictions,
  writeRun,
} from "../../runs/index.ts";
import type { FoldGraph } from "./fold-graph.ts";
import { FoldStore } from "./fold-store.ts";
import { importanceOf } from "./importance.ts";
import type { BaselinePlan } from "./options.ts";
import { type LabelColumn, labelGateCeiling, qualityColumns } from "./quality.ts";
import { peakMemory, type StepRecorder } from "./steps.ts";
import type { FoldResult } from "./train-folds.ts";

export interface StoreRunOptions {
  readonly home: string;
  readonly dataset: Dataset;
  readonly plan: BaselinePlan;
  readonly folds: readonly FoldResult[];
  readonly graphs: readonly FoldGraph[];
  readonly labels: readonly LabelColumn[];
  readonly steps: StepRecorder;
}

/** Publishes the run; run.json comes last, so a folder with it is whole. */
export async function storeRun(options: StoreRunOptions): Promise<RunManifest> {
  const { home, dataset, plan, folds, steps } = options;
  const manifest = manifestOf(options);
  const folder = runFolder(home, manifest.id);
  await rm(join(folder, "metrics.jsonl"), { force: true });
  await writePredictions(folder, predictionsOf(dataset, plan, folds, options.labels));
  await writeImportance(folder, importanceOf(manifest.features, folds));
  await writeChecks(folder, checksOf(plan, folds));
  for (const { split, horizons } of folds) {
    for (const [index, { modelText }] of horizons.entries()) {
      const path = join(folder, "models", `fold${split.fold}-${plan.horizons[index]}d`);
      await publishFile(`${path}.txt`, modelText);
      await publishFile(`${path}.onnx`, exportOnnx(modelText));
    }
  }
  for (const line of metricsOf(options)) await appendMetrics(folder, line);
  for (const cost of steps.costs) await appendMetrics(folder, { kind: "step", ...cost });
  await writeRun(home, manifest);
  await new FoldStore(folder).clear();
  return readRun(home, manifest.id);
}

/** Rounds between two validation figures that are kept. */
const historyStep = 10;

function metricsOf({ plan, folds, graphs }: StoreRunOptions): Record<string, unknown>[] {
  const histories = folds.flatMap(({ split, horizons }) =>
    horizons.flatMap(({ history }, index) =>
      history
        .filter(({ round }) => round % historyStep === 0)
        .map(({ round, rankIc }) => {
          const place = { fold: split.fold, horizon: plan.horizons[index] };
          return { kind: "validation", ...place, round, rankIc };
        }),
    ),
  );
  const found = graphs.map((graph) => ({ kind: "graph", ...graph, date: isoDate(graph.date) }));
  return [...histories, ...found];
}

function manifestOf({ dataset, plan, folds }: StoreRunOptions): RunManifest {
  return {
    version: 1,
    id: plan.runId,
    kind: "lightgbm",
    dataset: dataset.id,
    datasetHash: plan.datasetHash,
    configHash: plan.configHash,
    config: plan.config,
    synthetic: dataset.manifest.synthetic,
    labels: Object.fromEntries([...plan.labels].map(([horizon, name]) => [String(horizon), name])),
    horizons: plan.horizons,
    features: [...plan.features, ...qualityColumns.map(({ name }) => name)],
    folds: folds.map(({ split }) => runFold(dataset, split)),
    details: {
      rounds: folds.map(({ horizons }) => horizons.map(({ rounds }) => rounds)),
      lateLabels: folds.map(({ split }) => split.lateLabels),
      parameters: folds[0].horizons[0].parameters,
    },
  };
}

function runFold({ rows }: Dataset, { fold, sessions, train, test }: Split): RunFold {
  const day = (session: number): string => isoDate(rows.dates[session]);
  return {
    fold,
    trainFrom: day(Math.min(...sessions.train.map(({ start }) => start))),
    trainTo: day(Math.max(...sessions.train.map(({ end }) => end - 1))),
    testFrom: day(sessions.test[0].start),
    testTo: day(Math.max(...sessions.test.map(({ end }) => end - 1))),
    trainRows: train.length,
    testRows: test.length,
  };
}

function predictionsOf(
  { rows }: Dataset,
  { horizons }: BaselinePlan,
  folds: readonly FoldResult[],
  labels: readonly LabelColumn[],
): Predictions {
  const tested = folds.map(({ split }) => split.test.indices);
  const count = tested.reduce((sum, { length }) => sum + length, 0);
  const all = joined(new Int32Array(count), tested);
  const foldOf = tested.map((indices, i) => indices.map(() => folds[i].split.fold));
  return {
    dates: all.map((row) => rows.dates[rows.sessionOfRow[row]]),
    codes: all.map((row) => rows.codeOfRow[row]),
    codeNames: rows.codes,
    folds: joined(new Int32Array(count), foldOf),
    horizons: horizons.map((horizon, index) => ({
      horizon,
      score: joined(
        new Float64Array(count),
        folds.map((fold) => fold.horizons[index].scores),
      ),
      label: Float64Array.from(all, (row) => labels[index].values[row]),
      quantiles: [],
    })),
    quantileLevels: [],
  };
}

function joined<T extends Int32Array | Float64Array>(out: T, parts: readonly T[]): T {
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function checksOf(plan: BaselinePlan, folds: readonly FoldResult[]): RunCheck[] {
  const late = folds.reduce((sum, { split }) => sum + split.lateLabels, 0);
  const peak = peakMemory();
  return [
    {
      name: "no training label's window meets a test row",
      passed: true,
      detail: `${folds.length} folds proved on the real label windows; ${late} late labels dropped`,
    },
    {
      name: "transforms and models were fitted on training rows only",
      passed: true,
      detail: "checked for each fold before scoring",
    },
    {
      name: "label gate",
      passed: true,
      detail: `no feature ranks a label beyond |RankIC| ${labelGateCeiling}`,
    },
    {
      name: "memory limit",
      passed: peak <= plan.memoryLimitBytes,
      detail: `peak ${(peak / 2 ** 30).toFixed(2)} GiB of ${(plan.memoryLimitBytes / 2 ** 30).toFixed(1)}`,
    },
  ];
}
