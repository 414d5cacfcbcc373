// The temporal decoder (Lim et al. 2021, section 4.5): LSTM with gated skip, static enrichment, attention of the last session.

import type { Rng } from "../../rng.ts";
import type { DropoutOptions, Tensor } from "../../tensor/index.ts";
import {
  add,
  at,
  broadcastTo,
  constant,
  dropout,
  expandDims,
  matmul,
  mul,
  reduceMean,
  reduceSum,
  reshape,
  softmax,
} from "../../tensor/index.ts";
import type {
  Attention,
  GatedLinearUnit,
  GatedResidual,
  Lstm,
  Norm,
} from "../../tensor/nn/index.ts";
import {
  gatedLinearUnit,
  gatedResidual,
  initGatedLinearUnit,
  initGatedResidual,
  initInterpretableAttention,
  initLstm,
  initNorm,
  linear,
  lstmOver,
  lstmProjections,
  norm,
  windows,
} from "../../tensor/nn/index.ts";
import type { AtftConfig } from "./config.ts";
import type { StaticContexts } from "./static-context.ts";

type GatedSkip = { readonly gate: GatedLinearUnit; readonly norm: Norm };

export type Temporal = {
  readonly lstm: Lstm;
  readonly afterLstm: GatedSkip;
  readonly enrichment: GatedResidual;
  readonly attention: Attention;
  readonly afterAttention: GatedSkip;
  readonly feedForward: GatedResidual;
  readonly last: GatedSkip;
};

export function initTemporal(rng: Rng, { hidden, heads }: AtftConfig): Temporal {
  const skip = (name: string): GatedSkip => ({
    gate: initGatedLinearUnit(rng.split(name), { inputs: hidden, outputs: hidden }),
    norm: initNorm(hidden),
  });
  const square = { inputs: hidden, hidden, outputs: hidden };
  return {
    lstm: initLstm(rng.split("lstm"), { inputs: hidden, hidden }),
    afterLstm: skip("afterLstm"),
    enrichment: initGatedResidual(rng.split("enrichment"), { ...square, context: hidden }),
    attention: initInterpretableAttention(rng.split("attention"), { width: hidden, heads }),
    afterAttention: skip("afterAttention"),
    feedForward: initGatedResidual(rng.split("feedForward"), square),
    last: skip("last"),
  };
}

function gatedSkip({ gate, norm: layer }: GatedSkip, skip: Tensor, x: Tensor): Tensor {
  return norm(layer, add(skip, gatedLinearUnit(gate, x)));
}

export interface TemporalInput {
  /** (L, S, H): windows that overlap share what is computed a session. */
  readonly states: Tensor;
  /** Each (S, H). */
  readonly contexts: StaticContexts;
}

export interface TemporalOptions {
  readonly time: number;
  /** Sessions forecast, D: the last D windows. */
  readonly count: number;
  readonly heads: number;
  readonly drop?: DropoutOptions;
}

export interface TemporalOutput {
  /** (N, H) with N = D·S */
  readonly state: Tensor;
  /** (T, N): weight of each past session, mean over heads. */
  readonly weights: Tensor;
}

/** The state of each (session, stock) after its T sessions. */
export function temporal(
  params: Temporal,
  { states, contexts }: TemporalInput,
  { time, count, heads, drop }: TemporalOptions,
): TemporalOutput {
  const cut = (tensor: Tensor): Tensor => windows(tensor, { time, count }); // (T, N, H)
  const gates = lstmProjections(params.lstm, states);
  const { outputs } = lstmOver(
    params.lstm,
    {
      input: cut(gates.input),
      forget: cut(gates.forget),
      cell: cut(gates.cell),
      output: cut(gates.output),
    },
    { hidden: repeat(contexts.hidden, count), cell: repeat(contexts.cell, count) },
  );
  const local = gatedSkip(params.afterLstm, cut(states), outputs);
  const context = expandDims(repeat(contexts.enrichment, count), 0);
  const enriched = gatedResidual(params.enrichment, local, { context }); // (T, N, H)
  const attended = attendLast(params.attention, enriched, heads);
  const dropped = drop === undefined ? attended.outputs : dropout(attended.outputs, drop);
  const focused = gatedSkip(params.afterAttention, at(enriched, 0, -1), dropped); // (N, H)
  const fed = gatedResidual(params.feedForward, focused);
  return { state: gatedSkip(params.last, at(local, 0, -1), fed), weights: attended.weights };
}

/** (S, H) for each of `count` sessions: (count·S, H). */
export function repeat(x: Tensor, count: number): Tensor {
  const [stocks, width] = x.shape;
  return reshape(broadcastTo(expandDims(x, 0), [count, stocks, width]), [count * stocks, width]);
}

/**
 * The last row of causal interpretable attention, which is all that the forecast reads: (T, N, H) gives (N, H). Products of
 * the one query with all keys are summed by head, so nothing is transposed.
 */
export function attendLast(
  params: Attention,
  x: Tensor,
  heads: number,
): { readonly outputs: Tensor; readonly weights: Tensor } {
  const [time, rows, width] = x.shape;
  const depth = width / heads;
  const query = linear(params.query, at(x, 0, -1)); // (N, H)
  const products = mul(linear(params.key, x), expandDims(query, 0)); // (T, N, H)
  const scores = mul(matmul(products, headSums(heads, depth)), 1 / Math.sqrt(depth));
  const weights = reduceMean(softmax(scores, 0), { axes: 2, keepDims: true }); // (T, N, 1)
  const context = reduceSum(mul(linear(params.value, x), weights), { axes: 0 }); // (N, D/A)
  return { outputs: linear(params.out, context), weights: reshape(weights, [time, rows]) };
}

/** (H, A): sums the elements of each head. */
function headSums(heads: number, depth: number): Tensor {
  const data = new Float32Array(heads * depth * heads);
  for (let i = 0; i < heads * depth; i += 1) data[i * heads + Math.floor(i / depth)] = 1;
  return constant(data, [heads * depth, heads]);
}
