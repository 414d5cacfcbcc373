/**
 * Tensors: symbolic graphs, reverse-mode gradients, ONNX lowering and execution on ONNX Runtime.
 *
 * A layer is a pair of functions. `init(rng, config)` returns a tree of parameters; `forward(params, x)` builds a graph:
 *
 * ```ts
 * export type Linear = { readonly weight: Tensor; readonly bias: Tensor };
 *
 * export function initLinear(rng: Rng, { inputs, outputs }: LinearConfig): Linear {
 *   const bound = 1 / Math.sqrt(inputs);
 *   const weight = Float32Array.from({ length: inputs * outputs }, () => (2 * rng.uniform() - 1) * bound);
 *   return {
 *     weight: parameter(weight, [inputs, outputs]),
 *     bias: parameter(new Float32Array(outputs), [outputs]),
 *   };
 * }
 *
 * export function linear({ weight, bias }: Linear, x: Tensor): Tensor {
 *   return add(matmul(x, weight), bias); // (…, outputs); one Gemm
 * }
 * ```
 *
 * Parameters are tensors too: an optimiser's `init(params)` makes more of them, its `update` returns the next values, and
 * `compile` runs `step(state, inputs) => { state, outputs }` with all state in buffers outside JavaScript's way.
 */
export { type DType, type TensorData } from "./graph/dtype.ts";
export { type Shape } from "./graph/shape.ts";
export { constant, input, parameter, Tensor, type TensorType } from "./graph/tensor.ts";
export { type Leaf, leavesOf, mapTree, mapTrees } from "./graph/tree.ts";
export {
  abs,
  add,
  cos,
  div,
  exp,
  floor,
  log,
  maximum,
  minimum,
  mul,
  neg,
  type Operand,
  pow,
  reciprocal,
  relu,
  round,
  sigmoid,
  sign,
  sin,
  softplus,
  sqrt,
  square,
  sub,
  tanh,
} from "./ops/elementwise.ts";
export { broadcastTo, full, reduceSum, type ReduceOptions } from "./ops/broadcast.ts";
export * from "./ops/reduce.ts";
export { cast, expandDims, reshape, stopGradient, transpose } from "./ops/shape-ops.ts";
export { dot, matmul, type MatmulOptions, outer } from "./ops/matmul.ts";
export * from "./ops/slices.ts";
export * from "./ops/compare.ts";
export * from "./ops/indexing.ts";
export * from "./ops/normalize.ts";
export * from "./ops/activations.ts";
export * from "./ops/cells.ts";
export * from "./ops/dropout.ts";
export * from "./ops/dft.ts";
export { grad } from "./grad/grad.ts";
export { type Composite, type CompositeContext, withGradient } from "./grad/composite.ts";
export { checkpoint } from "./grad/checkpoint.ts";
export { type Device } from "./lowering/emitter.ts";
export {
  type Batch,
  compile,
  type CompileOptions,
  type CompiledStep,
  type Outputs,
} from "./session/compile.ts";
export { type StateValue } from "./session/state.ts";
export { exportOnnx, type ExportOptions } from "./session/export.ts";
export { fallbacks, type ProfileRow } from "./session/profile.ts";
export { type StepDefinition, type StepResult } from "./session/trace.ts";
export * from "./nn/index.ts";
export * from "./optim/index.ts";
export * from "./files/index.ts";
