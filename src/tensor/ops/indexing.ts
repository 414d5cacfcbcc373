// Ops by index: gather, scatter-add, take along an axis, one-hot, top-k, sort, argsort, cumulative sum.

import { ShapeError } from "../../errors.ts";
import { allocate, dataFrom } from "../graph/dtype.ts";
import { formatShape, normalizeAxis, sameShape } from "../graph/shape.ts";
import type { Rule, Tensor } from "../graph/tensor.ts";
import { applyNode, applyOp, constant } from "../graph/tensor.ts";
import { lowerScatterAdd } from "../lowering/lower-scatter.ts";
import { checkFloat } from "./broadcast.ts";
import { equal } from "./compare.ts";
import { cast, expandDims, transpose } from "./shape-ops.ts";

const gatherRule: Rule = {
  gradient: (node, [g]) => {
    if (g === undefined) return [];
    const [x, indices] = node.inputs;
    return [scatterAdd(g, indices, x.shape[0])];
  },
  lower: (node, inputs, emitter) =>
    emitter.emit("Gather", inputs, node.outputs, { attributes: { axis: 0 } }),
};

/**
 * Rows of `x` (N, …) at `indices` (any shape): gives indices.shape + (…). Along another axis, transpose first.
 * An index outside [-N, N) stops the run with an error.
 */
export function gather(x: Tensor, indices: Tensor): Tensor {
  checkIndices("gather", indices);
  const output = { shape: [...indices.shape, ...x.shape.slice(1)], dtype: x.dtype };
  return applyOp({ op: "gather", inputs: [x, indices], output, rule: gatherRule });
}

const scatterRule: Rule = {
  gradient: (node, [g]) => [g && gather(g, node.inputs[1])],
  lower: lowerScatterAdd,
};

/** Adds rows of `updates` (indices.shape + (…)) into zeros of `rows` rows: (rows, …). Twin of `gather`. */
export function scatterAdd(updates: Tensor, indices: Tensor, rows: number): Tensor {
  checkIndices("scatterAdd", indices);
  if (!sameShape(updates.shape.slice(0, indices.rank), indices.shape)) {
    throw new ShapeError(
      `scatterAdd: updates ${formatShape(updates.shape)} do not start with the indices' shape ` +
        formatShape(indices.shape),
    );
  }
  const output = { shape: [rows, ...updates.shape.slice(indices.rank)], dtype: updates.dtype };
  return applyOp({ op: "scatterAdd", inputs: [updates, indices], output, rule: scatterRule });
}

const takeRule: Rule = {
  gradient: (node, [g]) => {
    if (g === undefined) return [];
    const [x, indices] = node.inputs;
    const axis = Number(node.attributes["axis"]);
    return [putAlongAxis(g, indices, axis, x.shape[axis])];
  },
  lower: (node, inputs, emitter) =>
    emitter.emit("GatherElements", inputs, node.outputs, {
      attributes: { axis: Number(node.attributes["axis"]) },
    }),
};

/** NumPy's take_along_axis: `indices` has the shape of `x` except along `axis`. */
export function takeAlongAxis(x: Tensor, indices: Tensor, axis: number): Tensor {
  checkIndices("takeAlongAxis", indices);
  const at = normalizeAxis("takeAlongAxis", axis, x.shape);
  if (indices.rank !== x.rank || !sameShape(indices.shape.with(at, 1), x.shape.with(at, 1))) {
    throw new ShapeError(
      `takeAlongAxis: indices ${formatShape(indices.shape)} do not fit ${formatShape(x.shape)} along axis ${at}`,
    );
  }
  return applyOp({
    op: "takeAlongAxis",
    inputs: [x, indices],
    output: { shape: indices.shape, dtype: x.dtype },
    rule: takeRule,
    attributes: { axis: at },
  });
}

const putRule: Rule = {
  gradient: (node, [g]) => [g && takeAlongAxis(g, node.inputs[1], Number(node.attributes["axis"]))],
  lower: (node, [updates, indices], emitter) => {
    const [output] = node.outputs;
    const zeros = emitter.initializer(
      allocate(output.dtype, output.size),
      output.shape,
      output.dtype,
    );
    const attributes = { axis: Number(node.attributes["axis"]), reduction: "add" };
    return emitter.emit("ScatterElements", [zeros, indices, updates], node.outputs, { attributes });
  },
};

function putAlongAxis(updates: Tensor, indices: Tensor, axis: number, length: number): Tensor {
  return applyOp({
    op: "putAlongAxis",
    inputs: [updates, indices],
    output: { shape: updates.shape.with(axis, length), dtype: updates.dtype },
    rule: putRule,
    attributes: { axis },
  });
}

