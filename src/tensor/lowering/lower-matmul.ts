// Lowering of matrix products: Gemm for two axes, FusedMatMul with flags for batches.

import { sameShape } from "../graph/shape.ts";
import type { Node, Tensor } from "../graph/tensor.ts";
import type { Emitter, Value } from "./emitter.ts";

/** A 2-D product as Gemm with transA and transB. */
export function lowerPlain(
  node: Node,
  inputs: readonly Value[],
  emitter: Emitter,
): readonly Value[] {
  const attributes = {
    transA: node.attributes["transposeA"] === true ? 1 : 0,
    transB: node.attributes["transposeB"] === true ? 1 : 0,
  };
  return emitter.emit("Gemm", inputs, node.outputs, { attributes });
}

/**
 * A batched product. On CPU and CUDA, FusedMatMul takes the swaps of the last two axes as flags and an operand
 * whose rows come first, (M, batch…, K), as it lies; elsewhere swaps are emitted.
 */
export function lowerBatches(
  node: Node,
  inputs: readonly Value[],
  emitter: Emitter,
): readonly Value[] {
  const swaps = [node.attributes["transposeA"] === true, node.attributes["transposeB"] === true];
  if (!emitter.hasFusedMatMul) {
    const plain = inputs.map((value, i) => (swaps[i] ? swapLast(value, emitter) : value));
    return emitter.emit("MatMul", plain, node.outputs);
  }
  const batch = node.outputs[0].shape.slice(0, -2);
  const sides = node.inputs.map((tensor, i) => rowsFirst(tensor, inputs[i], batch, emitter));
  const flags = {
    transA: swaps[0] ? 1 : 0,
    transB: swaps[1] ? 1 : 0,
    transBatchA: sides[0].isRowsFirst ? 1 : 0,
    transBatchB: sides[1].isRowsFirst ? 1 : 0,
  };
  const values = sides.map(({ value }) => value);
  if (Object.values(flags).every((set) => set === 0)) {
    return emitter.emit("MatMul", values, node.outputs);
  }
  return emitter.emit("FusedMatMul", values, node.outputs, {
    attributes: { ...flags, alpha: { float: 1 } },
    domain: "com.microsoft",
  });
}

function swapLast(value: Value, emitter: Emitter): Value {
  const perm = value.shape.map((_, axis) => axis);
  const last = perm.length - 1;
  [perm[last - 1], perm[last]] = [last, last - 1];
  const shape = perm.map((axis) => value.shape[axis]);
  return emitter.emitOne(
    "Transpose",
    [value],
    { shape, dtype: value.dtype },
    { attributes: { perm } },
  );
}

/** Undoes a transpose of (M, batch…, K) to (batch…, M, K) in front of a product. */
function rowsFirst(
  tensor: Tensor,
  value: Value,
  batch: readonly number[],
  emitter: Emitter,
): { readonly value: Value; readonly isRowsFirst: boolean } {
  if (tensor.node.op !== "transpose" || !sameShape(tensor.shape.slice(0, -2), batch)) {
    return { value, isRowsFirst: false };
  }
  const [source] = tensor.node.inputs;
  const rank = tensor.rank;
  const perm = tensor.node.attributes["perm"];
  const isMove =
    Array.isArray(perm) &&
    perm.every((axis, i) => axis === (i === rank - 2 ? 0 : i === rank - 1 ? rank - 1 : i + 1));
  if (!isMove) return { value, isRowsFirst: false };
  return { value: emitter.lowered(source), isRowsFirst: true };
}
