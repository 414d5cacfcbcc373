// The benchmark network: input F -> H, GRN, LSTM, causal attention with shared values, two GATv2 layers, 5 outputs, AdamW.

import type { Rng } from "../src/rng.ts";
import { createRng } from "../src/rng.ts";
import type { StepDefinition, Tensor, TensorType } from "../src/tensor/index.ts";
import {
  add,
  at,
  constant,
  div,
  elu,
  exp,
  full,
  gated,
  gather,
  grad,
  layerNorm,
  leakyRelu,
  lstmCell,
  mapTree,
  mapTrees,
  matmul,
  mul,
  parameter,
  reduceMean,
  reduceSum,
  reshape,
  softmax,
  split,
  sqrt,
  square,
  stack,
  sub,
  transpose,
  unstack,
} from "../src/tensor/index.ts";

export interface NetworkSize {
  readonly batch: number;
  readonly time: number;
  readonly features: number;
  readonly hidden: number;
  readonly heads: number;
  readonly neighbours: number;
}

type Linear = { readonly weight: Tensor; readonly bias: Tensor };
type Norm = { readonly scale: Tensor; readonly bias: Tensor };

function normal(rng: Rng, shape: readonly number[]): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const std = 1 / Math.sqrt(shape[0]);
  return parameter(
    Float32Array.from({ length: size }, () => rng.normal() * std),
    shape,
  );
}

function initLinear(rng: Rng, inputs: number, outputs: number): Linear {
  return {
    weight: normal(rng, [inputs, outputs]),
    bias: parameter(new Float32Array(outputs), [outputs]),
  };
}

function initNorm(width: number): Norm {
  return {
    scale: parameter(new Float32Array(width).fill(1), [width]),
    bias: parameter(new Float32Array(width), [width]),
  };
}

function linear({ weight, bias }: Linear, x: Tensor): Tensor {
  return add(matmul(x, weight), bias);
}

const gates = ["input", "forget", "cell", "output"] as const;

type Lstm = { readonly [K in (typeof gates)[number]]: { x: Linear; hidden: Tensor } };

function initLstm(rng: Rng, hidden: number): Lstm {
  const gate = (): Lstm["input"] => ({
    x: initLinear(rng, hidden, hidden),
    hidden: normal(rng, [hidden, hidden]),
  });
  return { input: gate(), forget: gate(), cell: gate(), output: gate() };
}

function lstm(params: Lstm, x: Tensor): Tensor {
  const [time, batch, width] = x.shape;
  const projected = gates.map((gate) => unstack(linear(params[gate].x, x), 0));
  let hidden = full([batch, width], 0);
  let cell = full([batch, width], 0);
  const states: Tensor[] = [];
  for (let t = 0; t < time; t += 1) {
    const [input, forget, candidate, output] = gates.map((gate, i) =>
      t === 0 ? projected[i][0] : add(matmul(hidden, params[gate].hidden), projected[i][t]),
    );
    ({ hidden, cell } = lstmCell({ input, forget, cell: candidate, output }, cell));
    states.push(hidden);
  }
  return stack(states, 0); // (T, B, H)
}

type Attention = { query: Linear; key: Linear; value: Linear; out: Linear };

function attention(params: Attention, x: Tensor, heads: number): Tensor {
  const [time, batch, width] = x.shape;
  const depth = width / heads;
  const byHead = (y: Tensor): Tensor =>
    transpose(reshape(y, [time, batch * heads, depth]), [1, 0, 2]); // (B·A, T, D/A)
  const query = byHead(linear(params.query, x));
  const key = byHead(linear(params.key, x));
  const value = transpose(linear(params.value, x), [1, 0, 2]); // (B, T, D/A)
  const scores = mul(matmul(query, key, { transposeB: true }), 1 / Math.sqrt(depth));
  const weights = softmax(add(scores, causalMask(time))); // (B·A, T, T)
  const rows = reshape(weights, [batch, heads * time, time]);
  const context = reshape(matmul(rows, value), [batch, heads, time, depth]);
  const mean = reduceMean(context, { axes: 1 }); // shared values: the mean over heads, (B, T, D/A)
  return linear(params.out, transpose(mean, [1, 0, 2])); // (T, B, D)
}

function causalMask(time: number): Tensor {
  const data = new Float32Array(time * time);
  for (let i = 0; i < data.length; i += 1) data[i] = i % time > Math.floor(i / time) ? -1e9 : 0;
  return constant(data, [time, time]);
}

type Gat = { source: Linear; target: Linear; score: Tensor; bias: Tensor };

function initGat(rng: Rng, width: number, out: number, heads: number): Gat {
  return {
    source: initLinear(rng, width, out),
    target: initLinear(rng, width, out),
    score: normal(rng, [heads, out / heads]),
    bias: parameter(new Float32Array(out), [out]),
  };
}

/** The rows of `heads` blocks of length `depth`: sums each block as a product, (heads·depth, heads). */
function blocks(heads: number, depth: number): Tensor {
  const data = new Float32Array(heads * depth * heads);
  for (let i = 0; i < heads * depth; i += 1) data[i * heads + Math.floor(i / depth)] = 1;
  return constant(data, [heads * depth, heads]);
}

function gat({ source, target, score }: Gat, x: Tensor, neighbours: Tensor): Tensor {
  const [heads, depth] = score.shape;
  const [batch] = neighbours.shape;
  const width = heads * depth;
  const block = blocks(heads, depth);
  const from = gather(linear(source, x), neighbours); // (B, k, A·D)
  const to = reshape(linear(target, x), [batch, 1, width]);
  const logits = matmul(leakyRelu(add(from, to), 0.2), mul(block, reshape(score, [width, 1])));
  const weights = softmax(logits, 1); // (B, k, A)
  const spread = matmul(weights, block, { transposeB: true }); // (B, k, A·D)
  return reduceSum(mul(from, spread), { axes: 1 }); // (B, A·D)
}

