// The linear forecast in closed form: what is linear in the inputs need not be found again through noise, step by step.

import type { AtftParams } from "../model/atft/index.ts";
import { parameter } from "../tensor/index.ts";
import type { SessionSpan } from "./blocks.ts";
import { cholesky, inverseOfLower } from "./cholesky.ts";
import type { PeersOn } from "./feed.ts";
import type { Samples } from "./samples.ts";

/**
 * Added to the variances of a stock's inputs, which are about 1, and of its peers' means: daily returns are noise to 99.8 %, and
 * what is not in a stock's own inputs is in few of its peers'.
 */
const ridge = { own: 0.1, peers: 1 } as const;

export interface FittedLinearOptions {
  readonly train: readonly SessionSpan[];
  /** Absent: the peers' part stays 0. */
  readonly peersOn?: PeersOn | undefined;
}

/**
 * The parameters with a linear forecast fitted to the targets of the training rows by ridge regression on the inputs and on the
 * mean of the peers' inputs, 0 where missing: (X'X / n + ridge)⁻¹ X'y / n, one column a horizon.
 */
export function fittedLinear(
  params: AtftParams,
  samples: Samples,
  options: FittedLinearOptions,
): AtftParams {
  if (params.linear === undefined) return params;
  const [features, horizons] = params.linear.own.shape;
  const [own, peers] = [0, 1].map(() => new Float32Array(features * horizons));
  samples.targets.forEach((target, k) => {
    const coefficients = ridgeCoefficients(samples, target, options);
    for (let i = 0; i < features; i += 1) {
      own[i * horizons + k] = coefficients[i];
      peers[i * horizons + k] = coefficients[features + i] ?? 0;
    }
  });
  const shape = [features, horizons];
  return { ...params, linear: { own: parameter(own, shape), peers: parameter(peers, shape) } };
}

/** (F) or (2F): the stock's own inputs, then its peers'. */
function ridgeCoefficients(
  samples: Samples,
  target: Float32Array,
  { train, peersOn }: FittedLinearOptions,
): Float64Array {
  const { rowOf, codeNames, spec } = samples;
  const features = spec.features.length;
  const codes = codeNames.length;
  const width = peersOn === undefined ? features : 2 * features;
  const gram = new Float64Array(width * width);
  const moments = new Float64Array(width);
  const x = new Float64Array(width);
  let count = 0;
  for (const { start, end } of train) {
    for (let cell = start * codes; cell < end * codes; cell += 1) {
      const row = rowOf[cell];
      if (row < 0 || Number.isNaN(target[row])) continue;
      fillRow(samples, cell, peersOn, x);
      count += 1;
      for (let i = 0; i < width; i += 1) {
        const value = x[i];
        if (value === 0) continue;
        moments[i] += value * target[row];
        for (let j = 0; j <= i; j += 1) gram[i * width + j] += value * x[j];
      }
    }
  }
  for (let i = 0; i < width; i += 1) {
    moments[i] /= Math.max(1, count);
    for (let j = 0; j <= i; j += 1) gram[i * width + j] /= Math.max(1, count);
    gram[i * width + i] += i < features ? ridge.own : ridge.peers;
  }
  return solved(gram, moments);
}

/** The inputs of one (session, code) and the mean of its peers', as the network sees them. */
function fillRow(
  { rowOf, codeNames, values, spec }: Samples,
  cell: number,
  peersOn: PeersOn | undefined,
  x: Float64Array,
): void {
  const features = spec.features.length;
  x.fill(0);
  addInputs(values, rowOf[cell] * features, x.subarray(0, features));
  if (peersOn === undefined) return;
  const codes = codeNames.length;
  const session = Math.floor(cell / codes);
  const { neighbours } = peersOn(session);
  const most = spec.config.graph.neighbours;
  const peers = x.subarray(features);
  let present = 0;
  for (let i = 0; i < most; i += 1) {
    const peer = neighbours[(cell % codes) * most + i];
    if (peer < 0 || rowOf[session * codes + peer] < 0) continue;
    present += 1;
    addInputs(values, rowOf[session * codes + peer] * features, peers);
  }
  for (let i = 0; i < features && present > 1; i += 1) peers[i] /= present;
}

function addInputs(values: Float32Array, from: number, sums: Float64Array): void {
  for (let i = 0; i < sums.length; i += 1) {
    const value = values[from + i];
    if (!Number.isNaN(value)) sums[i] += value;
  }
}

/** A⁻¹ b for a symmetric A whose lower triangle is given: L⁻ᵀ L⁻¹ b. */
function solved(lower: Float64Array, b: Float64Array): Float64Array {
  const width = b.length;
  const inverse = inverseOfLower(cholesky(lower, width), width);
  const half = b.map((_, i) => {
    let sum = 0;
    for (let j = 0; j <= i; j += 1) sum += inverse[i * width + j] * b[j];
    return sum;
  });
  return b.map((_, i) => {
    let sum = 0;
    for (let j = i; j < width; j += 1) sum += inverse[j * width + i] * half[j];
    return sum;
  });
}
