import { describe, expect, it } from "vitest";
import { ShapeError } from "../../src/errors.ts";
import { createRng } from "../../src/rng.ts";
import * as t from "../../src/tensor/index.ts";

const zeros = (...shape: readonly number[]): t.Tensor => t.input("x", shape);

describe("a shape error names the call and prints both shapes", () => {
  const cases: readonly (readonly [string, () => unknown, string])[] = [
    ["add", () => t.add(zeros(2, 3), zeros(4)), "add: shapes [2, 3] and [4] do not broadcast"],
    [
      "matmul",
      () => t.matmul(zeros(2, 3), zeros(4, 5)),
      "matmul: float32[2, 3] and float32[4, 5] do not multiply: inner lengths 3 and 4",
    ],
    ["matmul of a vector", () => t.matmul(zeros(3), zeros(3, 2)), "found [3]; use expandDims"],
    ["reshape", () => t.reshape(zeros(2, 3), [4, -1]), "[2, 3] of 6 elements does not fit [4, -1]"],
    ["transpose", () => t.transpose(zeros(2, 3), [0, 0]), "[0, 0] is not a permutation"],
    [
      "reduceSum",
      () => t.reduceSum(zeros(2, 3), { axes: 2 }),
      "axis 2 is not an axis of shape [2, 3]",
    ],
    ["concat", () => t.concat([zeros(2, 3), zeros(3, 3)], 1), "[3, 3] does not join"],
    ["split", () => t.split(zeros(2, 5), 2, 1), "has length 5, parts are [2.5, 2.5]"],
    ["slice", () => t.slice(zeros(2, 3), 1, 2, 5), "2 to 5 is not a range of axis 1 of [2, 3]"],
    ["topK", () => t.topK(zeros(2, 3), 4), "k must be 1 to 3, found 4"],
    ["layerNorm", () => t.layerNorm(zeros(2, 3), zeros(2), zeros(3)), "found [2] and [3]"],
    ["gather", () => t.gather(zeros(2, 3), zeros(2)), "indices must be int32 or int64"],
    ["where", () => t.where(zeros(2), 1, 2), "where: expected a bool tensor"],
    ["dtypes", () => t.add(zeros(2), t.cast(zeros(2), "int32")), "dtypes float32 and int32 differ"],
    ["parameter", () => t.parameter(new Float32Array(3), [2, 2]), "needs 4 values, found 3"],
    ["an empty axis", () => t.input("x", [2, 0]), "lengths of at least 1, found [2, 0]"],
    ["grad", () => t.grad(zeros(2), {}), "the loss must be a scalar"],
    [
      "dropout",
      () => t.dropout(zeros(2), { rate: 1, rng: createRng(1) }),
      "rate must be in [0, 1)",
    ],
    ["softmax of integers", () => t.softmax(t.input("i", [2], "int32")), "expected a float tensor"],
    [
      "inverseRealDft",
      () => t.inverseRealDft({ real: zeros(1, 3), imaginary: zeros(1, 3) }, 7),
      "has 4",
    ],
  ];
  for (const [name, call, message] of cases) {
    it(name, () => {
      expect(call).toThrow(ShapeError);
      expect(call).toThrow(message);
    });
  }
});

describe("the graph is simplified while it is built", () => {
  const x = zeros(2, 3);

  it("x + 0, x · 1, x / 1 and x to the power 1 are x", () => {
    expect([t.add(x, 0), t.mul(1, x), t.div(x, 1), t.pow(x, 1)]).toEqual([x, x, x, x]);
  });

  it("adding a negation is subtracting", () => {
    expect(t.add(x, t.neg(t.exp(x))).node.op).toBe("sub");
  });

  it("arithmetic of constants is a constant", () => {
    const product = t.mul(t.constant(Float32Array.of(1, 2), [2]), t.constant(3));
    expect(product.node.op).toBe("constant");
    expect(product.node.data).toEqual(Float32Array.of(3, 6));
  });

  it("a reshape of a reshape is one reshape, and back is nothing", () => {
    expect(t.reshape(t.reshape(x, [3, 2]), [6]).node.inputs[0]).toBe(x);
    expect(t.reshape(t.reshape(x, [6]), [2, 3])).toBe(x);
  });

  it("two transposes that undo each other are nothing", () => {
    expect(t.transpose(t.transpose(x))).toBe(x);
  });
});

describe("trees", () => {
  const tree = { layer: { weight: zeros(2), biases: [zeros(1), zeros(3)] } };

  it("have a dotted path a leaf", () => {
    expect(t.leavesOf(tree).map(({ path }) => path)).toEqual([
      "layer.weight",
      "layer.biases.0",
      "layer.biases.1",
    ]);
  });

  it("are mapped together by path, and a missing leaf is an error", () => {
    const sums = t.mapTrees(tree, [tree], ([a, b]) => t.add(a, b));
    expect(sums.layer.biases[1].node.op).toBe("add");
    expect(() => t.mapTrees(tree, [{ layer: {} }], ([a]) => a)).toThrow("no leaf layer.weight");
  });

  it("hold tensors only", () => {
    expect(() => t.leavesOf({ a: { b: 3 } })).toThrow('found number at "a.b"');
  });
});
