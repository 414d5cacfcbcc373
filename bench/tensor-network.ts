// The benchmark network: input F -> H, GRN, LSTM, causal attention with shared values, two GATv2 layers, 5 outputs, AdamW.

import { createRng } from "../src/rng.ts";
import type {
  AdamState,
  Attention,
  GatedResidual,
  GraphAttention,
  Linear,
  Lstm,
  Neighbourhood,
  Norm,
  StepDefinition,
  Tensor,
  TensorType,
} from "../src/tensor/index.ts";
import {
  adamW,
  add,
  at,
  causalBias,
  elu,
  gatedResidual,
  grad,
  graphAttention,
  initAdam,
  initGatedResidual,
  initGraphAttention,
  initInterpretableAttention,
  initLinear,
  initLstm,
  initNorm,
  interpretableAttention,
  linear,
  lstm,
  norm,
  reduceMean,
  square,
  sub,
  transpose,
} from "../src/tensor/index.ts";

export interface NetworkSize {
  readonly batch: number;
  readonly time: number;
  readonly features: number;
  readonly hidden: number;
  readonly heads: number;
  readonly neighbours: number;
}

export type Network = {
  readonly input: Linear;
  readonly residual: GatedResidual;
  readonly lstm: Lstm;
  readonly lstmNorm: Norm;
  readonly attention: Attention;
  readonly attentionNorm: Norm;
  readonly graph1: GraphAttention;
  readonly graph2: GraphAttention;
  readonly graphNorm: Norm;
  readonly head: Linear;
};

export function initNetwork(seed: number, { features, hidden, heads }: NetworkSize): Network {
  const rng = createRng(seed);
  const depth = hidden / heads;
  return {
    input: initLinear(rng, { inputs: features, outputs: hidden }),
    residual: initGatedResidual(rng, { inputs: hidden, hidden, outputs: hidden }),
    lstm: initLstm(rng, { inputs: hidden, hidden }),
    lstmNorm: initNorm(hidden),
    attention: initInterpretableAttention(rng, { width: hidden, heads }),
    attentionNorm: initNorm(hidden),
    graph1: initGraphAttention(rng, { inputs: hidden, depth, heads }),
    graph2: initGraphAttention(rng, { inputs: hidden, depth: hidden, heads, isAveraged: true }),
    graphNorm: initNorm(hidden),
    head: initLinear(rng, { inputs: hidden, outputs: 5 }),
  };
}

/** (B, T, F) to (B, 5). */
export function forward(params: Network, x: Tensor, hood: Neighbourhood, heads: number): Tensor {
  const embedded = transpose(linear(params.input, x), [1, 0, 2]); // (T, B, H)
  const selected = gatedResidual(params.residual, embedded);
  const { outputs } = lstm(params.lstm, selected);
  const recurrent = norm(params.lstmNorm, add(selected, outputs));
  const series = transpose(recurrent, [1, 0, 2]); // (B, T, H)
  const bias = causalBias(x.shape[1]);
  const attended = interpretableAttention(params.attention, series, { heads, bias });
  const enriched = norm(params.attentionNorm, add(series, attended.outputs));
  const last = at(enriched, 1, -1); // (B, H)
  const first = elu(graphAttention(params.graph1, last, hood).outputs);
  const second = graphAttention(params.graph2, first, hood).outputs;
  return linear(params.head, norm(params.graphNorm, add(last, second)));
}

type Inputs = Readonly<Record<"x" | "y" | "neighbours" | "present", TensorType>>;
type State = { readonly params: Network; readonly moments: AdamState<Network> };

/** Shapes of a batch; the reverse lists hold up to three times as many edges as the lists. */
export function inputsOf({ batch, time, features, neighbours }: NetworkSize): Inputs {
  return {
    x: { shape: [batch, time, features], dtype: "float32" },
    y: { shape: [batch, 5], dtype: "float32" },
    neighbours: { shape: [batch, neighbours], dtype: "int32" },
    present: { shape: [batch, neighbours], dtype: "float32" },
  };
}

/** One training step: mean squared error on 5 outputs, AdamW. */
export function trainingStep(size: NetworkSize, seed = 1): StepDefinition<State, Inputs> {
  const params = initNetwork(seed, size);
  return {
    state: { params, moments: initAdam(params) },
    inputs: inputsOf(size),
    step: (state, { x, y, ...hood }) => {
      const loss = reduceMean(square(sub(forward(state.params, x, hood, size.heads), y)));
      const gradients = grad(loss, state.params);
      const next = adamW(state.params, gradients, state.moments, { rate: 1e-3 });
      return { state: { params: next.params, moments: next.state }, outputs: { loss } };
    },
  };
}
