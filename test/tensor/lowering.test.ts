import { describe, expect, it } from "vitest";
import * as t from "../../src/tensor/index.ts";
import { countOps, floatType, programOf } from "./programs.ts";

const x3 = floatType(4, 5, 6);
const w = floatType(6, 7);
const bias = floatType(7);

describe("lowering", () => {
  it("computes equal subexpressions once", () => {
    const program = programOf({ x: x3 }, ({ x }) => ({
      y: t.add(t.exp(t.mul(x, 2)), t.sin(t.exp(t.mul(x, 2)))),
    }));
    expect(countOps(program)).toEqual({ Mul: 1, Exp: 1, Sin: 1, Add: 1 });
  });

  it("drops nodes and inputs that no output needs", () => {
    const program = programOf({ x: x3, unused: x3 }, ({ x, unused }) => {
      t.exp(unused);
      return { y: t.exp(x) };
    });
    expect(countOps(program)).toEqual({ Exp: 1 });
    expect(program.inputs.map(({ name }) => name)).toEqual(["x@0"]);
  });

  it("makes a 3-D by 2-D product with bias and activation one Gemm", () => {
    const program = programOf({ x: x3, w, bias }, (p) => ({
      y: t.tanh(t.add(t.matmul(p["x"], p["w"]), p["bias"])),
    }));
    expect(countOps(program)).toEqual({ Reshape: 2, FusedGemm: 1 });
  });

  it("keeps a product that something else reads besides the addition", () => {
    const program = programOf({ x: floatType(5, 6), w, bias }, (p) => {
      const product = t.matmul(p["x"], p["w"]);
      return { y: t.add(product, p["bias"]), z: t.exp(product) };
    });
    expect(countOps(program)).toEqual({ Gemm: 1, Add: 1, Exp: 1 });
  });

  it("adds a whole matrix through Gemm's C and chains sums of products", () => {
    const square = floatType(5, 5);
    const program = programOf({ a: square, b: square, c: square, d: square }, (p) => {
      const sum = t.add(t.matmul(p["a"], p["b"]), t.matmul(p["b"], p["c"]));
      return { y: t.add(t.add(sum, t.matmul(p["c"], p["d"])), p["a"]) };
    });
    expect(countOps(program)).toEqual({ Gemm: 3, Add: 1 });
  });

  it("takes a factor as alpha", () => {
    const batch = floatType(2, 3, 3);
    const program = programOf({ a: batch, b: batch }, (p) => ({
      y: t.mul(t.matmul(p["a"], p["b"], { transposeB: true }), 0.5),
    }));
    expect(countOps(program)).toEqual({ FusedMatMul: 1 });
  });

  it("emits no transpose for products of transposes and their gradients", () => {
    const program = programOf({ x: x3, w: floatType(7, 6) }, (p) => {
      const loss = t.reduceMean(t.square(t.matmul(p["x"], t.transpose(p["w"]))));
      return t.grad(loss, { x: p["x"], w: p["w"] });
    });
    expect(countOps(program)["Transpose"]).toBeUndefined();
  });

  it("reads rows-first operands of a batched product as they lie", () => {
    const program = programOf({ q: floatType(5, 8, 3), k: floatType(5, 8, 3) }, (p) => ({
      y: t.matmul(t.transpose(p["q"], [1, 0, 2]), t.transpose(p["k"], [1, 2, 0])),
    }));
    const swapped = programOf({ q: floatType(5, 8, 3), k: floatType(5, 8, 3) }, (p) => ({
      y: t.matmul(t.transpose(p["q"], [1, 0, 2]), t.transpose(p["k"], [1, 0, 2]), {
        transposeB: true,
      }),
    }));
    expect(countOps(swapped)).toEqual({ FusedMatMul: 1 });
    expect(countOps(program)["FusedMatMul"] ?? countOps(program)["MatMul"]).toBe(1);
  });

  it("returns the gradients of tiling slices as one Concat, without Pad and Add", () => {
    const program = programOf({ x: floatType(6, 3) }, ({ x }) => {
      const parts = [0, 2, 4].map((start) => t.slice(x, 0, start, start + 2));
      const loss = t.reduceSum(t.mul(t.exp(parts[0]), t.mul(t.sin(parts[1]), t.cos(parts[2]))));
      return t.grad(loss, { x });
    });
    expect(countOps(program)).toMatchObject({ Concat: 1 });
    expect(countOps(program)["Pad"]).toBeUndefined();
    expect(countOps(program)["Add"]).toBeUndefined();
  });

  it("splits and joins at most 7 parts at once on WebGPU, in their order", () => {
    for (const count of [7, 8, 49, 120]) {
      const program = programOf(
        { x: floatType(2 * count, 3) },
        ({ x }) => {
          const parts = t.split(x, count, 0);
          return { y: t.concat(parts.toReversed(), 0) };
        },
        "webgpu",
      );
      const ranges = new Map<unknown, readonly number[]>([
        [program.inputs[0], Array.from({ length: count }, (_, i) => i)],
      ]);
      for (const { type, inputs, outputs } of program.instructions) {
        const wide = type === "Split" ? outputs : inputs;
        expect(wide.length).toBeLessThanOrEqual(7);
        if (type === "Split") {
          let start = 0;
          for (const output of outputs) {
            const length = output.shape[0] / 2;
            ranges.set(output, ranges.get(inputs[0])?.slice(start, start + length) ?? []);
            start += length;
          }
        } else
          ranges.set(
            outputs[0],
            inputs.flatMap((input) => ranges.get(input) ?? []),
          );
      }
      const order = ranges.get(program.outputs[0]);
      expect(order).toEqual(Array.from({ length: count }, (_, i) => count - 1 - i));
    }
  });

  it("lowers a chain of 20,000 nodes without exhausting the stack", () => {
    const program = programOf({ x: floatType(1) }, ({ x }) => {
      let y = x;
      for (let i = 0; i < 20_000; i += 1) y = t.sin(y);
      return { y };
    });
    expect(program.instructions).toHaveLength(20_000);
  });
});
