// Windows: values and gradients by hand.

import { describe, expect, it } from "vitest";
import { ShapeError } from "../../../src/errors.ts";
import { input } from "../../../src/tensor/index.ts";
import { windows } from "../../../src/tensor/nn/index.ts";
import { evaluate } from "../evaluate.ts";

describe("windows", () => {
  it("cuts the last windows, session by session", async () => {
    const x = { shape: [4, 1, 1], dtype: "float32", data: [1, 2, 3, 4] } as const;
    const { outputs } = await evaluate({ x }, ({ x: series }) =>
      windows(series, { time: 2, count: 2 }),
    );
    expect(Array.from(outputs[0], Number)).toEqual([2, 3, 3, 4]);
  });

  it("gives each position the sum over the windows that hold it", async () => {
    const x = { shape: [5, 2, 1], dtype: "float32", data: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] } as const;
    const cotangent = {
      shape: [3, 4, 1],
      dtype: "float32",
      data: new Array<number>(12).fill(1),
    } as const;
    const { gradients } = await evaluate(
      { x },
      ({ x: series }) => windows(series, { time: 3, count: 2 }),
      [cotangent],
    );
    expect(Array.from(gradients["x"], Number)).toEqual([0, 0, 1, 1, 2, 2, 2, 2, 1, 1]);
  });

  it("says how long the series must be", () => {
    expect(() => windows(input("x", [4, 1, 1]), { time: 3, count: 3 })).toThrow(ShapeError);
  });
});
