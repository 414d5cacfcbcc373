// Trees of tensors: nested objects and arrays whose leaves are tensors, walked in key order with a dotted path a leaf.

import { ShapeError } from "../../errors.ts";
import { Tensor } from "./tensor.ts";

export interface Leaf {
  readonly path: string;
  readonly tensor: Tensor;
}

/** All leaves with their paths, such as `encoder.lstm.weight`; the order of keys is that of insertion. */
export function leavesOf(tree: unknown, path = ""): Leaf[] {
  if (tree instanceof Tensor) return [{ path, tensor: tree }];
  return childrenOf(tree, path).flatMap(([key, child]) => leavesOf(child, join(path, key)));
}

/** A tree of the same form with every leaf replaced. */
export function mapTree<T>(tree: T, change: (leaf: Tensor, path: string) => Tensor, path = ""): T {
  // The result has T's form because every leaf is replaced by a leaf: beyond what the type system can follow.
  return mapUnknown(tree, change, path) as T;
}

/**
 * A tree of `first`'s form from the leaves of all trees at the same path: `(params, gradients, moments) => next`.
 * Throws ShapeError where a tree lacks a leaf of `first`.
 */
export function mapTrees<T>(
  first: T,
  others: readonly unknown[],
  change: (leaves: readonly Tensor[], path: string) => Tensor,
): T {
  const byPath = others.map((tree) => new Map(leavesOf(tree).map((leaf) => [leaf.path, leaf])));
  return mapTree(first, (leaf, path) => {
    const rest = byPath.map((leaves, i) => {
      const found = leaves.get(path);
      if (found === undefined) throw new ShapeError(`tree: tree ${i + 2} has no leaf ${path}`);
      return found.tensor;
    });
    return change([leaf, ...rest], path);
  });
}

function mapUnknown(
  tree: unknown,
  change: (leaf: Tensor, path: string) => Tensor,
  path: string,
): unknown {
  if (tree instanceof Tensor) return change(tree, path);
  const children = childrenOf(tree, path).map(
    ([key, child]) => [key, mapUnknown(child, change, join(path, key))] as const,
  );
  return Array.isArray(tree) ? children.map(([, child]) => child) : Object.fromEntries(children);
}

function childrenOf(tree: unknown, path: string): [string, unknown][] {
  if (typeof tree === "object" && tree !== null) return Object.entries(tree);
  throw new ShapeError(
    `tree: expected tensors in objects and arrays, found ${typeof tree} at "${path}"`,
  );
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
