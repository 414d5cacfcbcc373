// Softmax, log-softmax, layer norm: one ONNX node forward, hand-written gradients of few nodes.

import { ShapeError } from "../../errors.ts";
import { formatShape, normalizeAxis, sameShape } from "../graph/shape.ts";
import type { Rule, Tensor } from "../graph/tensor.ts";
import { applyNode, applyOp } from "../graph/tensor.ts";
import { checkFloat, reduceSum } from "./broadcast.ts";
import { exp, mul, sub } from "./elementwise.ts";
import { matmul } from "./matmul.ts";
import { reshape } from "./shape-ops.ts";

const softmaxRule: Rule = {
  gradient: (node, [g]) => {
    if (g === undefined) return [];
    const [y] = node.outputs;
    const axes = Number(node.attributes["axis"]);
    const gy = mul(g, y);
    return [sub(gy, mul(y, reduceSum(gy, { axes, keepDims: true })))];
  },
  lower: (node, inputs, emitter) =>
    emitter.emit("Softmax", inputs, node.outputs, {
      attributes: { axis: Number(node.attributes["axis"]) },
    }),
};

/** e^x / Σ e^x along `axis`. A row of -Infinity only is NaN. */
export function softmax(x: Tensor, axis = -1): Tensor {
  checkFloat("softmax", x);
  const attributes = { axis: normalizeAxis("softmax", axis, x.shape) };
  return applyOp({ op: "softmax", inputs: [x], output: x, rule: softmaxRule, attributes });
}

const logSoftmaxRule: Rule = {
  gradient: (node, [g]) => {
    if (g === undefined) return [];
    const [y] = node.outputs;
    const axes = Number(node.attributes["axis"]);
    return [sub(g, mul(exp(y), reduceSum(g, { axes, keepDims: true })))];
  },
  lower: (node, inputs, emitter) =>
    emitter.emit("LogSoftmax", inputs, node.outputs, {
      attributes: { axis: Number(node.attributes["axis"]) },
    }),
};

/** x - log Σ e^x along `axis`. */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  checkFloat("logSoftmax", x);
  const attributes = { axis: normalizeAxis("logSoftmax", axis, x.shape) };
  return applyOp({ op: "logSoftmax", inputs: [x], output: x, rule: logSoftmaxRule, attributes });
}

/*
 * Over rows of length D: x̂ = (x - mean)·r, y = x̂γ + β. With a = gγ:
 * dx = r·(a - mean(a) - x̂·mean(a x̂)), dγ = Σ g x̂, dβ = Σ g. Both means are products with γ: mean(a) = gγ/D.
 */
const layerNormRule: Rule = {
  gradient: (node, [g]) => {
    if (g === undefined) return [];
    const [x, scale] = node.inputs;
    const [, mean, inverseStd] = node.outputs;
    const width = scale.size;
    const column = reshape(mul(scale, 1 / width), [width, 1]);
    const normal = mul(sub(x, mean), inverseStd); // (…, D)
    const gx = mul(g, normal);
    const first = matmul(g, column); // (…, 1)
    const second = matmul(gx, column);
    const dx = mul(sub(sub(mul(g, scale), first), mul(normal, second)), inverseStd);
    const rows = x.shape.map((_, axis) => axis).slice(0, -1);
    return [dx, reduceSum(gx, { axes: rows }), reduceSum(g, { axes: rows })];
  },
  lower: (node, inputs, emitter) =>
    emitter.emit("LayerNormalization", inputs, node.outputs, {
      attributes: { axis: -1, epsilon: { float: Number(node.attributes["epsilon"]) } },
    }),
};

export interface LayerNormOptions {
  readonly epsilon?: number;
}

/**
 * Layer normalisation of the last axis (Ba et al. 2016): (x - mean) / sqrt(variance + epsilon) · scale + bias.
 * `x` (…, D), `scale` and `bias` (D).
 */
export function layerNorm(
  x: Tensor,
  scale: Tensor,
  bias: Tensor,
  { epsilon = 1e-5 }: LayerNormOptions = {},
): Tensor {
  checkFloat("layerNorm", x);
  const width = [x.shape.at(-1) ?? 1];
  if (x.rank < 2 || !sameShape(scale.shape, width) || !sameShape(bias.shape, width)) {
    throw new ShapeError(
      `layerNorm: x ${formatShape(x.shape)} (at least two axes) needs scale and bias ${formatShape(width)}, ` +
        `found ${formatShape(scale.shape)} and ${formatShape(bias.shape)}`,
    );
  }
  const statistic = { shape: x.shape.with(-1, 1), dtype: x.dtype };
  return applyNode({
    op: "layerNorm",
    inputs: [x, scale, bias],
    outputs: [x, statistic, statistic],
    rule: layerNormRule,
    attributes: { epsilon },
  })[0];
}
