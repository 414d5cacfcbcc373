// Adaptive normalisation by trailing windows: z-scores over several lengths blended per feature with the raw value.

import type { Tensor } from "../../tensor/index.ts";
import {
  add,
  at,
  constant,
  div,
  matmul,
  maximum,
  mul,
  parameter,
  reshape,
  slice,
  softmax,
  sqrt,
  square,
  sub,
} from "../../tensor/index.ts";

export type WindowedNorm = {
  /** (windows + 1, F) blend logits, the raw value first. */
  readonly blend: Tensor;
};

/** Starts at nine tenths of the raw value: the level across stocks is the signal that z-scores in time throw away. */
export function initWindowedNorm(windows: readonly number[], features: number): WindowedNorm {
  const rows = windows.length + 1;
  const data = new Float32Array(rows * features);
  data.fill(Math.log(9 * windows.length), 0, features);
  return { blend: parameter(data, [rows, features]) };
}

/** Added to the variance: series with less spread than this (in standardised units) are damped, not blown up. */
const epsilon = 1e-2;

/**
 * (L, S, F) values (0 where missing) and `observed` to blended values of the same shape, 0 where missing. Each window's mean
 * and deviation are over its observed sessions, today included, of one stock and feature alone.
 */
export function windowedNorm(
  { blend }: WindowedNorm,
  windows: readonly number[],
  { x, observed }: { readonly x: Tensor; readonly observed: Tensor },
): Tensor {
  const weights = softmax(blend, 0); // (W + 1, F)
  const [length] = x.shape;
  const rows = (tensor: Tensor): Tensor => reshape(tensor, [length, -1]);
  let sum = mul(x, at(weights, 0, 0));
  windows.forEach((window, i) => {
    const band = trailing(length, window);
    const count = maximum(matmul(band, rows(observed)), 1); // (L, S·F)
    const mean = div(matmul(band, rows(x)), count);
    const meanSquare = div(matmul(band, rows(square(x))), count);
    const variance = maximum(sub(meanSquare, square(mean)), 0);
    const score = div(sub(rows(x), mean), sqrt(add(variance, epsilon)));
    const known = mul(reshape(score, x.shape), observed);
    sum = add(sum, mul(known, at(weights, 0, i + 1)));
  });
  return sum;
}

/** (L, L): row t sums positions t - window + 1 to t. */
function trailing(length: number, window: number): Tensor {
  const data = new Float32Array(length * length);
  for (let t = 0; t < length; t += 1) {
    data.fill(1, t * length + Math.max(0, t - window + 1), t * length + t + 1);
  }
  return constant(data, [length, length]);
}

/** The last `length` positions of the first axis. */
export function lastOf(x: Tensor, length: number): Tensor {
  return slice(x, 0, x.shape[0] - length);
}
