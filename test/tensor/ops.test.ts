// Values and gradients of every op against PyTorch's (test/golden/tensor-ops.json) and central differences.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hashBytes } from "../../src/hash.ts";
import * as tensor from "../../src/tensor/index.ts";
import { expectDifferences } from "./differences.ts";
import type { Packed } from "./evaluate.ts";
import { evaluator, largestError, typed } from "./evaluate.ts";
import { builds } from "./op-table.ts";

interface Golden {
  readonly inputs: Readonly<Record<string, Packed>>;
  readonly outputs: readonly Packed[];
  readonly cotangents: readonly Packed[];
  readonly gradients: Readonly<Record<string, Packed>>;
}

interface GoldenFile {
  /** Of the script that wrote the file. */
  readonly sha256: string;
  readonly cases: Readonly<Record<string, Golden>>;
}

const golden: GoldenFile = JSON.parse(
  readFileSync(new URL("../golden/tensor-ops.json", import.meta.url), "utf8"),
);

/** float32 against float64. */
const tolerance = 1e-5;
const differenceTolerance = 1e-4;
/** A step across a jump, or stopping the gradient on purpose, has no meaningful difference quotient. */
const withoutDifferences = ["sign", "floor", "round", "stopGradient"];

/** Public ops without a gradient: each is tested beside this table. */
const notDifferentiated =
  "full cast dropout equal greater greaterOrEqual less lessOrEqual logicalAnd logicalOr logicalNot isNaN oneHot argsort".split(
    " ",
  );

async function publicOps(): Promise<readonly string[]> {
  const folder = new URL("../../src/tensor/ops/", import.meta.url);
  const modules: object[] = await Promise.all(
    readdirSync(folder).map((file) => import(new URL(file, folder).href)),
  );
  const ops = new Set(modules.flatMap((module) => Object.keys(module)));
  return Object.keys(tensor).filter((name) => ops.has(name) && !notDifferentiated.includes(name));
}

describe("every op", () => {
  it("has goldens as new as the script that makes them", () => {
    const script = readFileSync(new URL("../golden/make/tensor_ops.py", import.meta.url));
    expect(hashBytes(script)).toBe(golden.sha256);
  });

  it("has a golden case, and every golden case is built", () => {
    expect(Object.keys(builds).sort()).toEqual(Object.keys(golden.cases).sort());
  });

  it("that is public and differentiable is in the table", async () => {
    const names = Object.keys(builds);
    expect((await publicOps()).filter((name) => !names.includes(name))).toEqual([]);
  });

  for (const [name, { inputs, outputs, cotangents, gradients }] of Object.entries(golden.cases)) {
    it(`${name} has PyTorch's value and gradient, and the gradient of central differences`, async () => {
      const compiled = await evaluator(inputs, builds[name], cotangents);
      const data = Object.fromEntries(Object.entries(inputs).map(([key, x]) => [key, typed(x)]));
      const found = await compiled.run(data);
      outputs.forEach((expected, i) => {
        expect(largestError(found.outputs[i], expected.data), `output ${i}`).toBeLessThan(
          tolerance,
        );
      });
      for (const [key, expected] of Object.entries(gradients)) {
        expect(largestError(found.gradients[key], expected.data), key).toBeLessThan(tolerance);
      }
      await compiled.close();
      if (withoutDifferences.includes(name)) return;
      await expectDifferences(builds[name], golden.cases[name], { tolerance: differenceTolerance });
    });
  }
});
