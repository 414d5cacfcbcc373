// Forecasts of one session with a LightGBM model: its columns transformed as in training, its trees run by ONNX Runtime.

import type { Dataset } from "../../dataset/index.ts";
import { loadTransform } from "../../dataset/transforms/index.ts";
import { ArtifactError } from "../../errors.ts";
import { type TreeRows, treeReasons } from "./reasons.ts";
import type { TreesModel } from "./trees-model.ts";
import { treesTable } from "./trees-table.ts";

/** Of one horizon, by the session's rows. */
export interface TreeForecasts {
  /** Higher means a higher expected return; no unit. */
  readonly scores: Float32Array;
  /** The features that moved each score furthest; empty without LightGBM's library, which computes them. */
  readonly reasons: readonly (readonly string[])[];
}

/** Forecasts of a session's rows, by horizon. `library`: path of LightGBM's native library, for reasons. */
export async function forecastTrees(
  dataset: Dataset,
  model: TreesModel,
  { session, library }: { readonly session: number; readonly library?: string | undefined },
): Promise<ReadonlyMap<number, TreeForecasts>> {
  requireColumns(dataset, model);
  const table = sessionMatrix(dataset, model, session);
  const reasons = library === undefined ? undefined : await treeReasons(library, model, table);
  const forecasts = new Map<number, TreeForecasts>();
  for (const [horizon, bytes] of model.onnx) {
    const scores = await runTrees(bytes, table, model.columns.length);
    forecasts.set(horizon, { scores, reasons: reasons?.get(horizon) ?? [] });
  }
  return forecasts;
}

/** The session's rows of every column, transformed. */
function sessionMatrix(dataset: Dataset, model: TreesModel, session: number): TreeRows {
  const { dayStart } = dataset.rows;
  const [first, end] = [dayStart[session], dayStart[session + 1]];
  const names = model.columns.map(({ name }) => name);
  const table = loadTransform(model.transform, names).transform(treesTable(dataset, model.columns));
  const matrix = new Float32Array(new SharedArrayBuffer((end - first) * names.length * 4));
  names.forEach((name, column) => {
    const values = table.column(name);
    for (let row = first; row < end; row += 1) {
      matrix[(row - first) * names.length + column] = values[row];
    }
  });
  return { matrix, rows: end - first };
}

async function runTrees(
  bytes: Uint8Array,
  { matrix, rows }: TreeRows,
  width: number,
): Promise<Float32Array> {
  const { InferenceSession, Tensor } = await import("onnxruntime-node");
  const session = await InferenceSession.create(bytes);
  try {
    const { score } = await session.run({ features: new Tensor("float32", matrix, [rows, width]) });
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
