// One training step and one prediction as graphs: forward, loss, backward, clipping, AdamW, moving average.

import type { LossWeights } from "../config/train.ts";
import type { Rng } from "../rng.ts";
import type { AtftInput, AtftParams, AtftSpec, Blocks } from "../model/atft/index.ts";
import { edgeAttributeCount, forwardAtft, lookbackOf } from "../model/atft/index.ts";
import type { StepDefinition, Tensor, TensorType } from "../tensor/index.ts";
import { add, at, grad, greater, mul, reduceSum, reshape, where } from "../tensor/index.ts";
import type { AdamState, EmaState, PackedLeaf, RuleOf } from "../tensor/optim/index.ts";
import {
  adamW,
  clipByGlobalNorm,
  decayWeightsOnly,
  ema,
  initAdam,
  initEma,
  keepUnless,
  pack,
  packedFactors,
  packedLayout,
  unpack,
  zerosLike,
} from "../tensor/optim/index.ts";
import type { BatchShape } from "./feed.ts";
import { totalLoss } from "./losses/index.ts";
import { dayDeviation } from "./losses/masked.ts";

/** All parameters are one vector (P), so that the optimiser is a handful of nodes. */
export type TrainingState = {
  readonly params: Tensor;
  readonly adam: AdamState<Tensor>;
  readonly ema: EmaState<Tensor>;
  /** Sum of gradients since the last update. */
  readonly sum: Tensor;
};

export function initialState(params: AtftParams): TrainingState {
  const packed = pack(params);
  return {
    params: packed,
    adam: initAdam(packed),
    ema: initEma(packed),
    sum: zerosLike(packed),
  };
}

export type ForwardInputs = {
  readonly x: TensorType;
  readonly statics: TensorType;
  readonly neighbours: TensorType;
  readonly present: TensorType;
  readonly edges: TensorType;
};

export type TrainingInputs = ForwardInputs & {
  readonly labels: TensorType;
  readonly known: TensorType;
  /** Learning rate. */
  readonly rate: TensorType;
  /** 1 where the weights move after this batch, 0 where its gradients are only added up. */
  readonly apply: TensorType;
};

/** Shapes of what a forecast of D sessions of S stocks reads. */
export function forwardInputs(spec: AtftSpec, { days, stocks }: BatchShape): ForwardInputs {
  const { config, features, statics } = spec;
  const nodes = days * stocks;
  const { neighbours } = config.graph;
  const length = days + config.time - 1 + lookbackOf(config);
  return {
    x: { shape: [length, stocks, features.length], dtype: "float32" },
    statics: { shape: [stocks, Math.max(1, statics.length)], dtype: "int32" },
    neighbours: { shape: [nodes, neighbours], dtype: "int32" },
    present: { shape: [nodes, neighbours], dtype: "float32" },
    edges: { shape: [nodes, neighbours, edgeAttributeCount], dtype: "float32" },
  };
}

export interface StepOptions {
  readonly shape: BatchShape;
  readonly blocks: Blocks;
  readonly weights: LossWeights;
  readonly horizonWeights: readonly number[];
  readonly pairSample: number;
  readonly clipNorm: number;
  readonly weightDecay: number;
  readonly emaDecay: number;
  /** Batches whose gradients are averaged before the weights move. */
  readonly accumulate: number;
  /** Seeds the dropout masks. */
  readonly rng: Rng;
}

