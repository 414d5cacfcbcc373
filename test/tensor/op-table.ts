// How each golden case of test/golden/tensor-ops.json is built here.

import * as t from "../../src/tensor/index.ts";
import type { Build } from "./evaluate.ts";

type Unary = (a: t.Tensor) => t.Tensor;
type Binary = (a: t.Tensor, b: t.Tensor) => t.Tensor;

const unary =
  (op: Unary): Build =>
  ({ a }) =>
    op(a);
const binary =
  (op: Binary): Build =>
  ({ a, b }) =>
    op(a, b);
const transposed =
  (transposeA: boolean, transposeB: boolean): Build =>
  ({ a, b }) =>
    t.matmul(a, b, { transposeA, transposeB });

/** A cell's gates from x·wi and h·wh, cut into equal parts. */
const cut = (x: t.Tensor, weight: t.Tensor, parts: number): readonly t.Tensor[] =>
  t.split(t.matmul(x, weight), parts, -1);

export const builds: Readonly<Record<string, Build>> = {
  add: binary(t.add),
  sub: binary(t.sub),
  mul: binary(t.mul),
  div: binary(t.div),
  pow: binary(t.pow),
  powScalar: ({ a }) => t.pow(a, 3),
  maximum: binary(t.maximum),
  minimum: binary(t.minimum),
  neg: unary(t.neg),
  abs: unary(t.abs),
  sign: unary(t.sign),
  exp: unary(t.exp),
  sin: unary(t.sin),
  cos: unary(t.cos),
  tanh: unary(t.tanh),
  sigmoid: unary(t.sigmoid),
  relu: unary(t.relu),
  softplus: unary(t.softplus),
  floor: unary(t.floor),
  round: unary(t.round),
  erf: unary(t.erf),
  gelu: unary(t.gelu),
  elu: unary(t.elu),
  silu: unary(t.silu),
  square: unary(t.square),
  log: unary(t.log),
  sqrt: unary(t.sqrt),
  reciprocal: unary(t.reciprocal),
  leakyRelu: ({ a }) => t.leakyRelu(a, 0.2),
  glu: unary(t.glu),
  gated: ({ value, gate }) => t.gated(value, gate),
  reduceSum: ({ a }) => t.reduceSum(a, { axes: [0, 2] }),
  reduceSumKeep: ({ a }) => t.reduceSum(a, { axes: 1, keepDims: true }),
  reduceMean: ({ a }) => t.reduceMean(a, { axes: -1 }),
  reduceMeanAll: ({ a }) => t.reduceMean(a),
  reduceMax: ({ a }) => t.reduceMax(a, { axes: [0, 2] }),
  reduceMin: ({ a }) => t.reduceMin(a, { axes: 1 }),
  variance: ({ a }) => t.variance(a, { axes: 1, ddof: 1 }),
  std: ({ a }) => t.std(a, { axes: -1 }),
  logSumExp: ({ a }) => t.logSumExp(a, { axes: -1 }),
  vectorNorm: ({ a }) => t.vectorNorm(a, { axes: -1 }),
  matmul: transposed(false, false),
  matmulTA: transposed(true, false),
  matmulTB: transposed(false, true),
  matmulTT: transposed(true, true),
  matmulFlat: transposed(false, false),
  matmulFlatTB: transposed(false, true),
  matmulBatch: transposed(false, false),
  matmulBatchTA: transposed(true, false),
  matmulBatchTB: transposed(false, true),
  matmulBatchTT: transposed(true, true),
  matmulBroadcast: transposed(false, false),
  matmulRowsFirst: ({ a, b }) => t.matmul(t.transpose(a, [1, 0, 2]), t.transpose(b, [1, 2, 0])),
  dot: binary(t.dot),
  outer: binary(t.outer),
  reshape: ({ a }) => t.reshape(a, [4, -1]),
  expandDims: ({ a }) => t.expandDims(a, 1),
  transpose: ({ a }) => t.transpose(a, [2, 0, 1]),
  broadcastTo: ({ a }) => t.broadcastTo(a, [2, 3, 4]),
  stopGradient: ({ a }) => t.mul(t.stopGradient(a), a),
  split: ({ a }) => t.split(a, [1, 3], 1),
  unstack: ({ a }) => t.unstack(a, 1),
  concat: ({ a, b }) => t.concat([a, b], 1),
  stack: ({ a, b }) => t.stack([a, b], 1),
  slice: ({ a }) => t.slice(a, 1, 1, 3),
  slices: ({ a }) => t.add(t.mul(t.slice(a, 1, 0, 2), t.slice(a, 1, 2, 4)), t.slice(a, 1, 3)),
  tiles: ({ a }) => t.add(t.mul(t.slice(a, 0, 0, 2), t.slice(a, 0, 2, 4)), t.slice(a, 0, 4)),
  at: ({ a }) => t.at(a, 1, -1),
  pad: ({ a }) => t.pad(a, 1, 1, 2),
  where: ({ c, a, b }) => t.where(c, a, b),
  gather: ({ a, i }) => t.gather(a, i),
  gatherAxis: ({ a, i }) => t.gatherAxis(a, i, 1),
  scatterAdd: ({ a, i }) => t.scatterAdd(a, i, 4),
  takeAlongAxis: ({ a, i }) => t.takeAlongAxis(a, i, 1),
  topK: ({ a }) => t.topK(a, 2).values,
  sort: ({ a }) => t.sort(a, { axis: 0 }),
  cumulativeSum: ({ a }) => t.cumulativeSum(a, 1),
  softmax: ({ a }) => t.softmax(a, 1),
  logSoftmax: unary(t.logSoftmax),
  layerNorm: ({ x, scale, bias }) => t.layerNorm(x, scale, bias),
  realDft: ({ a }) => {
    const { real, imaginary } = t.realDft(a);
    return [real, imaginary];
  },
  inverseRealDft: ({ r, i }) => t.inverseRealDft({ real: r, imaginary: i }, 6),
  lstmCell: ({ x, h, c, wi, wh }) => {
    const [input, forget, cell, output] = cut(x, wi, 4).map((part, k) =>
      t.add(part, cut(h, wh, 4)[k]),
    );
    const next = t.lstmCell({ input, forget, cell, output }, c);
    return [next.hidden, next.cell];
  },
  gruCell: ({ x, h, wi, wh }) => {
    const [ri, zi, candidateInput] = cut(x, wi, 3);
    const [rh, zh, candidateHidden] = cut(h, wh, 3);
    const gates = { reset: t.add(ri, rh), update: t.add(zi, zh), candidateInput, candidateHidden };
    return t.gruCell(gates, h);
  },
};
