// Runs a small graph on given data: the outputs, and the gradients of Σ outputs·cotangents by the float inputs.

import type { CompileOptions, DType, Tensor, TensorData } from "../../src/tensor/index.ts";
import { add, compile, constant, grad, mul, reduceSum } from "../../src/tensor/index.ts";

export interface Packed {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: readonly number[];
}

export type Build = (inputs: Readonly<Record<string, Tensor>>) => Tensor | readonly Tensor[];

export function typed({ dtype, data }: Packed): TensorData {
  if (dtype === "int32") return Int32Array.from(data);
  if (dtype === "int64") return BigInt64Array.from(data, BigInt);
  return dtype === "bool" ? Uint8Array.from(data) : Float32Array.from(data);
}

export function floats(...data: readonly number[]): Packed {
  return { shape: [data.length], dtype: "float32", data };
}

export interface Evaluation {
  readonly outputs: readonly TensorData[];
  readonly gradients: Readonly<Record<string, TensorData>>;
}

export interface Evaluator {
  run(inputs: Readonly<Record<string, TensorData>>): Promise<Evaluation>;
  close(): Promise<void>;
}

export async function evaluator(
  inputs: Readonly<Record<string, Packed>>,
  build: Build,
  cotangents?: readonly Packed[],
  options: CompileOptions = {},
): Promise<Evaluator> {
  const floatNames = Object.keys(inputs).filter((name) => inputs[name].dtype === "float32");
  const compiled = await compile(
    {
      state: {},
      inputs,
      step: (_, tensors) => {
        const built = build(tensors);
        const outputs = "node" in built ? [built] : built;
        const named = outputs.map((tensor, i) => [`out${i}`, tensor] as const);
        const gradients =
          cotangents === undefined ? [] : gradientsOf(tensors, floatNames, outputs, cotangents);
        return { outputs: Object.fromEntries([...named, ...gradients]) };
      },
    },
    { threads: 1, ...options },
  );
  return {
    async run(data) {
      const results = await compiled.run(data);
      const entries = Object.entries(results);
      return {
        outputs: entries.filter(([name]) => name.startsWith("out")).map(([, value]) => value),
        gradients: Object.fromEntries(
          entries
            .filter(([name]) => name.startsWith("d:"))
            .map(([name, value]) => [name.slice(2), value]),
        ),
      };
    },
    close: () => compiled.close(),
  };
}

function gradientsOf(
  tensors: Readonly<Record<string, Tensor>>,
  names: readonly string[],
  outputs: readonly Tensor[],
  cotangents: readonly Packed[],
): (readonly [string, Tensor])[] {
  const total = outputs
    .map((output, i) => reduceSum(mul(output, constant(typed(cotangents[i]), output.shape))))
    .reduce((sum, part) => add(sum, part));
  const wanted = Object.fromEntries(names.map((name) => [name, tensors[name]]));
  const gradients = grad(total, wanted);
  return names.map((name) => [`d:${name}`, gradients[name]]);
}

export async function evaluate(
  inputs: Readonly<Record<string, Packed>>,
  build: Build,
  cotangents?: readonly Packed[],
): Promise<Evaluation> {
  const compiled = await evaluator(inputs, build, cotangents);
  const data = Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, typed(x)]));
  const result = await compiled.run(data);
  await compiled.close();
  return result;
}

/** The largest |a - b| / (1 + |b|); NaN meets NaN only, and infinities themselves. */
export function largestError(found: ArrayLike<unknown>, expected: ArrayLike<unknown>): number {
  if (found.length !== expected.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < found.length; i += 1) {
    const [a, b] = [Number(found[i]), Number(expected[i])];
    if (Object.is(a, b) || a === b) continue;
    const error = Math.abs(a - b) / (1 + Math.abs(b));
    largest = Math.max(largest, Number.isNaN(error) ? Infinity : error);
  }
  return largest;
}
