// Dynamic loss scaling for float16 (Micikevicius et al. 2018): steps whose gradients overflow are left out.

import type { Tensor } from "../graph/tensor.ts";
import { parameter } from "../graph/tensor.ts";
import { leavesOf, mapTree, mapTrees } from "../graph/tree.ts";
import { reduceSum } from "../ops/broadcast.ts";
import { equal, where } from "../ops/compare.ts";
import { add, div, maximum, minimum, mul } from "../ops/elementwise.ts";
import { cast, reshape } from "../ops/shape-ops.ts";

export type LossScale = { readonly scale: Tensor; readonly good: Tensor };

export interface LossScaleOptions {
  /** Finite steps before the scale doubles; 2000 unless given. */
  readonly interval?: number;
}

/** Starts at 2^16 unless given. */
export function initLossScale(scale = 65536): LossScale {
  return {
    scale: parameter(Float32Array.of(scale), []),
    good: parameter(new Float32Array(1), []),
  };
}

/** The loss to differentiate. */
export function scaleLoss(loss: Tensor, { scale }: LossScale): Tensor {
  return mul(loss, cast(scale, loss.dtype));
}

export interface Unscaled<P> {
  readonly gradients: P;
  /** Scalar bool: every gradient is finite. */
  readonly isFinite: Tensor;
  readonly next: LossScale;
}

/** Gradients without the scale, in float32, and the next scale: halved after an overflow, doubled after `interval` good steps. */
export function unscale<P>(
  gradients: P,
  { scale, good }: LossScale,
  { interval = 2000 }: LossScaleOptions = {},
): Unscaled<P> {
  const plain = mapTree(gradients, (g) => div(cast(g, "float32"), scale));
  const zeros = leavesOf(plain).map(({ tensor }) => reshape(reduceSum(mul(tensor, 0)), []));
  const isFinite = equal(
    zeros.reduce((total, sum) => add(total, sum)),
    0,
  );
  const counted = add(good, 1);
  const isDue = equal(minimum(counted, interval), interval);
  const grown = where(isDue, minimum(mul(scale, 2), 2 ** 24), scale);
  return {
    gradients: plain,
    isFinite,
    next: {
      scale: where(isFinite, grown, maximum(mul(scale, 0.5), 1)),
      good: where(isFinite, where(isDue, 0, counted), 0),
    },
  };
}

/** `after` where the step counts, else `before`: for parameters and optimiser state. */
export function keepUnless<T>(isFinite: Tensor, before: T, after: T): T {
  return mapTrees(before, [after], ([old, next]) =>
    old === next ? old : where(isFinite, next, old),
  );
}
