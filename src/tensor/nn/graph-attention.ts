// Graph attention with dynamic scores (GATv2, Brody et al. 2022) over neighbour lists of fixed length.

import { ShapeError } from "../../errors.ts";
import type { Rng } from "../../rng.ts";
import { sameShape } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { constant } from "../graph/tensor.ts";
import { leakyRelu } from "../ops/activations.ts";
import { reduceSum } from "../ops/broadcast.ts";
import type { DropoutOptions } from "../ops/dropout.ts";
import { dropout } from "../ops/dropout.ts";
import { add, div, mul } from "../ops/elementwise.ts";
import { matmul } from "../ops/matmul.ts";
import { gather } from "../ops/indexing.ts";
import { softmax } from "../ops/normalize.ts";
import { expandDims, reshape, transpose } from "../ops/shape-ops.ts";
import { filled, glorotUniform } from "./initializers.ts";
import type { Linear } from "./linear.ts";
import { initLinear, linear } from "./linear.ts";

export type GraphAttention = {
  /** (inputs, A·D), what a neighbour says. */
  readonly source: Linear;
  /** (inputs, A·D), what a node asks. */
  readonly target: Linear;
  /** (edge attributes, A·D), where edges have attributes. */
  readonly edge?: Tensor;
  /** (A, D) */
  readonly score: Tensor;
  /** (A·D) where heads are concatenated, (D) where they are averaged. */
  readonly bias: Tensor;
};

export interface GraphAttentionConfig {
  readonly inputs: number;
  /** Width D of one head. */
  readonly depth: number;
  readonly heads: number;
  /** Attributes an edge has, 0 (unless given) for none. */
  readonly edgeAttributes?: number;
  /** True averages the heads, (N, D); else they are concatenated, (N, A·D). */
  readonly isAveraged?: boolean;
}

export function initGraphAttention(
  rng: Rng,
  { inputs, depth, heads, edgeAttributes = 0, isAveraged = false }: GraphAttentionConfig,
): GraphAttention {
  const outputs = heads * depth;
  return {
    source: initLinear(rng, { inputs, outputs }),
    target: initLinear(rng, { inputs, outputs }),
    ...(edgeAttributes === 0 ? {} : { edge: glorotUniform(rng, [edgeAttributes, outputs]) }),
    score: glorotUniform(rng, [heads, depth]),
    bias: filled([isAveraged ? depth : outputs], 0),
  };
}

/** Neighbour lists of fixed length. */
export interface Neighbourhood {
  /** (N, k) rows, int32; any valid row where `present` is 0. */
  readonly neighbours: Tensor;
  /** (N, k) 1 where there is a neighbour, 0 where the list is shorter. */
  readonly present: Tensor;
  /** (N, k, E) */
  readonly edgeAttributes?: Tensor;
}

export interface GraphAttentionOptions {
  /** 0.2 unless given. */
  readonly negativeSlope?: number;
  /** Dropout of attention weights. */
  readonly drop?: DropoutOptions;
}

export interface GraphAttended {
  readonly outputs: Tensor;
  /** (N, k, A): sum to 1 over k; all 0 where a node has no neighbour. */
  readonly weights: Tensor;
}

/**
 * Node i gathers Σ_j α_ij S x_j with α_ij = softmax_j a·LeakyReLU(S x_j + T x_i + E e_ij). A node without neighbours gets the
 * bias alone. No self loops are added: list a node among its neighbours where they are wanted.
 */
export function graphAttention(
  params: GraphAttention,
  x: Tensor,
  hood: Neighbourhood,
  { negativeSlope = 0.2, drop }: GraphAttentionOptions = {},
): GraphAttended {
  const [heads, depth] = params.score.shape;
  checkNodes(x, hood);
  const width = heads * depth;
  const from = gather(linear(params.source, x), hood.neighbours); // (N, k, A·D)
  const to = expandDims(linear(params.target, x), 1); // (N, 1, A·D)
  const pair = withEdges(params, add(from, to), hood.edgeAttributes);
  const block = headBlocks(heads, depth); // (A·D, A)
  const scorer = mul(block, reshape(params.score, [width, 1]));
  const logits = matmul(leakyRelu(pair, negativeSlope), scorer); // (N, k, A)
  const weights = maskedSoftmax(logits, hood.present);
  const dropped = drop === undefined ? weights : dropout(weights, drop);
  const rows = gather(x, hood.neighbours); // (N, k, inputs)
  const context = matmul(dropped, rows, { transposeA: true }); // (N, A, inputs)
  const said = spoken(params, context, reduceSum(dropped, { axes: 1 }));
  return { outputs: add(said, params.bias), weights };
}

/**
 * Σ_j α_ij S x_j as S applied to Σ_j α_ij x_j, which is k times fewer products: `context` (N, A, inputs), `share` (N, A) the sums
 * of weights. Heads side by side (N, A·D), or their mean (N, D).
 */
function spoken({ source, score, bias }: GraphAttention, context: Tensor, share: Tensor): Tensor {
  const [heads, depth] = score.shape;
  const [nodes, , inputs] = context.shape;
  const byHead = transpose(reshape(source.weight, [inputs, heads, depth]), [1, 0, 2]); // (A, inputs, D)
  const offset = reshape(source.bias, [heads, depth]);
  if (bias.size !== heads * depth) {
    const flat = reshape(context, [nodes, heads * inputs]);
    const sum = matmul(flat, reshape(byHead, [heads * inputs, depth]));
    return div(add(sum, matmul(share, offset)), heads);
  }
  const own = matmul(transpose(context, [1, 0, 2]), byHead); // (A, N, D)
  const shifted = add(transpose(own, [1, 0, 2]), mul(expandDims(share, 2), offset));
  return reshape(shifted, [nodes, heads * depth]);
}

function withEdges({ edge }: GraphAttention, pair: Tensor, attributes: Tensor | undefined): Tensor {
  if ((edge === undefined) !== (attributes === undefined)) {
    throw new ShapeError(
      `graphAttention: the layer was made ${edge === undefined ? "without" : "with"} edge attributes, the call is the other way`,
    );
  }
  return edge === undefined || attributes === undefined
    ? pair
    : add(pair, matmul(attributes, edge));
}

function maskedSoftmax(logits: Tensor, present: Tensor): Tensor {
  const known = expandDims(present, 2); // (N, k, 1)
  const hidden = add(logits, mul(add(known, -1), 1e9));
  return mul(softmax(hidden, 1), known);
}

/** Column a is 1 on the rows of head a: sums each head's block by a product. */
function headBlocks(heads: number, depth: number): Tensor {
  const data = new Float32Array(heads * depth * heads);
  for (let i = 0; i < heads * depth; i += 1) data[i * heads + Math.floor(i / depth)] = 1;
  return constant(data, [heads * depth, heads]);
}

function checkNodes(x: Tensor, { neighbours, present }: Neighbourhood): void {
  const [nodes] = neighbours.shape;
  if (x.rank === 2 && x.shape[0] === nodes && sameShape(neighbours.shape, present.shape)) return;
  throw new ShapeError(
    `graphAttention: x ${x.toString()} with neighbours ${neighbours.toString()} and present ${present.toString()}; ` +
      "expected (N, inputs), (N, k) and (N, k)",
  );
}