/** 1 at the index along a new last axis of length `depth`, else 0 (float32); an index outside gives a row of zeros. */
export function oneHot(indices: Tensor, depth: number): Tensor {
  checkIndices("oneHot", indices);
  const positions = constant(
    dataFrom(
      indices.dtype,
      Array.from({ length: depth }, (_, position) => position),
    ),
    [depth],
  );
  return cast(equal(expandDims(indices, -1), positions), "float32");
}

export interface TopK {
  /** (…, k), largest first. */
  readonly values: Tensor;
  /** Positions along the axis, int64. */
  readonly indices: Tensor;
}

const topKRule: Rule = {
  gradient: (node, [g]) => {
    if (g === undefined) return [];
    const [x] = node.inputs;
    const axis = Number(node.attributes["axis"]);
    return [putAlongAxis(g, node.outputs[1], axis, x.shape[axis])];
  },
  lower: (node, [x], emitter) => {
    const axis = Number(node.attributes["axis"]);
    const k = emitter.integers([node.outputs[0].shape[axis]]);
    const attributes = { axis, largest: node.attributes["largest"] === true ? 1 : 0, sorted: 1 };
    return emitter.emit("TopK", [x, k], node.outputs, { attributes });
  },
};

export interface TopKOptions {
  readonly axis?: number;
  /** False takes the smallest, smallest first. */
  readonly largest?: boolean;
}

/** The k largest (or smallest) elements along `axis`, sorted; ties go to the lower index. Values are differentiable. */
export function topK(x: Tensor, k: number, { axis = -1, largest = true }: TopKOptions = {}): TopK {
  checkFloat("topK", x);
  const at = normalizeAxis("topK", axis, x.shape);
  if (!(Number.isInteger(k) && k >= 1 && k <= x.shape[at])) {
    throw new ShapeError(`topK: k must be 1 to ${x.shape[at]}, found ${k}`);
  }
  const shape = x.shape.with(at, k);
  const [values, indices] = applyNode({
    op: "topK",
    inputs: [x],
    outputs: [
      { shape, dtype: x.dtype },
      { shape, dtype: "int64" },
    ],
    rule: topKRule,
    attributes: { axis: at, largest },
  });
  return { values, indices };
}

export interface SortOptions {
  readonly axis?: number;
  readonly descending?: boolean;
}

/** Elements in ascending order along `axis`; differentiable. */
export function sort(x: Tensor, { axis = -1, descending = false }: SortOptions = {}): Tensor {
  const at = normalizeAxis("sort", axis, x.shape);
  return topK(x, x.shape[at], { axis: at, largest: descending }).values;
}

/** Positions that sort `x` along `axis`, int64; ties keep their order. */
export function argsort(x: Tensor, { axis = -1, descending = false }: SortOptions = {}): Tensor {
  const at = normalizeAxis("argsort", axis, x.shape);
  return topK(x, x.shape[at], { axis: at, largest: descending }).indices;
}

const cumulativeRule: Rule = {
  gradient: (node, [g]) => [
    g && cumulativeSum(g, Number(node.attributes["axis"]), node.attributes["reverse"] !== true),
  ],
  lower: (node, [x], emitter) => {
    const axis = emitter.initializer(
      dataFrom("int64", [Number(node.attributes["axis"])]),
      [],
      "int64",
    );
    const attributes = { reverse: node.attributes["reverse"] === true ? 1 : 0, exclusive: 0 };
    return emitter.emit("CumSum", [x, axis], node.outputs, { attributes });
  },
};

/** Running sum along `axis`, from the back where `reverse`. */
export function cumulativeSum(x: Tensor, axis: number, reverse = false): Tensor {
  const at = normalizeAxis("cumulativeSum", axis, x.shape);
  return applyOp({
    op: "cumulativeSum",
    inputs: [x],
    output: x,
    rule: cumulativeRule,
    attributes: { axis: at, reverse },
  });
}

function checkIndices(call: string, indices: Tensor): void {
  if (indices.dtype !== "int32" && indices.dtype !== "int64") {
    throw new ShapeError(`${call}: indices must be int32 or int64, found ${indices.toString()}`);
  }
}

/** Rows of another axis: `gather` along `axis`. */
export function gatherAxis(x: Tensor, indices: Tensor, axis: number): Tensor {
  const at = normalizeAxis("gatherAxis", axis, x.shape);
  if (at === 0) return gather(x, indices);
  const front = [at, ...x.shape.map((_, i) => i).filter((i) => i !== at)];
  const taken = gather(transpose(x, front), indices);
  const r = indices.rank;
  const back = taken.shape.map((_, i) => i);
  return transpose(taken, [...back.slice(r, r + at), ...back.slice(0, r), ...back.slice(r + at)]);
}
