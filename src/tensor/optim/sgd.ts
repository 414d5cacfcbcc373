// Stochastic gradient descent with momentum, PyTorch's form.

import type { Tensor } from "../graph/tensor.ts";
import { parameter } from "../graph/tensor.ts";
import { mapTree, mapTrees } from "../graph/tree.ts";
import { add, mul, sub } from "../ops/elementwise.ts";
import type { OptimizerOptions, Updated } from "./groups.ts";
import { ratio } from "./groups.ts";

export type SgdState<P> = { readonly velocity: P };

export interface SgdOptions extends OptimizerOptions {
  /** 0 unless given. */
  readonly momentum?: number;
  readonly isNesterov?: boolean;
  /** Added to the gradient; 0 unless given. */
  readonly decay?: number;
}

export function initSgd<P>(params: P): SgdState<P> {
  return { velocity: zerosLike(params) };
}

/** v' = μ v + g + λ p; p' = p - η v', or p - η (g + λ p + μ v') with Nesterov's momentum. */
export function sgd<P>(
  params: P,
  gradients: P,
  { velocity }: SgdState<P>,
  { rate, rules, momentum = 0, isNesterov = false, decay = 0 }: SgdOptions,
): Updated<P, SgdState<P>> {
  const decayed = mapTrees(params, [gradients], ([p, g], path) =>
    add(g, mul(p, decay * (rules?.(path).decay ?? 1))),
  );
  const next = mapTrees(velocity, [decayed], ([v, g]) => add(mul(v, momentum), g));
  const moved = mapTrees(params, [decayed, next], ([p, g, v], path) => {
    const direction = isNesterov ? add(g, mul(v, momentum)) : v;
    return sub(p, mul(direction, ratio(rate, rules?.(path).rate ?? 1)));
  });
  return { params: moved, state: { velocity: next } };
}

/** Parameters of zeros in the form of `params`: what an optimiser starts from. */
export function zerosLike<P>(params: P): P {
  return mapTree(params, (leaf: Tensor) => parameter(new Float32Array(leaf.size), leaf.shape));
}
