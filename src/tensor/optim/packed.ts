// All parameters as one vector: an optimiser's step is then some twenty nodes, however many layers there are.

import { ShapeError } from "../../errors.ts";
import type { Tensor } from "../graph/tensor.ts";
import { constant, parameter } from "../graph/tensor.ts";
import { leavesOf, mapTree } from "../graph/tree.ts";
import { reshape } from "../ops/shape-ops.ts";
import { split } from "../ops/slices.ts";

/** Where each leaf of a tree lies in the packed vector. */
export interface PackedLeaf {
  readonly path: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly size: number;
}

/** Leaves in the order of the tree, one after another. */
export function packedLayout(tree: unknown): readonly PackedLeaf[] {
  let offset = 0;
  return leavesOf(tree).map(({ path, tensor: { shape, size } }) => {
    const leaf = { path, shape, offset, size };
    offset += size;
    return leaf;
  });
}

/** The first values of all float32 parameters of a tree as one parameter (P). */
export function pack(tree: unknown): Tensor {
  const leaves = leavesOf(tree);
  const total = leaves.reduce((sum, { tensor }) => sum + tensor.size, 0);
  const data = new Float32Array(total);
  let offset = 0;
  for (const { path, tensor } of leaves) {
    const own = tensor.node.data;
    if (!(own instanceof Float32Array)) {
      throw new ShapeError(`pack: ${path} is ${tensor.toString()}, expected a float32 parameter`);
    }
    data.set(own, offset);
    offset += tensor.size;
  }
  return parameter(data, [total]);
}

/** The tree again, each leaf a part of `packed` (P): one split, whose gradient is one concat. */
export function unpack<T>(packed: Tensor, tree: T): T {
  const layout = packedLayout(tree);
  const sizes = layout.map(({ size }) => size);
  const parts = split(packed, sizes, 0);
  const byPath = new Map(layout.map(({ path, shape }, i) => [path, reshape(parts[i], shape)]));
  return mapTree(tree, (leaf, path) => byPath.get(path) ?? leaf);
}

/** A factor an element (P) from one a path; a number where all are equal. */
export function packedFactors(
  layout: readonly PackedLeaf[],
  factorOf: (path: string) => number,
): Tensor | number {
  const factors = layout.map(({ path }) => factorOf(path));
  if (factors.every((factor) => factor === factors[0])) return factors[0] ?? 1;
  const last = layout[layout.length - 1];
  const data = new Float32Array(last.offset + last.size);
  layout.forEach(({ offset, size }, i) => data.fill(factors[i], offset, offset + size));
  return constant(data, [data.length]);
}
