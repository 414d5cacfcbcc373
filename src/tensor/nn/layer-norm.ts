// Layer normalisation as a layer: its scale and bias.

import type { Tensor } from "../graph/tensor.ts";
import type { LayerNormOptions } from "../ops/normalize.ts";
import { layerNorm } from "../ops/normalize.ts";
import { filled } from "./initializers.ts";

export type Norm = { readonly scale: Tensor; readonly bias: Tensor };

/** Scale 1, bias 0. */
export function initNorm(width: number): Norm {
  return { scale: filled([width], 1), bias: filled([width], 0) };
}

/** (…, width) with every row brought to mean 0 and variance 1, then scaled and shifted. */
export function norm({ scale, bias }: Norm, x: Tensor, options?: LayerNormOptions): Tensor {
  return layerNorm(x, scale, bias, options);
}
