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
import { softmax } from "../ops/normalize.ts";
import { expandDims, reshape } from "../ops/shape-ops.ts";
import { split } from "../ops/slices.ts";
import type { NeighbourLists } from "./gather-sum.ts";
import { gatherNeighbours } from "./gather-sum.ts";
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

export interface Neighbourhood extends NeighbourLists {
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
  const from = gatherNeighbours(linear(params.source, x), hood); // (N, k, A·D)
  const to = expandDims(linear(params.target, x), 1); // (N, 1, A·D)
  const pair = withEdges(params, add(from, to), hood.edgeAttributes);
  const block = headBlocks(heads, depth); // (A·D, A)
  const scorer = mul(block, reshape(params.score, [width, 1]));
  const logits = matmul(leakyRelu(pair, negativeSlope), scorer); // (N, k, A)
  const weights = maskedSoftmax(logits, hood.present);
  const dropped = drop === undefined ? weights : dropout(weights, drop);
  const spread = matmul(dropped, block, { transposeB: true }); // (N, k, A·D)
  const sum = reduceSum(mul(from, spread), { axes: 1 }); // (N, A·D)
  const isAveraged = params.bias.size !== width;
  const merged = isAveraged ? div(split(sum, heads, 1).reduce(add), heads) : sum;
  return { outputs: add(merged, params.bias), weights };
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

function checkNodes(x: Tensor, { neighbours, present, incoming }: Neighbourhood): void {
  const [nodes] = neighbours.shape;
  const isComplete = sameShape(neighbours.shape, present.shape) && incoming.shape[0] === nodes;
  if (x.rank === 2 && x.shape[0] === nodes && isComplete) return;
  throw new ShapeError(
    `graphAttention: x ${x.toString()} with neighbours ${neighbours.toString()}, present ${present.toString()} and ` +
      `incoming ${incoming.toString()}; expected (N, inputs), (N, k), (N, k) and (N, r)`,
  );
}
