// A LightGBM model in the registry: the last fold's boosters as text and as ONNX, and the transform that was fitted with them.

import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Dataset, datasetHash, openDataset, reachOf } from "../../dataset/index.ts";
import { type TrainRows, walkForward } from "../../dataset/splits/index.ts";
import {
  normalise,
  type NormalisedColumn,
  parseState,
  type TransformState,
} from "../../dataset/transforms/index.ts";
import { ArtifactError, ConfigError } from "../../errors.ts";
import { hashValue } from "../../hash.ts";
import { exportOnnx } from "../../model/lightgbm/index.ts";
import { publishFile } from "../../publish.ts";
import {
  modelFolder,
  type ModelManifest,
  readModel,
  readRun,
  runFolder,
  type RunManifest,
  verifyModel,
  writeModel,
} from "../../runs/index.ts";
import { matrixColumns } from "../baseline/quality.ts";
import { treesTable } from "./trees-table.ts";

const format = "gogooku3-trees-1";
const transformFile = "transform.json";

/** All that a forecast needs beside a dataset. */
export interface TreesModel {
  readonly id: string;
  readonly columns: readonly NormalisedColumn[];
  readonly transform: readonly TransformState[];
  readonly horizons: readonly number[];
  /** ONNX file of each horizon. */
  readonly onnx: ReadonlyMap<number, Uint8Array>;
  /** The same trees in LightGBM's own text format. */
  readonly texts: ReadonlyMap<number, string>;
}

const configSchema = z.object({
  label: z.enum(["price", "open", "excess", "total"]),
  features: z.array(z.string()),
  categorical: z.array(z.string()),
  shuffleLabels: z.boolean(),
  split: z.object({
    nSplits: z.int(),
    purgeDays: z.int(),
    embargoDays: z.int(),
    expandTrain: z.boolean(),
    trainSize: z.int().optional(),
    testSize: z.int().optional(),
  }),
});

/**
 * Enters a finished LightGBM run as a model: boosters of its last fold, and their transform fitted again on the same training
 * rows. Throws ConfigError for another kind of run, ArtifactError when its dataset is not the one that it was trained on.
 */
export async function registerTrees(home: string, id: string): Promise<ModelManifest> {
  const run = await readRun(home, id);
  if (run.kind !== "lightgbm") {
    throw new ConfigError(
      `models register: expected a LightGBM run, found ${id} of kind ${run.kind}; networks are models when their training ends`,
    );
  }
  const config = configSchema.parse(run.config);
  if (config.shuffleLabels) {
    throw new ConfigError(`models register: ${id} was trained on shuffled labels, as a control`);
  }
  const dataset = openDataset(home, run.dataset);
  requireSameData(dataset, run);
  const columns = matrixColumns(dataset, config.features);
  const scaled = columns.filter(({ name }) => !config.categorical.includes(name));
  const train = lastTrainingRows(dataset, run, config);
  const fitted = normalise(scaled, { scale: false, fill: false }).fit(
    train,
    treesTable(dataset, columns),
  );
  const spec = { format, columns, transform: fitted.states };
  const folder = modelFolder(home, id);
  await mkdir(folder, { recursive: true });
  await publishFile(join(folder, transformFile), `${JSON.stringify(spec)}\n`);
  const files = await publishBoosters(home, run);
  const last = run.folds[run.folds.length - 1];
  const { kind, dataset: name, datasetHash, features, horizons, synthetic } = run;
  const details = { fold: last.fold, features: config.features.length };
  const common = { id, kind, run: id, dataset: name, datasetHash, features, horizons, synthetic };
  return writeModel(
    home,
    { ...common, abi: hashValue(columns), trainedThrough: last.trainTo, details },
    [transformFile, ...files],
  );
}

/** Text and ONNX of the last fold's booster for each horizon. */
async function publishBoosters(home: string, run: RunManifest): Promise<string[]> {
  const folder = modelFolder(home, run.id);
  const { fold } = run.folds[run.folds.length - 1];
  const names: string[] = [];
  for (const horizon of run.horizons) {
    const source = join(runFolder(home, run.id), "models", `fold${fold}-${horizon}d.txt`);
    if (!existsSync(source)) {
      throw new ArtifactError(`models register: ${source} is gone; train the run again`);
    }
    const text = readFileSync(source, "utf8");
    await publishFile(join(folder, textFile(horizon)), text);
    await publishFile(
      join(folder, onnxFile(horizon)),
      exportOnnx(text, { metadata: { run: run.id, horizon: String(horizon) } }),
    );
    names.push(textFile(horizon), onnxFile(horizon));
  }
  return names;
}

function textFile(horizon: number): string {
  return `trees-${horizon}d.txt`;
}

function onnxFile(horizon: number): string {
  return `trees-${horizon}d.onnx`;
}

const specSchema = z.strictObject({
  format: z.literal(format),
  columns: z.array(
    z.strictObject({
      name: z.string(),
      normalisation: z.enum(["cross_sectional", "time_series", "raw", "log"]),
    }),
  ),
  transform: z.array(z.unknown()),
});

/** Reads a model that `registerTrees` wrote. Throws ArtifactError where a file has changed. */
export async function loadTrees(home: string, id: string): Promise<TreesModel> {
  const manifest = await readModel(home, id);
  await verifyModel(home, manifest);
  const folder = modelFolder(home, id);
  const path = join(folder, transformFile);
  const parsed = specSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
  if (!parsed.success) throw new ArtifactError(`${path}: ${z.prettifyError(parsed.error)}`);
  const { columns, transform } = parsed.data;
  const onnx = manifest.horizons.map((horizon): [number, Uint8Array] => [
    horizon,
    readFileSync(join(folder, onnxFile(horizon))),
  ]);
  const texts = manifest.horizons.map((horizon): [number, string] => [
    horizon,
    readFileSync(join(folder, textFile(horizon)), "utf8"),
  ]);
  return {
    id,
    columns,
    transform: transform.map(parseState),
    horizons: manifest.horizons,
    onnx: new Map(onnx),
    texts: new Map(texts),
  };
}

function lastTrainingRows(
  dataset: Dataset,
  { horizons }: RunManifest,
  { label, split }: z.output<typeof configSchema>,
): TrainRows {
  const longest = Math.max(...horizons);
  const { trainSize, testSize, ...rest } = split;
  const splitter = walkForward({
    ...rest,
    ...(trainSize === undefined ? {} : { trainSize }),
    ...(testSize === undefined ? {} : { testSize }),
  });
  const rows = dataset.labelledRows(longest);
  const folds = splitter.split({ ...rows, horizon: reachOf({ kind: label, horizon: longest }) });
  return folds[folds.length - 1].train;
}

function requireSameData(dataset: Dataset, run: RunManifest): void {
  const found = datasetHash(dataset.manifest);
  if (found === run.datasetHash) return;
  throw new ArtifactError(
    `models register: ${run.id}: expected dataset ${run.dataset} with hash ${run.datasetHash.slice(0, 12)}, found ${found.slice(0, 12)}; train on it again`,
  );
}
