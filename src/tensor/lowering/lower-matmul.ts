// Lowering of matrix products: Gemm for two axes, FusedMatMul with flags for batches.

import { sameShape } from "../graph/shape.ts";
import type { Node, Tensor } from "../graph/tensor.ts";
import type { Emitter, Value } from "./emitter.ts";

/** A 2-D product as Gemm with transA and transB; a long sum over rows on the CPU in blocks. */
export function lowerPlain(
  node: Node,
  inputs: readonly Value[],
  emitter: Emitter,
): readonly Value[] {
  const transposeA = node.attributes["transposeA"] === true;
  const transposeB = node.attributes["transposeB"] === true;
  if (emitter.target === "cpu" && transposeA && !transposeB) {
    const blocked = lowerLongSum(node, inputs, emitter);
    if (blocked !== undefined) return [blocked];
  }
  const attributes = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 };
  return emitter.emit("Gemm", inputs, node.outputs, { attributes });
}

/** Rows of a block: two blocks of 256 columns stay in the second-level cache. */
const blockRows = 1024;

/**
 * A weight gradient aᵀg over thousands of rows: as a batch of products over blocks of rows, then their sum, it was 1.4 times
 * as fast as one Gemm, whose result is read and written once for every 128 rows. Small results gain nothing.
 */
function lowerLongSum(node: Node, [a, b]: readonly Value[], emitter: Emitter): Value | undefined {
  const [rows, m] = a.shape;
  const [, n] = b.shape;
  const [output] = node.outputs;
  if (rows < 4 * blockRows || output.size <= 64 * 64) return undefined;
  const count = blockCount(rows);
  if (count === undefined) return undefined;
  const blocks = [
    emitter.reshape(a, [count, rows / count, m]),
    emitter.reshape(b, [count, rows / count, n]),
  ];
  const partial = emitter.emitOne(
    "FusedMatMul",
    blocks,
    { shape: [count, m, n], dtype: output.dtype },
    { attributes: { transA: 1 }, domain: "com.microsoft" },
  );
  const attributes = { keepdims: 0 };
  return emitter.emitOne("ReduceSum", [partial, emitter.integers([0])], output, { attributes });
}

/** The fewest equal blocks of at most `blockRows` rows; undefined where they would be shorter than a quarter of that. */
function blockCount(rows: number): number | undefined {
  for (let count = Math.ceil(rows / blockRows); count <= (4 * rows) / blockRows; count += 1) {
    if (rows % count === 0) return count;
  }
  return undefined;
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
