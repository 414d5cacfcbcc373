// Ops without a gradient: comparisons, masks, casts, one-hot, argsort.

import { describe, expect, it } from "vitest";
import * as t from "../../src/tensor/index.ts";
import { evaluate, floats } from "./evaluate.ts";
import type { Build, Packed } from "./evaluate.ts";

const x = floats(-1, 0, 2, Number.NaN);

async function valuesOf(inputs: Readonly<Record<string, Packed>>, build: Build): Promise<unknown> {
  const { outputs } = await evaluate(inputs, build);
  return Array.from(outputs[0], Number);
}

describe("comparisons are false where a side is NaN", () => {
  const cases: readonly (readonly [string, Build, readonly number[]])[] = [
    ["equal", ({ a }) => t.equal(a, 0), [0, 1, 0, 0]],
    ["greater", ({ a }) => t.greater(a, 0), [0, 0, 1, 0]],
    ["greaterOrEqual", ({ a }) => t.greaterOrEqual(a, 0), [0, 1, 1, 0]],
    ["less", ({ a }) => t.less(a, 0), [1, 0, 0, 0]],
    ["lessOrEqual", ({ a }) => t.lessOrEqual(a, 0), [1, 1, 0, 0]],
    ["logicalNot", ({ a }) => t.logicalNot(t.less(a, 0)), [0, 1, 1, 1]],
    ["logicalAnd", ({ a }) => t.logicalAnd(t.less(a, 1), t.greater(a, -0.5)), [0, 1, 0, 0]],
    ["logicalOr", ({ a }) => t.logicalOr(t.less(a, 0), t.greater(a, 1)), [1, 0, 1, 0]],
    ["isNaN", ({ a }) => t.isNaN(a), [0, 0, 0, 1]],
  ];
  for (const [name, build, expected] of cases) {
    it(name, async () => {
      expect(await valuesOf({ a: x }, build)).toEqual(expected);
    });
  }
});

describe("casts and indices", () => {
  it("cast truncates to integers", async () => {
    expect(await valuesOf({ a: floats(-1.7, 1.7) }, ({ a }) => t.cast(a, "int32"))).toEqual([
      -1, 1,
    ]);
  });

  it("full repeats a value", async () => {
    expect(await valuesOf({ a: x }, () => t.full([2, 2], 3))).toEqual([3, 3, 3, 3]);
  });

  it("oneHot marks the index along a new last axis", async () => {
    const i: Packed = { shape: [2], dtype: "int32", data: [2, 0] };
    expect(await valuesOf({ i }, ({ i: at }) => t.oneHot(at, 3))).toEqual([0, 0, 1, 1, 0, 0]);
  });

  it("argsort keeps the order of ties", async () => {
    const a = floats(3, 1, 3, 0);
    expect(await valuesOf({ a }, ({ a: v }) => t.argsort(v))).toEqual([3, 1, 0, 2]);
    expect(await valuesOf({ a }, ({ a: v }) => t.argsort(v, { descending: true }))).toEqual([
      0, 2, 1, 3,
    ]);
  });

  it("an index outside the rows stops the run", async () => {
    const i: Packed = { shape: [1], dtype: "int32", data: [7] };
    await expect(evaluate({ a: x, i }, (p) => t.gather(p["a"], p["i"]))).rejects.toThrow(
      /run: step 0 failed in ONNX Runtime: .*indices element out of data bounds/,
    );
  });
});
