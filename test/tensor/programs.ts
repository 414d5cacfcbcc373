// Lowered programs for tests: how often each ONNX op is in them.

import type { Device, Tensor, TensorType } from "../../src/tensor/index.ts";
import type { Program } from "../../src/tensor/lowering/encode.ts";
import { traceStep } from "../../src/tensor/session/trace.ts";

type Build = (inputs: Readonly<Record<string, Tensor>>) => Readonly<Record<string, Tensor>>;

export function floatType(...shape: readonly number[]): TensorType {
  return { shape, dtype: "float32" };
}

export function programOf(
  inputs: Readonly<Record<string, TensorType>>,
  build: Build,
  target: Device = "cpu",
): Program {
  const step = (_: object, tensors: Readonly<Record<string, Tensor>>) => ({
    outputs: build(tensors),
  });
  const options = { target, minibatches: 1, isFrozen: false } as const;
  return traceStep({ state: {}, inputs, step }, options).program;
}

export function countOps(program: Program): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { type } of program.instructions) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}
