// Ops that keep the elements and change how they lie: reshape, transpose, cast.

import { ShapeError } from "../../errors.ts";
import type { DType } from "../graph/dtype.ts";
import { isFloat, onnxType } from "../graph/dtype.ts";
import type { Shape } from "../graph/shape.ts";
import { formatShape, normalizeAxis, sameShape, sizeOf } from "../graph/shape.ts";
import type { Rule, Tensor } from "../graph/tensor.ts";
import { applyOp, constant } from "../graph/tensor.ts";

const reshapeRule: Rule = {
  gradient: (node, [g]) => [g && reshape(g, node.inputs[0].shape)],
  lower: (node, [x], emitter) => [emitter.reshape(x, node.outputs[0].shape)],
};

/** The same elements in row-major order under another shape; one length may be -1. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const resolved = resolveShape(x, shape);
  if (sameShape(x.shape, resolved)) return x;
  if (x.node.op === "reshape") return reshape(x.node.inputs[0], resolved);
  if (x.node.op === "constant" && x.node.data !== undefined) return constant(x.node.data, resolved);
  return applyOp({
    op: "reshape",
    inputs: [x],
    output: { shape: resolved, dtype: x.dtype },
    rule: reshapeRule,
    attributes: { shape: resolved },
  });
}

function resolveShape(x: Tensor, shape: Shape): Shape {
  const known = shape.reduce((product, length) => (length === -1 ? product : product * length), 1);
  const resolved = shape.map((length) => (length === -1 ? x.size / known : length));
  const open = shape.filter((length) => length === -1).length;
  if (open > 1 || sizeOf(resolved) !== x.size || !resolved.every(Number.isInteger)) {
    throw new ShapeError(
      `reshape: shape ${formatShape(x.shape)} of ${x.size} elements does not fit ${formatShape(shape)}`,
    );
  }
  return resolved;
}

const transposeRule: Rule = {
  gradient: (node, [g]) => [g && transpose(g, inverse(permOf(node.attributes["perm"])))],
  lower: (node, inputs, emitter) =>
    emitter.emit("Transpose", inputs, node.outputs, {
      attributes: { perm: permOf(node.attributes["perm"]) },
    }),
};

/** Axis `perm[i]` of `x` becomes axis i; all axes reversed where absent. */
export function transpose(x: Tensor, perm?: readonly number[]): Tensor {
  const order = perm ?? x.shape.map((_, axis) => x.rank - 1 - axis);
  const axes = order.map((axis) => normalizeAxis("transpose", axis, x.shape));
  if (axes.length !== x.rank || new Set(axes).size !== x.rank) {
    throw new ShapeError(
      `transpose: [${order.join(", ")}] is not a permutation of the axes of ${formatShape(x.shape)}`,
    );
  }
  if (axes.every((axis, i) => axis === i)) return x;
  if (x.node.op === "transpose") {
    const before = permOf(x.node.attributes["perm"]);
    const both = axes.map((axis) => before[axis]);
    return transpose(x.node.inputs[0], both);
  }
  const shape = axes.map((axis) => x.shape[axis]);
  if (movesOnlyOnes(x.shape, axes)) return reshape(x, shape);
  const output = { shape, dtype: x.dtype };
  return applyOp({
    op: "transpose",
    inputs: [x],
    output,
    rule: transposeRule,
    attributes: { perm: axes },
  });
}

/** True where the long axes keep their order, so that a reshape is enough. */
function movesOnlyOnes(shape: Shape, perm: readonly number[]): boolean {
  const long = perm.filter((axis) => shape[axis] > 1);
  return long.every((axis, i) => i === 0 || long[i - 1] < axis);
}

/** The permutation attribute of a transpose node. */
export function permOf(attribute: unknown): readonly number[] {
  return Array.isArray(attribute) ? attribute.map(Number) : [];
}

function inverse(perm: readonly number[]): number[] {
  const result = new Array<number>(perm.length);
  perm.forEach((axis, i) => {
    result[axis] = i;
  });
  return result;
}

const castRule: Rule = {
  gradient: (node, [g]) => [
    g && isFloat(node.inputs[0].dtype) ? cast(g, node.inputs[0].dtype) : undefined,
  ],
  lower: (node, inputs, emitter) =>
    emitter.emit("Cast", inputs, node.outputs, {
      attributes: { to: onnxType[node.outputs[0].dtype] },
    }),
};

/** The elements as another dtype: floats to integers are truncated, to bool test for not 0. */
export function cast(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x;
  const output = { shape: x.shape, dtype };
  return applyOp({ op: "cast", inputs: [x], output, rule: castRule, attributes: { dtype } });
}

const stopRule: Rule = { lower: (_, inputs) => inputs };

/** `x` itself, through which no gradient flows. */
export function stopGradient(x: Tensor): Tensor {
  return applyOp({ op: "stopGradient", inputs: [x], output: x, rule: stopRule });
}

/** Inserts an axis of length 1 before `axis`. */
export function expandDims(x: Tensor, axis: number): Tensor {
  const at = axis < 0 ? axis + x.rank + 1 : axis;
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
}
