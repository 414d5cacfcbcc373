// Property: on random graphs the gradient along a random direction is the central difference along it.

import fc from "fast-check";
import { expect, it } from "vitest";
import { createRng } from "../../src/rng.ts";
import * as t from "../../src/tensor/index.ts";
import type { Packed } from "./evaluate.ts";
import { evaluator } from "./evaluate.ts";

const size = 4;
type Op = (a: t.Tensor, b: t.Tensor) => t.Tensor;

/** Smooth ops that keep (4, 4) and stay near 1 in size. */
const ops: readonly Op[] = [
  (a, b) => t.mul(t.add(a, b), 0.5),
  (a, b) => t.sub(a, b),
  (a, b) => t.mul(a, b),
  (a, b) => t.div(a, t.add(t.square(b), 1)),
  (a, b) => t.mul(t.matmul(a, b), 0.5),
  (a, b) => t.mul(t.matmul(a, b, { transposeA: true }), 0.5),
  (a, b) => t.add(t.mul(t.matmul(a, t.transpose(b)), 0.5), b),
  (a) => t.tanh(a),
  (a) => t.sigmoid(a),
  (a) => t.gelu(a),
  (a) => t.sin(a),
  (a) => t.softmax(a),
  (a, b) => t.gated(a, b),
  (a) => t.transpose(a),
  (a, b) => t.concat([t.slice(a, 0, 0, 2), t.slice(b, 0, 2)], 0),
  (a, b) => t.add(t.slice(t.pad(a, 1, 1, 0), 1, 0, size), b),
  (a, b) => t.sub(a, t.reduceMean(b, { axes: 0 })),
  (a, b) => t.add(t.exp(t.mul(t.tanh(a), 0.5)), t.reduceSum(b, { axes: 1, keepDims: true })),
  (a, b) => t.layerNorm(t.mul(a, 0.5), t.at(b, 0, 0), t.at(b, 0, 1), { epsilon: 0.5 }),
  (a, b) => t.gather(t.add(a, b), t.constant(Int32Array.of(3, 0, 0, 2), [size])),
  (a, b) => t.checkpoint(([x, y]) => [t.mul(t.tanh(x), t.sin(y))], [a, b])[0],
  (a) => t.cumulativeSum(t.mul(a, 0.3), 1),
];

const step = fc.record({
  op: fc.nat(ops.length - 1),
  left: fc.nat(100),
  right: fc.nat(100),
});

it("the gradient of a random composition equals finite differences", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), fc.nat(1000), check),
    { numRuns: 60, seed: 6 },
  );
});

async function check(
  steps: readonly { op: number; left: number; right: number }[],
  seed: number,
): Promise<void> {
  const rng = createRng(seed);
  const draw = (): Float32Array => Float32Array.from({ length: size * size }, () => rng.normal());
  const [values, direction, weights] = [draw(), draw(), draw()];
  const packed: Packed = { shape: [size, size], dtype: "float32", data: [...values] };
  const build = ({ x }: Readonly<Record<string, t.Tensor>>): t.Tensor => {
    const pool = [x, t.mul(x, 0.5)];
    for (const { op, left, right } of steps) {
      pool.push(
        ops[op](
          pool[pool.length - 1 - (left % 3 && left % pool.length)],
          pool[right % pool.length],
        ),
      );
    }
    return pool[pool.length - 1];
  };
  const compiled = await evaluator({ x: packed }, build, [{ ...packed, data: [...weights] }]);
  const loss = async (offset: number): Promise<number> => {
    const { outputs } = await compiled.run({ x: values.map((v, i) => v + offset * direction[i]) });
    return weights.reduce((sum, weight, i) => sum + weight * Number(outputs[0][i]), 0);
  };
  const { gradients } = await compiled.run({ x: values });
  const slope = direction.reduce((sum, d, i) => sum + d * Number(gradients["x"][i]), 0);
  const differences = async (h: number): Promise<number> => {
    const near = (await loss(h)) - (await loss(-h));
    const far = (await loss(2 * h)) - (await loss(-2 * h));
    return (8 * near - far) / (12 * h);
  };
  // Truncation falls with h⁴ and rounding grows with 1/h: the better of two widths decides.
  const errors = [await differences(4e-3), await differences(2e-2)].map((d) => Math.abs(d - slope));
  await compiled.close();
  const scale = 1 + Math.abs(slope) + norm(gradients["x"]);
  expect(Math.min(...errors) / scale).toBeLessThan(1e-3);
}

function norm(values: t.TensorData): number {
  return Math.hypot(...Array.from(values, Number));
}
