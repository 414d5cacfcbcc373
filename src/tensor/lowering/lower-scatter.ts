// Lowering of scatter-add: ScatterND, on the CPU with several threads in pieces that one of them does.

import { allocate } from "../graph/dtype.ts";
import { sizeOf } from "../graph/shape.ts";
import type { Node } from "../graph/tensor.ts";
import type { Emitter, Value } from "./emitter.ts";

/**
 * ONNX Runtime 1.30's ScatterND on the CPU shares the updates among threads without a lock, and rows that are named twice lose
 * additions (seen in 6 of 60 runs). It starts a second thread above a cost of 100,000, one an element: pieces stay below.
 */
const pieceElements = 65_536;

/** Adds rows of updates into zeros, in their order. */
export function lowerScatterAdd(
  node: Node,
  [updates, indices]: readonly Value[],
  emitter: Emitter,
): readonly Value[] {
  const [output] = node.outputs;
  const count = sizeOf(indices.shape);
  const column = emitter.emitOne(
    "Cast",
    [emitter.reshape(indices, [count, 1])],
    { shape: [count, 1], dtype: "int64" },
    { attributes: { to: 7 } },
  );
  const rows = emitter.reshape(updates, [count, ...output.shape.slice(1)]);
  const width = sizeOf(output.shape.slice(1));
  const isOnGpu = emitter.target === "webgpu" || emitter.target === "cuda"; // atomic additions there
  const length =
    isOnGpu || emitter.isSerial ? count : Math.max(1, Math.floor(pieceElements / width));
  const pieces = cut(rows, length, emitter);
  const places = cut(column, length, emitter);
  let sum = emitter.initializer(allocate(output.dtype, output.size), output.shape, output.dtype);
  pieces.forEach((piece, i) => {
    const attributes = { reduction: "add" };
    sum = emitter.emitOne("ScatterND", [sum, places[i], piece], output, { attributes });
  });
  return [sum];
}

function cut(value: Value, length: number, emitter: Emitter): readonly Value[] {
  const [count, ...rest] = value.shape;
  if (count <= length) return [value];
  const sizes: number[] = [];
  for (let start = 0; start < count; start += length) sizes.push(Math.min(length, count - start));
  const outputs = sizes.map((size) => ({ shape: [size, ...rest], dtype: value.dtype }));
  return emitter.emit("Split", [value, emitter.integers(sizes)], outputs, {
    attributes: { axis: 0 },
  });
}
