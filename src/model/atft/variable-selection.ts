// Variable selection (Lim et al. 2021, section 4.2): which features count is decided for each stock and session.

import type { Rng } from "../../rng.ts";
import type { Tensor } from "../../tensor/index.ts";
import {
  add,
  concat,
  constant,
  elu,
  expandDims,
  gated,
  layerNorm,
  logSumExp,
  matmul,
  mul,
  reduceSum,
  reshape,
  softmax,
  split,
  sub,
  transpose,
} from "../../tensor/index.ts";
import type { GatedResidual, Linear } from "../../tensor/nn/index.ts";
import {
  filled,
  gatedResidual,
  glorotUniform,
  initGatedResidual,
  initLinear,
  linear,
  normal,
} from "../../tensor/nn/index.ts";
import type { Family, AtftSpec } from "./config.ts";
import { familiesOf } from "./config.ts";

type FamilySelection = {
  /** (3·Fg, H): slopes, offsets and the values of missing features, one row a feature each. */
  readonly embedding: Tensor;
  readonly residual: GatedResidual;
};

type FeatureNetworks = {
  /** (F, 1, H) */
  readonly slope: Tensor;
  readonly offset: Tensor;
  readonly missing: Tensor;
  /** (F, H, H) */
  readonly inner: Tensor;
  readonly value: Tensor;
  readonly gate: Tensor;
  /** (F, 1, H) */
  readonly innerBias: Tensor;
  readonly valueBias: Tensor;
  readonly gateBias: Tensor;
  readonly scale: Tensor;
  readonly shift: Tensor;
};

export type VariableSelection = {
  /** (2F, H) where grouped: values and masks are brought to the width of a state before they are weighed. */
  readonly narrow?: Linear;
  /** From values and masks to a weight a feature, guided by the static context. */
  readonly weights: GatedResidual;
  readonly families?: readonly FamilySelection[];
  readonly each?: FeatureNetworks;
};

export function initVariableSelection(rng: Rng, spec: AtftSpec): VariableSelection {
  const { config, features } = spec;
  const { hidden } = config;
  const count = features.length;
  const weights = almostEven(
    initGatedResidual(rng.split("weights"), {
      inputs: config.selection === "full" ? 2 * count : hidden,
      hidden,
      outputs: count,
      context: hidden,
    }),
  );
  if (config.selection === "full")
    return { weights, each: initEach(rng.split("each"), count, hidden) };
  const families = familiesOf(features).map(({ name, size }) => {
    const own = rng.split(name);
    return {
      embedding: normal(own, [3 * size, hidden], 1),
      residual: initGatedResidual(own, {
        inputs: hidden,
        hidden: Math.ceil(hidden / 2),
        outputs: hidden,
      }),
    };
  });
  const narrow = initLinear(rng.split("narrow"), { inputs: 2 * count, outputs: hidden });
  return { narrow, weights, families };
}

/** Logits start a tenth as wide, so that no feature is left out before anything is learnt. */
function almostEven(weights: GatedResidual): GatedResidual {
  return { ...weights, norm: { ...weights.norm, scale: filled(weights.norm.scale.shape, 0.1) } };
}

function initEach(rng: Rng, count: number, width: number): FeatureNetworks {
  const matrix = (): Tensor => glorotUniform(rng, [count, width, width]);
  const row = (value: number): Tensor => filled([count, 1, width], value);
  const random = (): Tensor => normal(rng, [count, 1, width], 1);
  return {
    slope: random(),
    offset: random(),
    missing: random(),
    inner: matrix(),
    value: matrix(),
    gate: matrix(),
    innerBias: row(0),
    valueBias: row(0),
    gateBias: row(0),
    scale: row(1),
    shift: row(0),
  };
}

export interface Selected {
  /** (L, S, H) */
  readonly states: Tensor;
  /** (L, S, F): sum to 1 over the features. */
  readonly weights: Tensor;
}

export interface SelectionInput {
  /** (L, S, F), 0 where missing. */
  readonly x: Tensor;
  /** (L, S, F), 1 where known. */
  readonly observed: Tensor;
  /** (S, H) static context. */
  readonly context: Tensor;
}

/** Σ_f v_f GRN(e_f) over the features, with v from a joint network that sees all values, masks and the static context. */
export function variableSelection(
  params: VariableSelection,
  spec: AtftSpec,
  { x, observed, context }: SelectionInput,
): Selected {
  const missing = sub(1, observed);
  const joint = concat([x, missing], -1); // (L, S, 2F)
  const summary = params.narrow === undefined ? joint : linear(params.narrow, joint);
  const logits = gatedResidual(params.weights, summary, { context: expandDims(context, 0) });
  if (params.families !== undefined) {
    return selectFamilies(params.families, familiesOf(spec.features), { x, missing, logits });
  }
  const weights = softmax(logits); // (L, S, F)
  return params.each === undefined
    ? { states: x, weights }
    : { states: selectEach(params.each, { x, missing, weights }), weights };
}

/** Softmax over all features is softmax over families of the log-sum-exp within: each family's embedding is one product. */
function selectFamilies(
  params: readonly FamilySelection[],
  families: readonly Family[],
  { x, missing, logits }: { readonly x: Tensor; readonly missing: Tensor; readonly logits: Tensor },
): Selected {
  const sizes = families.map(({ size }) => size);
  const [values, masks, parts] = [x, missing, logits].map((tensor) => split(tensor, sizes, -1));
  const totals = parts.map((part) => logSumExp(part, { axes: -1, keepDims: true }));
  const shares = split(softmax(concat(totals, -1)), families.length, -1); // (L, S, 1) each
  const within = parts.map((part) => softmax(part));
  const states = params.map(({ embedding, residual }, i) => {
    const rows = concat([mul(within[i], values[i]), within[i], mul(within[i], masks[i])], -1);
    return mul(gatedResidual(residual, matmul(rows, embedding)), shares[i]); // (L, S, H)
  });
  const weights = concat(
    within.map((part, i) => mul(part, shares[i])),
    -1,
  );
  return { states: states.reduce(add), weights };
}

/** One network a feature, all in batched products over (F, cells, H). */
function selectEach(
  params: FeatureNetworks,
  {
    x,
    missing,
    weights,
  }: { readonly x: Tensor; readonly missing: Tensor; readonly weights: Tensor },
): Tensor {
  const [length, stocks, count] = x.shape;
  const byFeature = (tensor: Tensor): Tensor =>
    expandDims(transpose(reshape(tensor, [-1, count]), [1, 0]), 2); // (F, cells, 1)
  const own = add(mul(byFeature(x), params.slope), params.offset);
  const embedded = add(own, mul(byFeature(missing), params.missing)); // (F, cells, H)
  const inner = elu(add(matmul(embedded, params.inner), params.innerBias));
  const glu = gated(
    add(matmul(inner, params.value), params.valueBias),
    add(matmul(inner, params.gate), params.gateBias),
  );
  const width = params.slope.shape[2];
  const one = constant(new Float32Array(width).fill(1), [width]);
  const zero = constant(new Float32Array(width), [width]);
  const normal = layerNorm(add(embedded, glu), one, zero);
  const states = add(mul(normal, params.scale), params.shift);
  return reshape(reduceSum(mul(states, byFeature(weights)), { axes: 0 }), [length, stocks, width]);
}
