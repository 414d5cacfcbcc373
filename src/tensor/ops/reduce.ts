// Reductions over axes besides the sum: mean, extremes, variance, log-sum-exp, norm.

import { normalizeAxes } from "../graph/shape.ts";
import type { Rule, Tensor } from "../graph/tensor.ts";
import type { ReduceOptions } from "./broadcast.ts";
import { axesOf, broadcastTo, reduce, reduceSum, reduction, restore } from "./broadcast.ts";
import { add, div, exp, flag, mul, sqrt, square, sub } from "./elementwise.ts";

const meanRule: Rule = reduction("ReduceMean", (node, [g]) => {
  const [x] = node.inputs;
  const share = node.outputs[0].size / x.size;
  return [g && broadcastTo(mul(restore(g, x, axesOf(node)), share), x.shape)];
});

/** Arithmetic mean over axes. */
export function reduceMean(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce("reduceMean", meanRule, x, options);
}

const extremeGradient: Exclude<Rule["gradient"], undefined> = (node, [g]) => {
  if (g === undefined) return [];
  const [x] = node.inputs;
  const axes = axesOf(node);
  const hits = flag("Equal", x, restore(node.outputs[0], x, axes));
  return [mul(hits, div(restore(g, x, axes), reduceSum(hits, { axes, keepDims: true })))];
};

const maxRule = reduction("ReduceMax", extremeGradient);
const minRule = reduction("ReduceMin", extremeGradient);

/** Largest element over axes; equal largest elements share the gradient, as in PyTorch's `amax`. */
export function reduceMax(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce("reduceMax", maxRule, x, options);
}

/** Smallest element over axes; equal smallest elements share the gradient, as in PyTorch's `amin`. */
export function reduceMin(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce("reduceMin", minRule, x, options);
}

const logSumExpRule = reduction("ReduceLogSumExp", (node, [g]) => {
  if (g === undefined) return [];
  const [x] = node.inputs;
  const axes = axesOf(node);
  return [mul(restore(g, x, axes), exp(sub(x, restore(node.outputs[0], x, axes))))];
});

/** log Σ e^x over axes, shifted by the largest element. */
export function logSumExp(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce("logSumExp", logSumExpRule, x, options);
}

export interface VarianceOptions extends ReduceOptions {
  /** 0 (unless given): population. 1: sample; a single element then gives NaN. */
  readonly ddof?: number;
}

/** Variance over axes. */
export function variance(x: Tensor, { ddof = 0, ...options }: VarianceOptions = {}): Tensor {
  const axes = normalizeAxes("variance", options.axes, x.shape);
  const count = axes.reduce((product, axis) => product * x.shape[axis], 1);
  const centred = sub(x, reduceMean(x, { axes, keepDims: true }));
  return mul(reduceMean(square(centred), options), count / (count - ddof));
}

/** Standard deviation over axes: sqrt(variance + epsilon), epsilon 0 unless given. */
export function std(
  x: Tensor,
  { epsilon = 0, ...options }: VarianceOptions & { readonly epsilon?: number } = {},
): Tensor {
  return sqrt(add(variance(x, options), epsilon));
}

/** The Euclidean norm over axes, sqrt(Σ x² + epsilon), epsilon 0 unless given. */
export function vectorNorm(
  x: Tensor,
  { epsilon = 0, ...options }: ReduceOptions & { readonly epsilon?: number } = {},
): Tensor {
  return sqrt(add(reduceSum(square(x), options), epsilon));
}
