// Windows and neighbour gathers: values by hand, gradients against a plain loop, the same with two threads.

import { describe, expect, it } from "vitest";
import { ShapeError } from "../../../src/errors.ts";
import { createRng } from "../../../src/rng.ts";
import {
  compile,
  constant,
  grad,
  input,
  mul,
  parameter,
  reduceSum,
} from "../../../src/tensor/index.ts";
import { gatherNeighbours, incomingEdges, windows } from "../../../src/tensor/nn/index.ts";
import { evaluate, largestError } from "../evaluate.ts";

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

describe("gatherNeighbours", () => {
  it("has the gradient of a plain loop with two threads on hubs, the same on every run", async () => {
    const [nodes, count, width, limit] = [600, 8, 16, 400];
    const rng = createRng(1);
    const neighbours = Int32Array.from({ length: nodes * count }, () => rng.integer(40));
    const present = Float32Array.from({ length: nodes * count }, () => 1);
    const incoming = incomingEdges(neighbours, present, { nodes, count, limit });
    const weights = Float32Array.from({ length: nodes * count * width }, () => rng.normal());
    const compiled = await compile(
      {
        state: { x: parameter(new Float32Array(nodes * width), [nodes, width]) },
        inputs: {},
        step: ({ x }) => {
          const lists = {
            neighbours: constant(neighbours, [nodes, count]),
            present: constant(present, [nodes, count]),
            incoming: constant(incoming, [nodes, limit]),
          };
          const loss = reduceSum(
            mul(gatherNeighbours(x, lists), constant(weights, [nodes, count, width])),
          );
          return { outputs: { gradient: grad(loss, { x }).x } };
        },
      },
      { threads: 2 },
    );
    const expected = new Float64Array(nodes * width);
    neighbours.forEach((row, edge) => {
      if (present[edge] === 0) return;
      for (let j = 0; j < width; j += 1) expected[row * width + j] += weights[edge * width + j];
    });
    const first = (await compiled.run({}))["gradient"];
    expect(largestError(first, expected)).toBeLessThan(1e-4);
    for (let i = 0; i < 5; i += 1) expect((await compiled.run({}))["gradient"]).toEqual(first);
    await compiled.close();
  });

  it("drops edges beyond the limit of a row", () => {
    const present = Float32Array.of(1, 1, 1, 1);
    const neighbours = Int32Array.of(0, 0, 0, 1);
    const incoming = incomingEdges(neighbours, present, { nodes: 2, count: 2, limit: 2 });
    expect([...present]).toEqual([1, 1, 0, 1]);
    expect([...incoming]).toEqual([0, 1, 3, 4]);
  });
});
