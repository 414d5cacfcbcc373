// A trained network on disk: weights, what it must be fed, and an ONNX file that any ONNX Runtime serves.

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { isoDate } from "../calendar/index.ts";
import type { Config } from "../config.ts";
import { atftConfig } from "../config/atft.ts";
import type { Dataset } from "../dataset/index.ts";
import { parseState, type TransformState } from "../dataset/transforms/index.ts";
import { ArtifactError } from "../errors.ts";
import { hashValue } from "../hash.ts";
import type { AtftSpec, Blocks } from "../model/atft/index.ts";
import { initAtft } from "../model/atft/index.ts";
import { publishFile } from "../publish.ts";
import { createRng } from "../rng.ts";
import {
  modelFolder,
  readModel,
  type RunManifest,
  verifyModel,
  writeModel,
} from "../runs/index.ts";
import { exportOnnx, leavesOf, type StateValue } from "../tensor/index.ts";
import { decodeSafetensors, encodeSafetensors, requireMetadata } from "../tensor/files/index.ts";
import type { LabelScale, PreparedFold } from "./fold-data.ts";
import type { FoldForecast } from "./fold-forecast.ts";
import { predictStep } from "./step.ts";

/** All that a forecast needs beside a dataset. */
export interface TrainedModel {
  readonly id: string;
  readonly spec: AtftSpec;
  readonly transform: readonly TransformState[];
  readonly scales: readonly LabelScale[];
  readonly blocks: Blocks;
  /** By path under `params.`. */
  readonly weights: readonly StateValue[];
}

const files = { weights: "weights.safetensors", onnx: "model.onnx", spec: "spec.json" } as const;
const format = "gogooku3-atft-1";

export interface SaveModelOptions {
  readonly home: string;
  readonly dataset: Dataset;
  readonly config: Config;
  readonly manifest: RunManifest;
  readonly prepared: PreparedFold;
  readonly forecast: FoldForecast;
}

/** Saves the last fold's best weights under models/<run id> and enters them there. Returns the model's id. */
export async function saveModel(options: SaveModelOptions): Promise<string> {
  const { home, dataset, config, manifest, prepared, forecast } = options;
  const { transform, scales } = prepared;
  const { spec } = forecast;
  const phase = config.train.phases.find(({ name }) => name === forecast.notes["phase"]);
  const { normalisation, graph } = phase ?? config.train.phases[0];
  const blocks: Blocks = { normalisation, graph };
  const folder = modelFolder(home, manifest.id);
  const abi = featureAbi(spec);
  const metadata = { format, abi, config: manifest.configHash };
  const weights = encodeSafetensors(forecast.weights, metadata);
  await publishFile(join(folder, files.weights), weights);
  await publishFile(
    join(folder, files.spec),
    `${JSON.stringify({ format, spec, transform, scales, blocks })}\n`,
  );
  const { dayStart, sessionOfRow, dates } = dataset.rows;
  const stocks = largestDay(dayStart);
  await publishFile(
    join(folder, files.onnx),
    onnxOf({ spec, blocks, weights: forecast.weights }, stocks, {
      ...metadata,
      features: spec.features.map(({ name }) => name).join(","),
      horizons: spec.config.horizons.join(","),
      quantiles: spec.config.quantiles.join(","),
    }),
  );
  const lastRow = prepared.data.train.at(-1)?.end ?? 1;
  await writeModel(
    home,
    {
      id: manifest.id,
      kind: "atft",
      run: manifest.id,
      dataset: manifest.dataset,
      datasetHash: manifest.datasetHash,
      abi,
      features: spec.features.map(({ name }) => name),
      horizons: spec.config.horizons,
      trainedThrough: isoDate(dates[lastRow - 1] ?? dates[sessionOfRow[0]]),
      synthetic: manifest.synthetic,
      details: { stocks, notes: forecast.notes },
    },
    Object.values(files),
  );
  return manifest.id;
}

/** One session's forecast as an ONNX file for up to `stocks` stocks. */
export function onnxOf(
  { spec, blocks, weights }: Pick<TrainedModel, "spec" | "blocks" | "weights">,
  stocks: number,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const params = initAtft(createRng(0), spec);
  const definition = predictStep(spec, params, { shape: { days: 1, stocks }, blocks });
  return exportOnnx(definition, { values: weights, metadata });
}

/** The hash of the ordered feature columns, horizons and static columns. */
export function featureAbi({ features, statics, config }: AtftSpec): string {
  return hashValue({ features, statics, horizons: config.horizons });
}

const specSchema = z.strictObject({
  format: z.literal(format),
  spec: z.strictObject({
    config: atftConfig,
    features: z.array(z.strictObject({ name: z.string(), family: z.string() })),
    statics: z.array(z.strictObject({ name: z.string(), count: z.int() })),
  }),
  transform: z.array(z.unknown()),
  scales: z.array(z.strictObject({ mean: z.number(), deviation: z.number() })),
  blocks: z.strictObject({ normalisation: z.boolean(), graph: z.boolean() }),
});

/** Reads a model. Throws ArtifactError where it is of another kind or version, or a file has changed. */
export async function loadModel(home: string, id: string): Promise<TrainedModel> {
  const manifest = await readModel(home, id);
  if (manifest.kind !== "atft") {
    throw new ArtifactError(`model ${id}: expected kind atft, found ${manifest.kind}`);
  }
  await verifyModel(home, manifest);
  const folder = modelFolder(home, id);
  const path = join(folder, files.spec);
  const parsed = specSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
  if (!parsed.success) throw new ArtifactError(`${path}: ${z.prettifyError(parsed.error)}`);
  const { spec, transform, scales, blocks } = parsed.data;
  const weightsPath = join(folder, files.weights);
  const file = decodeSafetensors(await readFile(weightsPath), weightsPath);
  requireMetadata(file, { format, abi: featureAbi(spec) }, weightsPath);
  requireWeights(id, spec, file.tensors);
  return { id, spec, transform: transform.map(parseState), scales, blocks, weights: file.tensors };
}

function requireWeights(id: string, spec: AtftSpec, weights: readonly StateValue[]): void {
  const there = new Set(weights.map(({ path }) => path));
  const lacking = leavesOf({ params: initAtft(createRng(0), spec) }).find(
    ({ path }) => !there.has(path),
  );
  if (lacking === undefined) return;
  throw new ArtifactError(
    `model ${id}: trained by a version of the network without ${lacking.path}; train it again, or forecast with the version that made it`,
  );
}

function largestDay(dayStart: Int32Array): number {
  let most = 1;
  for (let day = Math.max(1, dayStart.length - 60); day < dayStart.length; day += 1) {
    most = Math.max(most, dayStart[day] - dayStart[day - 1]);
  }
  return Math.ceil(most / 8) * 8;
}
