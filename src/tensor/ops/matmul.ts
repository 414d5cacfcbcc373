// Matrix products with transpose flags and batches; nothing here materialises a transpose of the last two axes.

import { ShapeError } from "../../errors.ts";
import type { Shape } from "../graph/shape.ts";
import { broadcastShapes, formatShape } from "../graph/shape.ts";
import type { Rule, Tensor } from "../graph/tensor.ts";
import { applyOp } from "../graph/tensor.ts";
import { lowerBatches, lowerPlain } from "../lowering/lower-matmul.ts";
import { checkFloat, reduceSum, unbroadcast } from "./broadcast.ts";
import { mul } from "./elementwise.ts";
import { expandDims, permOf, reshape } from "./shape-ops.ts";

export interface MatmulOptions {
  /** Takes the last two axes of `a` swapped. */
  readonly transposeA?: boolean;
  /** Takes the last two axes of `b` swapped. */
  readonly transposeB?: boolean;
}

const rule: Rule = {
  gradient: (node, [g]) => {
    if (g === undefined) return [];
    const [a, b] = node.inputs;
    const transposeA = node.attributes["transposeA"] === true;
    const transposeB = node.attributes["transposeB"] === true;
    const da = transposeA
      ? matmul(b, g, { transposeA: transposeB, transposeB: true })
      : matmul(g, b, { transposeB: !transposeB });
    const db = transposeB
      ? matmul(g, a, { transposeA: true, transposeB: transposeA })
      : matmul(a, g, { transposeA: !transposeA });
    return [unbroadcast(da, a.shape), unbroadcast(db, b.shape)];
  },
  lower: (node, inputs, emitter) =>
    node.outputs[0].rank === 2
      ? lowerPlain(node, inputs, emitter)
      : lowerBatches(node, inputs, emitter),
};

/**
 * The matrix product of the last two axes; leading axes are batches and broadcast.
 * (…, M, K) × (…, K, N) gives (…, M, N). A 2-D `b` multiplies all rows of `a` in one product.
 * Throws ShapeError where the inner lengths differ.
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  checkFloat("matmul", a);
  checkFloat("matmul", b);
  const left = withoutSwap(a, options.transposeA ?? false);
  const right = withoutSwap(b, options.transposeB ?? false);
  const shape = productShape(left, right);
  if (left.tensor.rank > 2 && right.tensor.rank === 2 && !left.swapped) {
    const rows = reshape(left.tensor, [-1, left.tensor.shape.at(-1) ?? 1]); // (rows, K)
    return reshape(product(rows, right.tensor, false, right.swapped), shape);
  }
  return product(left.tensor, right.tensor, left.swapped, right.swapped);
}

interface Side {
  readonly tensor: Tensor;
  readonly swapped: boolean;
}

/** Turns a transpose of the last two axes into a flag. */
function withoutSwap(x: Tensor, swapped: boolean): Side {
  if (x.node.op !== "transpose") return { tensor: x, swapped };
  const perm = permOf(x.node.attributes["perm"]);
  const last = x.rank - 1;
  const isSwap =
    perm[last] === last - 1 &&
    perm[last - 1] === last &&
    perm.slice(0, -2).every((axis, i) => axis === i);
  return isSwap ? { tensor: x.node.inputs[0], swapped: !swapped } : { tensor: x, swapped };
}

function product(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  const left: Side = { tensor: a, swapped: transposeA };
  const right: Side = { tensor: b, swapped: transposeB };
  return applyOp({
    op: "matmul",
    inputs: [a, b],
    output: { shape: productShape(left, right), dtype: a.dtype },
    rule,
    attributes: { transposeA, transposeB },
  });
}

function productShape(a: Side, b: Side): Shape {
  const [m, ka] = matrixShape(a);
  const [kb, n] = matrixShape(b);
  if (ka !== kb || a.tensor.dtype !== b.tensor.dtype) {
    throw new ShapeError(
      `matmul: ${a.tensor.dtype}${formatShape(a.tensor.shape)}${a.swapped ? "ᵀ" : ""} and ` +
        `${b.tensor.dtype}${formatShape(b.tensor.shape)}${b.swapped ? "ᵀ" : ""} do not multiply: ` +
        `inner lengths ${ka} and ${kb}`,
    );
  }
  const batches = broadcastShapes(
    "matmul",
    a.tensor.shape.slice(0, -2),
    b.tensor.shape.slice(0, -2),
  );
  return [...batches, m, n];
}

function matrixShape({ tensor, swapped }: Side): readonly [number, number] {
  if (tensor.rank < 2) {
    throw new ShapeError(
      `matmul: expected at least two axes, found ${formatShape(tensor.shape)}; use expandDims`,
    );
  }
  const [rows, columns] = tensor.shape.slice(-2);
  return swapped ? [columns, rows] : [rows, columns];
}

/** Σ a·b over the last axis: (…, D) and (…, D) give (…). */
export function dot(a: Tensor, b: Tensor): Tensor {
  return reduceSum(mul(a, b), { axes: -1 });
}

/** The outer product of the last axes: (…, M) and (…, N) give (…, M, N). */
export function outer(a: Tensor, b: Tensor): Tensor {
  return mul(expandDims(a, -1), expandDims(b, -2));
}
