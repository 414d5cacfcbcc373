// Layers, network blocks and losses against PyTorch's values and gradients (test/golden/tensor-nn.json).

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Tensor } from "../../../src/tensor/index.ts";
import { expectDifferences } from "../differences.ts";
import { evaluator, largestError, typed } from "../evaluate.ts";
import type { Packed } from "../evaluate.ts";
import { builds } from "./layer-table.ts";

interface Golden {
  readonly inputs: Readonly<Record<string, Packed>>;
  readonly outputs: readonly Packed[];
  readonly cotangents: readonly Packed[];
  readonly gradients: Readonly<Record<string, Packed>>;
}

const golden: { readonly cases: Readonly<Record<string, Golden>> } = JSON.parse(
  readFileSync(new URL("../../golden/tensor-nn.json", import.meta.url), "utf8"),
);

/** float32 against float64, through a few layers. */
const tolerance = 1e-5;
const differenceTolerance = 5e-4;

describe("every layer, block and loss", () => {
  it("of the golden file is built", () => {
    expect(Object.keys(builds).sort()).toEqual(Object.keys(golden.cases).sort());
  });

  for (const [name, { inputs, outputs, cotangents, gradients }] of Object.entries(golden.cases)) {
    it(`${name} has PyTorch's value and gradients`, async () => {
      const build = (tensors: Readonly<Record<string, Tensor>>) => builds[name](treeOf(tensors));
      const compiled = await evaluator(inputs, build, cotangents, { threads: 2 });
      const data = Object.fromEntries(Object.entries(inputs).map(([key, x]) => [key, typed(x)]));
      const found = await compiled.run(data);
      await compiled.close();
      outputs.forEach((expected, i) => {
        expect(largestError(found.outputs[i], expected.data)).toBeLessThan(tolerance);
      });
      for (const [key, expected] of Object.entries(gradients)) {
        const error = largestError(found.gradients[key], expected.data);
        expect(error, `gradient of ${key}`).toBeLessThan(tolerance);
      }
    });

    it(`${name} has the gradients of central differences`, async () => {
      const build = (tensors: Readonly<Record<string, Tensor>>) => builds[name](treeOf(tensors));
      await expectDifferences(
        build,
        { inputs, cotangents, gradients },
        {
          tolerance: differenceTolerance,
          ...(name === "graphAttention" && { h: 0.002 }), // a pair lies near the kink of LeakyReLU
        },
      );
    });
  }
});

/** Dotted names back to a tree; whole numbers index arrays. */
function treeOf(tensors: Readonly<Record<string, Tensor>>): never {
  const root: Record<string, unknown> = {};
  for (const [path, tensor] of Object.entries(tensors)) {
    const keys = path.split(".");
    let at = root;
    keys.slice(0, -1).forEach((key, i) => {
      at[key] ??= /^\d+$/u.test(keys[i + 1]) ? [] : {};
      at = at[key] as Record<string, unknown>;
    });
    at[keys[keys.length - 1]] = tensor;
  }
  return root as never;
}
