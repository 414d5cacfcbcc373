// The path around the encoder starts as a whitening of the inputs: what differs between columns that go together is learnt as fast
// as what they share (LeCun et al. 1998, "Efficient BackProp", section 4.3).

import type { AtftParams } from "../model/atft/index.ts";
import type { Rng } from "../rng.ts";
import { parameter } from "../tensor/index.ts";
import { orthogonal } from "../tensor/nn/index.ts";
import type { SessionSpan } from "./blocks.ts";
import type { Samples } from "./samples.ts";
import { cholesky, inverseOfLower } from "./cholesky.ts";

/** Rows that the covariance is taken from. */
const mostRows = 50_000;

/** Added to every variance: directions with less of the inputs' unit variance than this are not blown up. */
const ridge = 0.02;

/** The parameters with skip weights L⁻ᵀ Q: L Lᵀ the covariance of the training rows (0 where missing), Q orthonormal. */
export function whitenedSkip(
  params: AtftParams,
  samples: Samples,
  { train, rng }: { readonly train: readonly SessionSpan[]; readonly rng: Rng },
): AtftParams {
  const { skip } = params;
  if (skip === undefined) return params;
  const [features, hidden] = skip.weight.shape;
  const inverse = inverseOfLower(cholesky(covariance(samples, train), features), features);
  const mixing = mixingOf(rng, features, hidden);
  const weight = new Float32Array(features * hidden);
  for (let i = 0; i < features; i += 1) {
    for (let k = i; k < features; k += 1) {
      const factor = inverse[k * features + i];
      for (let j = 0; j < hidden; j += 1) weight[i * hidden + j] += factor * mixing[k * hidden + j];
    }
  }
  return { ...params, skip: { ...skip, weight: parameter(weight, [features, hidden]) } };
}

/** (F, H): orthonormal rows where they fit, else normal with columns of length about 1. */
function mixingOf(rng: Rng, features: number, hidden: number): ArrayLike<number> {
  const square = orthogonal(rng, Math.max(hidden, 1)).node.data;
  if (features <= hidden && square instanceof Float32Array) return square;
  const scale = 1 / Math.sqrt(features);
  return Float64Array.from({ length: features * hidden }, () => rng.normal() * scale);
}

/** (F, F) about zero, of evenly spaced training rows, ridge included. */
function covariance(
  { rowOf, codeNames, values, spec }: Samples,
  train: readonly SessionSpan[],
): Float64Array {
  const width = spec.features.length;
  const codes = codeNames.length;
  const cells = train.map(({ start, end }) => ({ start: start * codes, end: end * codes }));
  const total = cells.reduce((sum, { start, end }) => sum + end - start, 0);
  const stride = Math.max(1, Math.floor(total / mostRows));
  const sums = new Float64Array(width * width);
  const row = new Float64Array(width);
  let count = 0;
  for (const { start, end } of cells) {
    for (let cell = start; cell < end; cell += stride) {
      if (rowOf[cell] < 0) continue;
      for (let i = 0; i < width; i += 1) {
        const value = values[rowOf[cell] * width + i];
        row[i] = value === value ? value : 0;
      }
      count += 1;
      for (let i = 0; i < width; i += 1) {
        for (let j = 0; j <= i; j += 1) sums[i * width + j] += row[i] * row[j];
      }
    }
  }
  for (let i = 0; i < width; i += 1) {
    for (let j = 0; j <= i; j += 1) sums[i * width + j] /= Math.max(1, count);
    sums[i * width + i] += ridge;
  }
  return sums;
}
