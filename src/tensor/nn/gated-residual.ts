// The gated residual network of the Temporal Fusion Transformer (Lim et al. 2021, eq. 2 to 4).

import type { Rng } from "../../rng.ts";
import type { Tensor } from "../graph/tensor.ts";
import { elu } from "../ops/activations.ts";
import type { DropoutOptions } from "../ops/dropout.ts";
import { dropout } from "../ops/dropout.ts";
import { add } from "../ops/elementwise.ts";
import { matmul } from "../ops/matmul.ts";
import type { GatedLinearUnit } from "./gated-linear-unit.ts";
import { gatedLinearUnit, initGatedLinearUnit } from "./gated-linear-unit.ts";
import { glorotUniform } from "./initializers.ts";
import type { Norm } from "./layer-norm.ts";
import { initNorm, norm } from "./layer-norm.ts";
import type { Linear } from "./linear.ts";
import { initLinear, linear } from "./linear.ts";

export type GatedResidual = {
  readonly inner: Linear;
  /** (context, hidden), where the network takes a context. */
  readonly context?: Tensor;
  readonly gate: GatedLinearUnit;
  /** (inputs, outputs), where the widths differ. */
  readonly skip?: Linear;
  readonly norm: Norm;
};

export interface GatedResidualConfig {
  readonly inputs: number;
  readonly hidden: number;
  readonly outputs: number;
  /** Width of the context, 0 without one. */
  readonly context?: number;
}

export function initGatedResidual(
  rng: Rng,
  { inputs, hidden, outputs, context = 0 }: GatedResidualConfig,
): GatedResidual {
  return {
    inner: initLinear(rng, { inputs, outputs: hidden }),
    ...(context === 0 ? {} : { context: glorotUniform(rng, [context, hidden]) }),
    gate: initGatedLinearUnit(rng, { inputs: hidden, outputs }),
    ...(inputs === outputs ? {} : { skip: initLinear(rng, { inputs, outputs }) }),
    norm: initNorm(outputs),
  };
}

/** LayerNorm(skip(x) + GLU(ELU(x W2 + b + c W3))): (…, inputs) to (…, outputs); `context` broadcasts against x. */
export function gatedResidual(
  params: GatedResidual,
  x: Tensor,
  { context, drop }: { readonly context?: Tensor; readonly drop?: DropoutOptions } = {},
): Tensor {
  const own = linear(params.inner, x);
  const isGuided = params.context !== undefined && context !== undefined;
  const inner = elu(isGuided ? add(own, matmul(context, params.context)) : own);
  const dropped = drop === undefined ? inner : dropout(inner, drop);
  const skip = params.skip === undefined ? x : linear(params.skip, x);
  return norm(params.norm, add(skip, gatedLinearUnit(params.gate, dropped)));
}