/** The training step of one phase. */
export function trainingStep(
  spec: AtftSpec,
  params: AtftParams,
  options: StepOptions,
): StepDefinition<TrainingState, TrainingInputs> {
  const { shape, blocks } = options;
  const { days, stocks } = shape;
  const { horizons, quantiles: levels } = spec.config;
  const label: TensorType = { shape: [days, stocks, horizons.length], dtype: "float32" };
  return {
    state: initialState(params),
    inputs: {
      ...forwardInputs(spec, shape),
      labels: label,
      known: label,
      rate: { shape: [], dtype: "float32" },
      apply: { shape: [], dtype: "float32" },
    },
    step: (current, inputs) => {
      const output = forwardAtft(unpack(current.params, params), spec, graphInput(inputs), {
        count: days,
        blocks,
        rng: options.rng,
      });
      const quantiles = reshape(output.quantiles, [days, stocks, horizons.length, levels.length]);
      const { loss, terms } = totalLoss(
        { quantiles, labels: inputs.labels, known: inputs.known },
        { ...options, levels },
      );
      const { state: next, norm } = update(current, grad(loss, current.params), inputs, {
        ...options,
        layout: packedLayout(params),
      });
      const score = at(at(quantiles, 2, 0), 2, levels.indexOf(0.5));
      const spread = dayDeviation(score, at(inputs.known, 2, 0));
      return {
        state: next,
        outputs: {
          loss,
          norm,
          spread: mul(reduceSum(spread), 1 / days),
          ...terms,
        },
      };
    },
  };
}

function update(
  current: TrainingState,
  gradient: Tensor,
  { rate, apply }: { readonly rate: Tensor; readonly apply: Tensor },
  options: StepOptions & { readonly layout: readonly PackedLeaf[] },
): { readonly state: TrainingState; readonly norm: Tensor } {
  const { accumulate, blocks, clipNorm, weightDecay, emaDecay, layout } = options;
  const mean = accumulate === 1 ? gradient : add(current.sum, mul(gradient, 1 / accumulate));
  const clipped = clipByGlobalNorm(mean, clipNorm);
  const rules = activeRules(blocks);
  const { params, state: adam } = adamW(current.params, clipped.gradients, current.adam, {
    rate,
    decay: weightDecay,
    factors: {
      rate: packedFactors(layout, (path) => rules(path).rate ?? 1),
      decay: packedFactors(layout, (path) => rules(path).decay ?? 1),
    },
  });
  const moved = { params, adam, ema: ema(current.ema, params, emaDecay) };
  if (accumulate === 1) return { state: { ...moved, sum: current.sum }, norm: clipped.norm };
  const isDue = greater(apply, 0);
  const { sum, ...before } = current;
  const state = keepUnless(isDue, before, moved);
  const zeros = mul(sum, 0);
  return { state: { ...state, sum: where(isDue, zeros, mean) }, norm: clipped.norm };
}

/** Blocks that a phase leaves out keep their weights. */
function activeRules({ graph, normalisation }: Blocks): RuleOf {
  return (path) => {
    const isPeers = path.startsWith("peers.");
    const isNormalisation = path.startsWith("windowed.") || path.startsWith("sequence.");
    if (path.startsWith("linear.")) return { rate: 0, decay: 0 };
    if ((isPeers && !graph) || (isNormalisation && !normalisation)) return { rate: 0 };
    return decayWeightsOnly(path);
  };
}

function graphInput(inputs: { readonly [K in keyof ForwardInputs]: Tensor }): AtftInput {
  return {
    x: inputs.x,
    statics: inputs.statics,
    hood: {
      neighbours: inputs.neighbours,
      present: inputs.present,
      edgeAttributes: inputs.edges,
    },
  };
}

export interface PredictOptions {
  readonly shape: BatchShape;
  readonly blocks: Blocks;
  /** Also gives the weights of selection, attention and peers. */
  readonly isExplained?: boolean;
  /** Keeps dropout on, for Monte Carlo uncertainty. */
  readonly rng?: Rng;
}

export type PredictState = { readonly params: AtftParams };

/** Forecasts (N, K, Q) from the weights alone. */
export function predictStep(
  spec: AtftSpec,
  params: AtftParams,
  { shape, blocks, isExplained = false, rng }: PredictOptions,
): StepDefinition<PredictState, ForwardInputs> {
  return {
    state: { params },
    inputs: forwardInputs(spec, shape),
    step: (state, inputs) => {
      const { quantiles, selection, attention, peerWeights } = forwardAtft(
        state.params,
        spec,
        graphInput(inputs),
        { count: shape.days, blocks, ...(rng && { rng }) },
      );
      if (!isExplained) return { outputs: { quantiles } };
      return {
        outputs: { quantiles, selection, attention, ...(peerWeights && { peerWeights }) },
      };
    },
  };
}
