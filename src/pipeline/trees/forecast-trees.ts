// Forecasts of one session with a LightGBM model: its columns transformed as in training, its trees run by ONNX Runtime.

import type { Dataset } from "../../dataset/index.ts";
import { loadTransform } from "../../dataset/transforms/index.ts";
import { ArtifactError } from "../../errors.ts";
import type { TreesModel } from "./trees-model.ts";
import { treesTable } from "./trees-table.ts";

/** Scores of a session's rows, by horizon: higher means a higher expected return; no unit. */
export async function forecastTrees(
  dataset: Dataset,
  model: TreesModel,
  session: number,
): Promise<ReadonlyMap<number, Float32Array>> {
  requireColumns(dataset, model);
  const { dayStart } = dataset.rows;
  const [first, end] = [dayStart[session], dayStart[session + 1]];
  const names = model.columns.map(({ name }) => name);
  const table = loadTransform(model.transform, names).transform(treesTable(dataset, model.columns));
  const matrix = new Float32Array((end - first) * names.length);
  names.forEach((name, column) => {
    const values = table.column(name);
    for (let row = first; row < end; row += 1) {
      matrix[(row - first) * names.length + column] = values[row];
    }
  });
  const scores = new Map<number, Float32Array>();
  for (const [horizon, bytes] of model.onnx) {
    scores.set(horizon, await runTrees(bytes, matrix, [end - first, names.length]));
  }
  return scores;
}

async function runTrees(
  bytes: Uint8Array,
  matrix: Float32Array,
  shape: readonly [number, number],
): Promise<Float32Array> {
  const { InferenceSession, Tensor } = await import("onnxruntime-node");
  const session = await InferenceSession.create(bytes);
  try {
    const { score } = await session.run({ features: new Tensor("float32", matrix, [...shape]) });
    if (score.data instanceof Float32Array) return score.data.slice();
    throw new ArtifactError(`forecast: expected float32 scores, found ${score.type}`);
  } finally {
    await session.release();
  }
}

function requireColumns({ id, featureNames }: Dataset, { id: model, columns }: TreesModel): void {
  const known = new Set([...featureNames, "quality_known", "quality_outliers"]);
  const missing = columns.map(({ name }) => name).filter((name) => !known.has(name));
  if (missing.length === 0) return;
  throw new ArtifactError(
    `forecast: dataset ${id} lacks ${missing.length} features of model ${model}: ${missing.slice(0, 5).join(", ")}; build it with the model's feature set`,
  );
}
