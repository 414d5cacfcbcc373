// How much a model needs each feature, out of sample: permutation within the session, and SHAP.

import type { LightGbm } from "./engine.ts";
import type { FittedLightGbm, FoldData } from "./fit.ts";
import { offsetsOf } from "./rank-ic.ts";

export interface ImportanceOptions {
  readonly seed: string;
  /** Test rows looked at, whole sessions evenly spread; default 10,000. */
  readonly maxRows?: number;
  /** Features shuffled, those of the largest gain; default 40. */
  readonly maxFeatures?: number;
}

interface Sample {
  /** (rows, features) row-major, a copy. */
  readonly matrix: Float32Array;
  readonly rows: number;
  /** Positions among the test rows. */
  readonly places: Int32Array;
}

/**
 * (features) fall of the mean RankIC over the fold's test rows when the feature is shuffled within each session. 0 for one that
 * no tree splits on; NaN for one that is not among the `maxFeatures` of the largest gain. `label` (all rows of the dataset) is
 * NaN where unknown.
 */
export async function permutationImportance(
  engine: LightGbm,
  { modelText, parameters, gains }: FittedLightGbm,
  data: FoldData,
  label: Float32Array | Float64Array,
  { seed, maxRows = 10_000, maxFeatures = 40 }: ImportanceOptions,
): Promise<Float64Array> {
  const { matrix, rows, places } = sampleOf(data, maxRows);
  const sessions = places.map((place) => data.test.source.sessions[data.test.indices[place]]);
  const used = Int32Array.from(gains.keys())
    .filter((feature) => gains[feature] > 0)
    .sort((a, b) => gains[b] - gains[a] || a - b);
  const columns = used.slice(0, maxFeatures);
  const falls = await engine.permutation({
    modelText,
    parameters,
    matrix,
    rows,
    features: data.features.length,
    columns,
    outcome: Float64Array.from(places, (place) => label[data.test.indices[place]]),
    offsets: offsetsOf(sessions),
    seed,
  });
  const out = gains.map((gain) => (gain > 0 ? Number.NaN : 0));
  columns.forEach((feature, i) => (out[feature] = falls[i]));
  return out;
}

/** (features) mean absolute SHAP value (Lundberg 2018) over at most `maxRows` of the fold's test rows, evenly spread. */
export async function shapImportance(
  engine: LightGbm,
  { modelText, parameters }: FittedLightGbm,
  data: FoldData,
  { maxRows = 1000 }: { readonly maxRows?: number } = {},
): Promise<Float64Array> {
  const features = data.features.length;
  const step = Math.max(1, Math.ceil(data.test.length / maxRows));
  const places = Int32Array.from(
    { length: Math.ceil(data.test.length / step) },
    (_, i) => i * step,
  );
  const rows = places.length;
  const matrix = copyRows(data, places);
  const request = { modelText, parameters, matrix, rows, features };
  return meanAbsolute(await engine.predict({ ...request, kind: "contribution" }), features);
}

function sampleOf(data: FoldData, maxRows: number): Sample {
  const { test } = data;
  const offsets = offsetsOf(test.indices.map((row) => test.source.sessions[row]));
  const step = Math.max(1, Math.ceil(test.length / maxRows));
  const found: number[] = [];
  for (let day = 0; day + 1 < offsets.length; day += step) {
    for (let place = offsets[day]; place < offsets[day + 1]; place += 1) found.push(place);
  }
  const places = Int32Array.from(found);
  return { matrix: copyRows(data, places), rows: places.length, places };
}

function copyRows({ testMatrix, features }: FoldData, places: Int32Array): Float32Array {
  const width = features.length;
  const matrix = new Float32Array(new SharedArrayBuffer(places.length * width * 4));
  places.forEach((place, i) => {
    matrix.set(testMatrix.subarray(place * width, (place + 1) * width), i * width);
  });
  return matrix;
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
