// Clipping by the norm of all gradients together (Pascanu et al. 2013).

import type { Tensor } from "../graph/tensor.ts";
import { leavesOf, mapTree } from "../graph/tree.ts";
import { reduceSum } from "../ops/broadcast.ts";
import { add, div, minimum, mul, sqrt, square } from "../ops/elementwise.ts";
import { reshape } from "../ops/shape-ops.ts";

/** The Euclidean norm over every leaf, a scalar. */
export function globalNorm(gradients: unknown): Tensor {
  const sums = leavesOf(gradients).map(({ tensor }) => reshape(reduceSum(square(tensor)), []));
  return sqrt(sums.reduce((total, sum) => add(total, sum)));
}

/** Scales all leaves by min(1, limit / (norm + 1e-6)), PyTorch's `clip_grad_norm_`. */
export function clipByGlobalNorm<P>(
  gradients: P,
  limit: number,
): { readonly gradients: P; readonly norm: Tensor } {
  const norm = globalNorm(gradients);
  const factor = minimum(div(limit, add(norm, 1e-6)), 1);
  return { gradients: mapTree(gradients, (g) => mul(g, factor)), norm };
}
