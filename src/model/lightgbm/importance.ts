// How much a model needs each feature, out of sample: permutation within the session, and SHAP.

import type { Rng } from "../../rng.ts";
import type { LightGbm } from "./engine.ts";
import type { FittedLightGbm, FoldData } from "./fit.ts";
import { meanRankIc, offsetsOf, rankLabels } from "./rank-ic.ts";

export interface ImportanceOptions {
  readonly rng: Rng;
  /** Test sessions looked at, evenly spread; default 20. */
  readonly maxSessions?: number;
}

export interface ImportanceResult {
  /** (features) fall of the mean RankIC when the feature is shuffled within each session; NaN where RankIC is undefined. */
  readonly permutation: Float64Array;
  /** (features) mean absolute SHAP value. */
  readonly shap: Float64Array;
}

interface Sample {
  /** (rows, features) row-major, a copy. */
  readonly matrix: Float32Array;
  readonly offsets: Int32Array;
  readonly label: Float64Array;
}

/** Importance on the fold's test rows. `label` (all rows of the dataset) is NaN where unknown. */
export async function importanceOf(
  engine: LightGbm,
  model: FittedLightGbm,
  data: FoldData,
  label: Float32Array | Float64Array,
  { rng, maxSessions = 20 }: ImportanceOptions,
): Promise<ImportanceResult> {
  const sample = sampleOf(data, label, maxSessions);
  const features = data.features.length;
  const rows = sample.label.length;
  const { modelText, parameters } = model;
  const request = { modelText, parameters, matrix: sample.matrix, rows, features };
  const shap = meanAbsolute(await engine.predict({ ...request, kind: "contribution" }), features);
  const ranked = rankLabels(sample.label, sample.offsets);
  const score = async (): Promise<number> =>
    meanRankIc(await engine.predict({ ...request, kind: "normal" }), ranked);
  const base = await score();
  const permutation = new Float64Array(features);
  for (let feature = 0; feature < features; feature += 1) {
    const held = columnOf(sample.matrix, feature, features);
    const shuffled = held.slice();
    for (let day = 0; day + 1 < sample.offsets.length; day += 1) {
      rng.shuffle(shuffled.subarray(sample.offsets[day], sample.offsets[day + 1]));
    }
    putColumn(sample.matrix, feature, features, shuffled);
    permutation[feature] = base - (await score());
    putColumn(sample.matrix, feature, features, held);
  }
  return { permutation, shap };
}

function sampleOf(
  { test, testMatrix, features }: FoldData,
  label: Float32Array | Float64Array,
  maxSessions: number,
): Sample {
  const sessions = test.indices.map((row) => test.source.sessions[row]);
  const offsets = offsetsOf(sessions);
  const days = offsets.length - 1;
  const step = Math.max(1, Math.ceil(days / maxSessions));
  const rows: number[] = [];
  for (let day = 0; day < days; day += step) {
    for (let row = offsets[day]; row < offsets[day + 1]; row += 1) rows.push(row);
  }
  const width = features.length;
  const matrix = new Float32Array(new SharedArrayBuffer(rows.length * width * 4));
  rows.forEach((row, i) => {
    matrix.set(testMatrix.subarray(row * width, (row + 1) * width), i * width);
  });
  return {
    matrix,
    offsets: offsetsOf(rows.map((row) => sessions[row])),
    label: Float64Array.from(rows, (row) => label[test.indices[row]]),
  };
}

function meanAbsolute(contributions: Float64Array, features: number): Float64Array {
  const rows = contributions.length / (features + 1);
  const out = new Float64Array(features);
  for (let row = 0; row < rows; row += 1) {
    for (let feature = 0; feature < features; feature += 1) {
      out[feature] += Math.abs(contributions[row * (features + 1) + feature]) / rows;
    }
  }
  return out;
}

function columnOf(matrix: Float32Array, column: number, width: number): Float32Array {
  return Float32Array.from(
    { length: matrix.length / width },
    (_, row) => matrix[row * width + column],
  );
}

function putColumn(
  matrix: Float32Array,
  column: number,
  width: number,
  values: Float32Array,
): void {
  values.forEach((value, row) => (matrix[row * width + column] = value));
}
