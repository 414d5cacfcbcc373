// Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019), PyTorch's form, inside the compiled graph.

import type { Tensor } from "../graph/tensor.ts";
import { parameter } from "../graph/tensor.ts";
import { mapTree, mapTrees } from "../graph/tree.ts";
import { add, div, exp, mul, sqrt, square, sub } from "../ops/elementwise.ts";
import type { OptimizerOptions, Updated } from "./groups.ts";
import { ratio } from "./groups.ts";
import { zerosLike } from "./sgd.ts";

export type AdamState<P> = {
  readonly first: P;
  readonly second: P;
  /** Steps done, a float32 scalar. */
  readonly count: Tensor;
};

export interface AdamOptions extends OptimizerOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** Weight decay: AdamW shrinks weights by rate · decay, Adam adds decay · p to the gradient. */
  readonly decay?: number;
}

export function initAdam<P>(params: P): AdamState<P> {
  return {
    first: zerosLike(params),
    second: zerosLike(params),
    count: parameter(new Float32Array(1), []),
  };
}

/** AdamW with decoupled decay 0.01 unless given. A parameter whose rule has rate 0 keeps its value and its moments. */
export function adamW<P>(
  params: P,
  gradients: P,
  state: AdamState<P>,
  options: AdamOptions,
): Updated<P, AdamState<P>> {
  const { rate, rules, factors, decay = 0.01 } = options;
  const shrunk = mapTree(params, (p, path) => {
    const factor = decay * (rules?.(path).decay ?? 1) * (rules?.(path).rate ?? 1);
    if (factor === 0) return p;
    const shrink = mul(p, ratio(rate, factor));
    return sub(p, factors === undefined ? shrink : mul(shrink, mul(factors.decay, factors.rate)));
  });
  return moved(shrunk, gradients, state, options);
}

/** Adam with L2 decay 0 unless given. */
export function adam<P>(
  params: P,
  gradients: P,
  state: AdamState<P>,
  options: AdamOptions,
): Updated<P, AdamState<P>> {
  const { rules, decay = 0 } = options;
  const decayed = mapTrees(gradients, [params], ([g, p], path) =>
    add(g, mul(p, decay * (rules?.(path).decay ?? 1))),
  );
  return moved(params, decayed, state, options);
}

/** p' = p - η/(1-β1ⁿ) · m' / (sqrt(v')/sqrt(1-β2ⁿ) + ε), with both corrections moved to scalars. */
function moved<P>(
  params: P,
  gradients: P,
  state: AdamState<P>,
  { rate, rules, factors, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions,
): Updated<P, AdamState<P>> {
  const isActive = (path: string): boolean => (rules?.(path).rate ?? 1) !== 0;
  const count = add(state.count, 1);
  const root = sqrt(sub(1, power(beta2, count)));
  const scale = div(root, sub(1, power(beta1, count)));
  const guard = mul(root, epsilon);
  const first = mapTrees(state.first, [gradients], ([m, g], path) =>
    isActive(path) ? add(mul(m, beta1), mul(g, 1 - beta1)) : m,
  );
  const second = mapTrees(state.second, [gradients], ([v, g], path) =>
    isActive(path) ? add(mul(v, beta2), mul(square(g), 1 - beta2)) : v,
  );
  const next = mapTrees(params, [first, second], ([p, m, v], path) => {
    if (!isActive(path)) return p;
    const step = mul(scale, ratio(rate, rules?.(path).rate ?? 1));
    const move = mul(div(m, add(sqrt(v), guard)), step);
    return sub(p, factors === undefined ? move : mul(move, factors.rate));
  });
  return { params: next, state: { first, second, count } };
}

function power(base: number, exponent: Tensor): Tensor {
  return exp(mul(exponent, Math.log(base)));
}
