// Central differences of a compiled graph, element by element, against gradients that are claimed.

import { expect } from "vitest";
import type { TensorData } from "../../src/tensor/index.ts";
import type { Build, Packed } from "./evaluate.ts";
import { evaluator, typed } from "./evaluate.ts";

export interface Claim {
  readonly inputs: Readonly<Record<string, Packed>>;
  readonly cotangents: readonly Packed[];
  readonly gradients: Readonly<Record<string, { readonly data: readonly number[] }>>;
}

export interface DifferenceOptions {
  readonly tolerance: number;
  /** Fourth-order differences of float32 values: truncation h⁴ and rounding 1e-7 / h. Smaller where a kink is near. */
  readonly h?: number;
}

/** Expects each gradient of Σ outputs·cotangents within `tolerance` of its difference quotient. */
export async function expectDifferences(
  build: Build,
  { inputs, cotangents, gradients }: Claim,
  { tolerance, h = 0.02 }: DifferenceOptions,
): Promise<void> {
  const compiled = await evaluator(inputs, build);
  const data = Object.fromEntries(Object.entries(inputs).map(([key, x]) => [key, typed(x)]));
  const weighted = async (): Promise<number> => {
    const { outputs } = await compiled.run(data);
    return outputs.reduce((sum, output, i) => sum + dotOf(output, cotangents[i].data), 0);
  };
  for (const [key, { data: expected }] of Object.entries(gradients)) {
    const values = data[key];
    if (!(values instanceof Float32Array)) continue;
    for (let i = 0; i < values.length; i += 1) {
      const centre = values[i];
      const atOffset = async (offset: number): Promise<number> => {
        values[i] = centre + offset;
        const result = await weighted();
        values[i] = centre;
        return result;
      };
      const near = (await atOffset(h)) - (await atOffset(-h));
      const far = (await atOffset(2 * h)) - (await atOffset(-2 * h));
      const difference = (8 * near - far) / (12 * h);
      const error = Math.abs(difference - expected[i]) / (1 + Math.abs(expected[i]));
      expect(error, `${key}[${i}]`).toBeLessThan(tolerance);
    }
  }
  await compiled.close();
}

function dotOf(a: TensorData, b: readonly number[]): number {
  return b.reduce((sum, weight, i) => sum + weight * Number(a[i]), 0);
}
