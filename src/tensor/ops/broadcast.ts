// Broadcasting and its twin, the sum: each is the gradient of the other.

import { ShapeError } from "../../errors.ts";
import type { DType } from "../graph/dtype.ts";
import { isFloat } from "../graph/dtype.ts";
import type { Shape } from "../graph/shape.ts";
import { broadcastShapes, formatShape, normalizeAxes, sameShape, sizeOf } from "../graph/shape.ts";
import type { Node, Rule, Tensor } from "../graph/tensor.ts";
import { applyOp, constant } from "../graph/tensor.ts";
import { reshape } from "./shape-ops.ts";

export interface ReduceOptions {
  /** Axes to reduce, negative ones from the back; all where absent. */
  readonly axes?: number | readonly number[];
  /** Keeps reduced axes with length 1. */
  readonly keepDims?: boolean;
}

const broadcastRule: Rule = {
  gradient: (node, [g]) => [g && unbroadcast(g, node.inputs[0].shape)],
  lower: (node, [x], emitter) =>
    emitter.emit("Expand", [x, emitter.integers(node.outputs[0].shape)], node.outputs),
};

/** `x` repeated along new axes and axes of length 1 (NumPy's rule). */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  const result = broadcastShapes("broadcastTo", x.shape, shape);
  if (!sameShape(result, shape)) {
    throw new ShapeError(
      `broadcastTo: shape ${formatShape(x.shape)} does not broadcast to ${formatShape(shape)}`,
    );
  }
  if (sizeOf(shape) === x.size) return reshape(x, shape);
  const output = { shape, dtype: x.dtype };
  return applyOp({
    op: "broadcastTo",
    inputs: [x],
    output,
    rule: broadcastRule,
    attributes: { shape },
  });
}

/** A tensor of one repeated value. */
export function full(shape: Shape, value: number, dtype: DType = "float32"): Tensor {
  return broadcastTo(constant(value, [], dtype), shape);
}

/** Sums `g` over the axes along which `shape` was broadcast. */
export function unbroadcast(g: Tensor, shape: Shape): Tensor {
  if (sameShape(g.shape, shape)) return g;
  const lead = g.rank - shape.length;
  const axes: number[] = [];
  for (let axis = 0; axis < g.rank; axis += 1) {
    if (axis < lead || (shape[axis - lead] === 1 && g.shape[axis] !== 1)) axes.push(axis);
  }
  return reshape(axes.length === 0 ? g : reduceSum(g, { axes }), shape);
}

const sumRule: Rule = reduction("ReduceSum", (node, [g]) => {
  const [x] = node.inputs;
  return [g && broadcastTo(restore(g, x, axesOf(node)), x.shape)];
});

/** Sum over axes. */
export function reduceSum(x: Tensor, options: ReduceOptions = {}): Tensor {
  const axes = normalizeAxes("reduceSum", options.axes, x.shape);
  if (axes.every((axis) => x.shape[axis] === 1)) {
    return reshape(x, reducedShape(x.shape, axes, options.keepDims ?? false));
  }
  return reduce("reduceSum", sumRule, x, options);
}

/** A rule that lowers to an ONNX reduction. */
export function reduction(onnx: string, gradient: Exclude<Rule["gradient"], undefined>): Rule {
  return {
    gradient,
    lower: (node, [x], emitter) =>
      emitter.emit(onnx, [x, emitter.integers(axesOf(node))], node.outputs, {
        attributes: { keepdims: node.attributes["keepDims"] === true ? 1 : 0 },
      }),
  };
}

/** Applies a reduction's rule. */
export function reduce(
  op: string,
  rule: Rule,
  x: Tensor,
  { axes, keepDims = false }: ReduceOptions,
): Tensor {
  checkFloat(op, x);
  const list = normalizeAxes(op, axes, x.shape);
  if (list.length === 0) return x;
  const output = { shape: reducedShape(x.shape, list, keepDims), dtype: x.dtype };
  return applyOp({ op, inputs: [x], output, rule, attributes: { axes: list, keepDims } });
}

function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  return keepDims ? keptShape(shape, axes) : shape.filter((_, axis) => !axes.includes(axis));
}

function keptShape(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
}

/** The axes that a reduction node sums over. */
export function axesOf(node: Node): readonly number[] {
  const axes = node.attributes["axes"];
  return Array.isArray(axes) ? axes.map(Number) : [];
}

/** A reduced tensor with its axes back at length 1, ready to broadcast against `x`. */
export function restore(reduced: Tensor, x: Tensor, axes: readonly number[]): Tensor {
  return reshape(reduced, keptShape(x.shape, axes));
}

export function checkFloat(call: string, x: Tensor): void {
  if (!isFloat(x.dtype)) {
    throw new ShapeError(`${call}: expected a float tensor, found ${x.toString()}; use cast`);
  }
}
