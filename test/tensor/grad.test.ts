import { describe, expect, it } from "vitest";
import { createRng } from "../../src/rng.ts";
import * as t from "../../src/tensor/index.ts";
import type { Packed } from "./evaluate.ts";
import { evaluate, evaluator, largestError } from "./evaluate.ts";
import { countOps, floatType, programOf } from "./programs.ts";

function random(seed: number, ...shape: readonly number[]): Packed {
  const rng = createRng(seed);
  const size = shape.reduce((a, b) => a * b, 1);
  return { shape, dtype: "float32", data: Array.from({ length: size }, () => rng.normal()) };
}

const one: Packed = { shape: [], dtype: "float32", data: [1] };

describe("grad", () => {
  it("gives zeros for what the loss does not depend on", async () => {
    const inputs = { a: random(1, 3), b: random(2, 2) };
    const { gradients } = await evaluate(inputs, ({ a }) => t.reduceSum(t.square(a)), [one]);
    expect(gradients["b"]).toEqual(new Float32Array(2));
  });

  it("sums what reaches a tensor on several ways", async () => {
    const inputs = { a: { shape: [1], dtype: "float32", data: [3] } } as const;
    const build = ({ a }: Readonly<Record<string, t.Tensor>>): t.Tensor =>
      t.reduceSum(t.add(t.mul(a, a), t.add(a, t.mul(a, 5))));
    const { gradients } = await evaluate(inputs, build, [one]);
    expect(gradients["a"][0]).toBe(12);
  });

  it("computes nothing for inputs whose gradient is not asked for", () => {
    const build = (wanted: string) => () =>
      programOf({ x: floatType(4, 5), w: floatType(5, 6) }, (p) => ({
        g: t.grad(t.reduceSum(t.matmul(p["x"], p["w"])), { w: p[wanted] }).w,
      }));
    expect(countOps(build("w")())["Gemm"]).toBe(1);
  });

  it("is NaN where the loss is, and exactly zero in a branch not taken", async () => {
    const inputs = { a: { shape: [2], dtype: "float32", data: [4, -1] } } as const;
    const build = ({ a }: Readonly<Record<string, t.Tensor>>): t.Tensor => {
      const positive = t.where(t.greater(a, 0), a, 1);
      return t.reduceSum(t.where(t.greater(a, 0), t.sqrt(positive), 0));
    };
    const { gradients } = await evaluate(inputs, build, [one]);
    expect([...gradients["a"]]).toEqual([0.25, 0]);
  });
});

describe("scatterAdd", () => {
  it("loses no addition to a second thread where rows are named many times", async () => {
    const [count, width] = [20_000, 64];
    const step = await t.compile(
      {
        state: {},
        inputs: {
          updates: floatType(count, width),
          indices: { shape: [count], dtype: "int32" },
        },
        step: (_: object, p: Readonly<Record<"updates" | "indices", t.Tensor>>) => ({
          outputs: { sums: t.scatterAdd(p.updates, p.indices, 4) },
        }),
      },
      { threads: 4 },
    );
    const updates = new Float32Array(count * width).fill(1);
    const indices = Int32Array.from({ length: count }, (_, i) => i % 4);
    const expected = new Float32Array(4 * width).fill(count / 4);
    for (let i = 0; i < 60; i += 1) {
      expect((await step.run({ updates, indices }))["sums"]).toEqual(expected);
    }
    await step.close();
  });
});

describe("withGradient", () => {
  it("uses the hand-written rule in place of the primitives' own", async () => {
    const inputs = { a: { shape: [1], dtype: "float32", data: [2] } } as const;
    const build = ({ a }: Readonly<Record<string, t.Tensor>>): t.Tensor =>
      t.reduceSum(
        t.withGradient({
          op: "double",
          inputs: [a],
          outputs: [t.mul(a, 2)],
          gradient: ({ gradients: [g] }) => [g && t.mul(g, 7)],
        })[0],
      );
    const { outputs, gradients } = await evaluate(inputs, build, [one]);
    expect([outputs[0][0], gradients["a"][0]]).toEqual([4, 7]);
  });
});

describe("checkpoint", () => {
  const block = (inputs: readonly t.Tensor[]): readonly t.Tensor[] => {
    const [x, w] = inputs;
    const hidden = t.softmax(t.tanh(t.matmul(x, w)));
    return [t.add(x, t.dropout(t.matmul(hidden, w), { rate: 0.3, rng: createRng(4) }))];
  };
  const network =
    (isCheckpointed: boolean) =>
    ({ x, w }: Readonly<Record<string, t.Tensor>>): t.Tensor => {
      let y = x;
      for (let i = 0; i < 3; i += 1) {
        [y] = isCheckpointed ? t.checkpoint(block, [y, w]) : block([y, w]);
      }
      return t.reduceSum(t.square(y));
    };
  const inputs = { x: random(5, 4, 6), w: random(6, 6, 6) };

  it("leaves values and gradients to the last bit as they were, dropout included", async () => {
    const plain = await evaluate(inputs, network(false), [one]);
    const again = await evaluate(inputs, network(true), [one]);
    expect(again.outputs).toEqual(plain.outputs);
    expect(largestError(again.gradients["x"], plain.gradients["x"])).toBeLessThan(1e-6);
    expect(largestError(again.gradients["w"], plain.gradients["w"])).toBeLessThan(1e-6);
  });

  it("computes the block a second time for the backward pass, and only then", () => {
    const softmaxes = (isCheckpointed: boolean, isDifferentiated: boolean): number => {
      const program = programOf({ x: floatType(4, 6), w: floatType(6, 6) }, (p) => {
        const loss = network(isCheckpointed)(p);
        return isDifferentiated ? t.grad(loss, { w: p["w"] }) : { loss };
      });
      return countOps(program)["Softmax"];
    };
    expect([softmaxes(false, true), softmaxes(true, true), softmaxes(true, false)]).toEqual([
      3, 6, 3,
    ]);
  });
});

describe("dropout", () => {
  const inputs = { x: { shape: [400, 25], dtype: "float32", data: Array(10000).fill(1) } } as const;
  const build = ({ x }: Readonly<Record<string, t.Tensor>>): t.Tensor =>
    t.dropout(x, { rate: 0.2, rng: createRng(9) });
  const data = { x: new Float32Array(10000).fill(1) };

  it("keeps the mean, zeroes the named share, and draws another mask each step", async () => {
    const compiled = await evaluator(inputs, build);
    const [first] = (await compiled.run(data)).outputs;
    const [second] = (await compiled.run(data)).outputs;
    await compiled.close();
    const zeros = [...first].filter((value) => value === 0).length;
    expect(zeros / 10000).toBeGreaterThan(0.185); // 0.2 less four standard deviations
    expect(zeros / 10000).toBeLessThan(0.215);
    expect(Math.max(...[...first].map(Number))).toBeCloseTo(1.25, 4);
    expect(second).not.toEqual(first);
  });

  it("gives the same masks to the same seed and step", async () => {
    const [first, second] = [await evaluator(inputs, build), await evaluator(inputs, build)];
    for (let step = 0; step < 2; step += 1) {
      expect((await first.run(data)).outputs).toEqual((await second.run(data)).outputs);
    }
    await Promise.all([first.close(), second.close()]);
  });

  it("is the identity without an rng", () => {
    const x = t.input("x", [3]);
    expect(t.dropout(x, { rate: 0.5, rng: undefined })).toBe(x);
  });
});
