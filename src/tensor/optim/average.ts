// Averages of weights over steps: exponential (EMA) and plain (SWA, Izmailov et al. 2018).

import type { Tensor } from "../graph/tensor.ts";
import { parameter } from "../graph/tensor.ts";
import { mapTree, mapTrees } from "../graph/tree.ts";
import { add, div, minimum, mul, sub } from "../ops/elementwise.ts";

export type EmaState<P> = { readonly average: P; readonly count: Tensor };

/** Starts at the parameters themselves. */
export function initEma<P>(params: P): EmaState<P> {
  return { average: copyOf(params), count: parameter(new Float32Array(1), []) };
}

/** a' = d a + (1 - d) p with d = min(decay, (1 + n) / (10 + n)) after n updates, so that early averages follow. */
export function ema<P>(state: EmaState<P>, params: P, decay = 0.999): EmaState<P> {
  const keep = minimum(div(add(state.count, 1), add(state.count, 10)), decay);
  const average = mapTrees(state.average, [params], ([a, p]) => add(p, mul(sub(a, p), keep)));
  return { average, count: add(state.count, 1) };
}

export type SwaState<P> = { readonly mean: P; readonly count: Tensor };

export function initSwa<P>(params: P): SwaState<P> {
  return { mean: copyOf(params), count: parameter(new Float32Array(1), []) };
}

/** The mean of the weights added so far: m' = m + (p - m) / (n + 1). */
export function swa<P>(state: SwaState<P>, params: P): SwaState<P> {
  const count = add(state.count, 1);
  const mean = mapTrees(state.mean, [params], ([m, p]) => add(m, div(sub(p, m), count)));
  return { mean, count };
}

function copyOf<P>(params: P): P {
  return mapTree(params, (leaf) => {
    const { data } = leaf.node;
    return parameter(data?.slice() ?? new Float32Array(leaf.size), leaf.shape);
  });
}
