// Reverse-mode differentiation: walks the graph from a scalar back to the tensors asked for.

import { ShapeError } from "../../errors.ts";
import type { Node, Tensor } from "../graph/tensor.ts";
import { topologicalOrder } from "../graph/tensor.ts";
import { leavesOf, mapTree } from "../graph/tree.ts";
import { full } from "../ops/broadcast.ts";
import { accumulate } from "./accumulate.ts";

/**
 * Gradients of a scalar `loss` by every leaf of `wrt` (parameters or any tensors of the graph), in a tree of the same form.
 * A leaf that the loss does not depend on gets zeros. Throws ShapeError where the loss is not a scalar.
 */
export function grad<T>(loss: Tensor, wrt: T): T {
  if (loss.size !== 1) {
    throw new ShapeError(
      `grad: the loss must be a scalar, found ${loss.toString()}; use reduceMean`,
    );
  }
  const targets = leavesOf(wrt).map(({ tensor }) => tensor);
  const seed = full(loss.shape, 1, loss.dtype);
  const gradients = pullback([loss], [seed], targets);
  const byTensor = new Map(targets.map((target, i) => [target, gradients[i]]));
  return mapTree(wrt, (leaf) => byTensor.get(leaf) ?? full(leaf.shape, 0, leaf.dtype));
}

/** Gradients of Σ outputs·cotangents by `targets`: the vector-Jacobian product. Undefined where nothing flows. */
export function pullback(
  outputs: readonly Tensor[],
  cotangents: readonly (Tensor | undefined)[],
  targets: readonly Tensor[],
): readonly (Tensor | undefined)[] {
  const order = topologicalOrder(outputs);
  const needed = dependents(order, targets);
  const parts = new Map<Tensor, Tensor[]>();
  const give = (tensor: Tensor, gradient: Tensor | undefined): void => {
    if (gradient === undefined || !needed.has(tensor)) return;
    const list = parts.get(tensor);
    if (list === undefined) parts.set(tensor, [gradient]);
    else list.push(gradient);
  };
  outputs.forEach((output, i) => {
    give(output, cotangents[i]);
  });
  const sums = new Map<Tensor, Tensor>();
  for (const node of order.toReversed()) {
    for (const output of node.outputs) {
      const list = parts.get(output);
      if (list !== undefined) sums.set(output, accumulate(list));
    }
    backward(node, sums, give);
  }
  return targets.map((target) => sums.get(target));
}

function backward(
  node: Node,
  sums: ReadonlyMap<Tensor, Tensor>,
  give: (tensor: Tensor, gradient: Tensor | undefined) => void,
): void {
  const { gradient } = node.rule;
  if (gradient === undefined || !node.outputs.some((output) => sums.has(output))) return;
  const gradients = gradient(
    node,
    node.outputs.map((output) => sums.get(output)),
  );
  node.inputs.forEach((tensor, i) => {
    give(tensor, gradients[i]);
  });
}

/** The tensors through which a gradient can reach a target. */
function dependents(order: readonly Node[], targets: readonly Tensor[]): ReadonlySet<Tensor> {
  const needed = new Set<Tensor>(targets);
  for (const node of order) {
    if (node.rule.gradient !== undefined && node.inputs.some((tensor) => needed.has(tensor))) {
      for (const output of node.outputs) needed.add(output);
    }
  }
  return needed;
}
