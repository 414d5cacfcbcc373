// Why trees rank a stock where they do: the features that moved its score furthest, by SHAP.

import { openLightGbm } from "../../model/lightgbm/index.ts";
import type { TreesModel } from "./trees-model.ts";

export interface TreeRows {
  /** (rows, columns of the model) row-major, transformed, on shared memory. */
  readonly matrix: Float32Array;
  readonly rows: number;
}

/** Reasons named for a row, as many as a network names. */
const named = 3;

/** For each horizon and row the features that `strongestOf` names, computed by LightGBM's library at the path `library`. */
export async function treeReasons(
  library: string,
  { columns, texts }: TreesModel,
  { matrix, rows }: TreeRows,
): Promise<ReadonlyMap<number, readonly (readonly string[])[]>> {
  const names = columns.map(({ name }) => name);
  const reasons = new Map<number, readonly (readonly string[])[]>();
  await using engine = await openLightGbm(library);
  for (const [horizon, modelText] of texts) {
    const request = { modelText, matrix, rows, features: names.length, parameters: "" };
    const values = await engine.predict({ ...request, kind: "contribution" });
    const width = names.length + 1;
    const own = Array.from({ length: rows }, (_, row) =>
      strongestOf(names, values.subarray(row * width, (row + 1) * width)),
    );
    reasons.set(horizon, own);
  }
  return reasons;
}

/**
 * Names of the three features of the largest absolute contribution (Lundberg 2018), largest first; features that moved nothing are
 * not named, nor is what follows the features' contributions: the mean.
 */
export function strongestOf(names: readonly string[], contributions: Float64Array): string[] {
  const sizes = names.map((name, at) => ({ name, size: Math.abs(contributions[at]) }));
  return sizes
    .filter(({ size }) => size > 0)
    .sort((a, b) => b.size - a.size)
    .slice(0, named)
    .map(({ name }) => name);
}
