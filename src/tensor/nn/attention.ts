// Multi-head attention (Vaswani et al. 2017) and its interpretable form with shared values (Lim et al. 2021, eq. 13 to 16).

import { ShapeError } from "../../errors.ts";
import type { Rng } from "../../rng.ts";
import type { Tensor } from "../graph/tensor.ts";
import { constant } from "../graph/tensor.ts";
import { add, mul } from "../ops/elementwise.ts";
import { matmul } from "../ops/matmul.ts";
import { softmax } from "../ops/normalize.ts";
import { reduceMean } from "../ops/reduce.ts";
import { reshape, transpose } from "../ops/shape-ops.ts";
import type { Linear } from "./linear.ts";
import { initLinear, linear } from "./linear.ts";

export type Attention = {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly out: Linear;
};

export interface AttentionConfig {
  readonly width: number;
  readonly heads: number;
}

export interface AttentionOptions {
  readonly heads: number;
  /** Added to the scores, broadcasting to (B, A, Tq, Tk): 0 where attention may look, a large negative number elsewhere. */
  readonly bias?: Tensor;
}

export interface Attended {
  /** (B, Tq, D) */
  readonly outputs: Tensor;
  /** (B, A, Tq, Tk): rows sum to 1. */
  readonly weights: Tensor;
}

/** The bias that hides later positions: query i of the last Tq of `time` sees keys 0 to time - Tq + i. */
export function causalBias(queries: number, time: number = queries): Tensor {
  const data = new Float32Array(queries * time);
  for (let i = 0; i < data.length; i += 1) {
    if (i % time > time - queries + Math.floor(i / time)) data[i] = -1e9;
  }
  return constant(data, [queries, time]);
}

/** Throws ShapeError unless `heads` divides `width`. */
export function initAttention(rng: Rng, { width, heads }: AttentionConfig): Attention {
  checkHeads(width, heads);
  const layer = (): Linear => initLinear(rng, { inputs: width, outputs: width });
  return { query: layer(), key: layer(), value: layer(), out: layer() };
}

/** Queries (B, Tq, D) attend to `keys` (B, Tk, D), by default to themselves. */
export function attention(
  params: Attention,
  queries: Tensor,
  { heads, bias, keys = queries }: AttentionOptions & { readonly keys?: Tensor },
): Attended {
  const weights = attentionWeights(params, queries, keys, { heads, ...(bias && { bias }) });
  const value = splitHeads(linear(params.value, keys), heads); // (B, A, Tk, D/A)
  const context = transpose(matmul(weights, value), [0, 2, 1, 3]); // (B, Tq, A, D/A)
  return { outputs: linear(params.out, reshape(context, queries.shape)), weights };
}

/** As `initAttention`, with one value projection of width D/A that all heads share. */
export function initInterpretableAttention(rng: Rng, { width, heads }: AttentionConfig): Attention {
  checkHeads(width, heads);
  const depth = width / heads;
  return {
    query: initLinear(rng, { inputs: width, outputs: width }),
    key: initLinear(rng, { inputs: width, outputs: width }),
    value: initLinear(rng, { inputs: width, outputs: depth }),
    out: initLinear(rng, { inputs: depth, outputs: width }),
  };
}

/** Heads share their values, so the mean of their weights says what was looked at: mean over heads of A_h V, then W. */
export function interpretableAttention(
  params: Attention,
  queries: Tensor,
  { heads, bias, keys = queries }: AttentionOptions & { readonly keys?: Tensor },
): Attended {
  const weights = attentionWeights(params, queries, keys, { heads, ...(bias && { bias }) });
  const mean = reduceMean(weights, { axes: 1 }); // (B, Tq, Tk)
  const context = matmul(mean, linear(params.value, keys)); // (B, Tq, D/A)
  return { outputs: linear(params.out, context), weights };
}

function attentionWeights(
  params: Attention,
  queries: Tensor,
  keys: Tensor,
  { heads, bias }: AttentionOptions,
): Tensor {
  const query = splitHeads(linear(params.query, queries), heads);
  const key = splitHeads(linear(params.key, keys), heads);
  const depth = query.shape[3];
  const scores = mul(matmul(query, key, { transposeB: true }), 1 / Math.sqrt(depth));
  return softmax(bias === undefined ? scores : add(scores, bias)); // (B, A, Tq, Tk)
}

function splitHeads(x: Tensor, heads: number): Tensor {
  const [batch, time, width] = x.shape;
  return transpose(reshape(x, [batch, time, heads, width / heads]), [0, 2, 1, 3]);
}

function checkHeads(width: number, heads: number): void {
  if (Number.isInteger(width / heads)) return;
  throw new ShapeError(`attention: width ${width} is no multiple of ${heads} heads`);
}