export type Network = {
  readonly input: Linear;
  readonly grn: Record<"inner" | "value" | "gate", Linear> & { readonly norm: Norm };
  readonly lstm: Lstm;
  readonly lstmNorm: Norm;
  readonly attention: Attention;
  readonly attentionNorm: Norm;
  readonly gat1: Gat;
  readonly gat2: Gat;
  readonly gatNorm: Norm;
  readonly head: Linear;
};

export function initNetwork(seed: number, { features, hidden, heads }: NetworkSize): Network {
  const rng = createRng(seed);
  const depth = hidden / heads;
  return {
    input: initLinear(rng, features, hidden),
    grn: {
      inner: initLinear(rng, hidden, hidden),
      value: initLinear(rng, hidden, hidden),
      gate: initLinear(rng, hidden, hidden),
      norm: initNorm(hidden),
    },
    lstm: initLstm(rng, hidden),
    lstmNorm: initNorm(hidden),
    attention: {
      query: initLinear(rng, hidden, hidden),
      key: initLinear(rng, hidden, hidden),
      value: initLinear(rng, hidden, depth),
      out: initLinear(rng, depth, hidden),
    },
    attentionNorm: initNorm(hidden),
    gat1: initGat(rng, hidden, hidden, heads),
    gat2: initGat(rng, hidden, hidden * heads, heads),
    gatNorm: initNorm(hidden),
    head: initLinear(rng, hidden, 5),
  };
}

/** (B, T, F) and neighbours (B, k) to (B, 5). */
export function forward(params: Network, x: Tensor, neighbours: Tensor, heads: number): Tensor {
  const { grn } = params;
  const embedded = transpose(linear(params.input, x), [1, 0, 2]); // (T, B, H)
  const inner = elu(linear(grn.inner, embedded));
  const glu = gated(linear(grn.value, inner), linear(grn.gate, inner));
  const selected = norm(grn.norm, add(embedded, glu));
  const recurrent = norm(params.lstmNorm, add(selected, lstm(params.lstm, selected)));
  const attended = attention(params.attention, recurrent, heads);
  const enriched = norm(params.attentionNorm, add(recurrent, attended));
  const last = at(enriched, 0, -1); // (B, H)
  const first = elu(gat(params.gat1, last, neighbours));
  const wide = gat(params.gat2, first, neighbours); // (B, A·H)
  const second = div(split(wide, heads, 1).reduce(add), heads);
  return linear(params.head, norm(params.gatNorm, add(last, second)));
}

function norm({ scale, bias }: Norm, x: Tensor): Tensor {
  return layerNorm(x, scale, bias);
}

type Moments<P> = { readonly first: P; readonly second: P; readonly count: Tensor };

function initAdamW<P>(params: P): Moments<P> {
  const zeros = (tree: P): P =>
    mapTree(tree, (leaf) => parameter(new Float32Array(leaf.size), leaf.shape));
  return {
    first: zeros(params),
    second: zeros(params),
    count: parameter(new Float32Array(1), []),
  };
}

const settings = { rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0.01 };

function adamW<P>(
  params: P,
  gradients: P,
  moments: Moments<P>,
): { params: P; moments: Moments<P> } {
  const { rate, beta1, beta2, epsilon, decay } = settings;
  const count = add(moments.count, 1);
  const power = (base: number): Tensor => sub(1, expOf(base, count));
  const [bias1, bias2] = [power(beta1), power(beta2)];
  const first = mapTrees(moments.first, [gradients], ([m, g]) =>
    add(mul(m, beta1), mul(g, 1 - beta1)),
  );
  const second = mapTrees(moments.second, [gradients], ([v, g]) =>
    add(mul(v, beta2), mul(square(g), 1 - beta2)),
  );
  const stepSize = div(mul(sqrt(bias2), rate), bias1);
  const stable = mul(sqrt(bias2), epsilon);
  const next = mapTrees(params, [first, second], ([p, m, v]) =>
    sub(mul(p, 1 - rate * decay), mul(stepSize, div(m, add(sqrt(v), stable)))),
  );
  return { params: next, moments: { first, second, count } };
}

function expOf(base: number, exponent: Tensor): Tensor {
  return exp(mul(exponent, Math.log(base)));
}

type Inputs = { x: TensorType; neighbours: TensorType; y: TensorType };
type State = { readonly params: Network; readonly moments: Moments<Network> };

/** One training step: mean squared error on 5 outputs, AdamW. */
export function trainingStep(size: NetworkSize, seed = 1): StepDefinition<State, Inputs> {
  const { batch, time, features, neighbours, heads } = size;
  const params = initNetwork(seed, size);
  return {
    state: { params, moments: initAdamW(params) },
    inputs: {
      x: { shape: [batch, time, features], dtype: "float32" },
      neighbours: { shape: [batch, neighbours], dtype: "int32" },
      y: { shape: [batch, 5], dtype: "float32" },
    },
    step: (state, inputs) => {
      const predicted = forward(state.params, inputs.x, inputs.neighbours, heads);
      const loss = reduceMean(square(sub(predicted, inputs.y)));
      const gradients = grad(loss, state.params);
      return { state: adamW(state.params, gradients, state.moments), outputs: { loss } };
    },
  };
}
