// Checkpointing (Chen et al. 2016): a block keeps its inputs only and is computed again in the backward pass.

import type { Node, Tensor } from "../graph/tensor.ts";
import { applyNode, topologicalOrder } from "../graph/tensor.ts";
import { at } from "../ops/slices.ts";
import { add, mul } from "../ops/elementwise.ts";
import { reshape } from "../ops/shape-ops.ts";
import { withGradient } from "./composite.ts";
import { pullback } from "./grad.ts";

/**
 * `block(inputs)`, whose intermediate values need not live until the backward pass: there the block is built a second time.
 * Every tensor that the block reads and that wants a gradient (weights too) must be in `inputs`.
 */
export function checkpoint(
  block: (inputs: readonly Tensor[]) => readonly Tensor[],
  inputs: readonly Tensor[],
): readonly Tensor[] {
  const outputs = block(inputs);
  return withGradient({
    op: "checkpoint",
    inputs,
    outputs,
    gradient: ({ inputs: given, gradients }) => {
      const first = gradients.find((g) => g !== undefined);
      if (first === undefined) return [];
      const late = given.map((tensor) => after(tensor, first));
      const again = rebuild(outputs, new Map(inputs.map((tensor, i) => [tensor, late[i]])));
      return pullback(again, gradients, late);
    },
  });
}

/**
 * `x`, but not before `trigger` is known: without the dependency the second computation would be merged with the first.
 * The token is trigger's first element times 0, so a trigger that is not finite makes the gradient NaN, as it is anyway.
 */
function after(x: Tensor, trigger: Tensor): Tensor {
  if (x.dtype !== trigger.dtype) return x;
  let element = trigger;
  while (element.rank > 0) element = at(element, 0, 0);
  return add(x, reshape(mul(element, 0), []));
}

/** Applies all nodes between `replaced` and `outputs` again. */
function rebuild(outputs: readonly Tensor[], replaced: Map<Tensor, Tensor>): readonly Tensor[] {
  const get = (tensor: Tensor): Tensor => replaced.get(tensor) ?? tensor;
  for (const node of topologicalOrder(outputs)) {
    if (!node.inputs.some((tensor) => get(tensor) !== tensor)) continue;
    if (node.outputs.every((tensor) => replaced.has(tensor))) continue;
    const copies = applyAgain(node, node.inputs.map(get));
    node.outputs.forEach((tensor, i) => {
      if (!replaced.has(tensor)) replaced.set(tensor, copies[i]);
    });
  }
  return outputs.map(get);
}

function applyAgain(node: Node, inputs: readonly Tensor[]): readonly Tensor[] {
  const { op, outputs, rule, attributes } = node;
  return applyNode({ op, inputs, outputs, rule, attributes });
}
