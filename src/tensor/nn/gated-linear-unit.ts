// The gated linear unit (Dauphin et al. 2017): (x W + b) · sigmoid(x V + c), value and gate as two products.

import type { Rng } from "../../rng.ts";
import type { Tensor } from "../graph/tensor.ts";
import { gated } from "../ops/activations.ts";
import type { Linear, LinearConfig } from "./linear.ts";
import { initLinear, linear } from "./linear.ts";

export type GatedLinearUnit = { readonly value: Linear; readonly gate: Linear };

export function initGatedLinearUnit(rng: Rng, config: LinearConfig): GatedLinearUnit {
  return { value: initLinear(rng, config), gate: initLinear(rng, config) };
}

/** (…, inputs) to (…, outputs). */
export function gatedLinearUnit({ value, gate }: GatedLinearUnit, x: Tensor): Tensor {
  return gated(linear(value, x), linear(gate, x));
}
