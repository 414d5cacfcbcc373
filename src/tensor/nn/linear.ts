// The affine layer: y = x W + b.

import type { Rng } from "../../rng.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add } from "../ops/elementwise.ts";
import { matmul } from "../ops/matmul.ts";
import { filled, glorotUniform } from "./initializers.ts";

export type Linear = {
  /** (inputs, outputs): PyTorch's weight transposed. */
  readonly weight: Tensor;
  /** (outputs) */
  readonly bias: Tensor;
};

export interface LinearConfig {
  readonly inputs: number;
  readonly outputs: number;
}

/** Weights by Glorot, bias 0. */
export function initLinear(rng: Rng, { inputs, outputs }: LinearConfig): Linear {
  return { weight: glorotUniform(rng, [inputs, outputs]), bias: filled([outputs], 0) };
}

/** (…, inputs) to (…, outputs) in one product. */
export function linear({ weight, bias }: Linear, x: Tensor): Tensor {
  return add(matmul(x, weight), bias);
}
