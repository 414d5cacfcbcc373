// Composite ops: built of primitives, differentiated by a hand-written rule.

import type { Rule, Tensor } from "../graph/tensor.ts";
import { applyNode } from "../graph/tensor.ts";

export interface Composite {
  /** Names the op in profiles and errors. */
  readonly op: string;
  readonly inputs: readonly Tensor[];
  /** Computed from `inputs` by primitives. */
  readonly outputs: readonly Tensor[];
  /** Values of the forward pass that the gradient wants. */
  readonly saved?: readonly Tensor[];
  /** Gradients of the inputs; it reads only what it is handed, so that blocks can be recomputed. */
  readonly gradient: (context: CompositeContext) => readonly (Tensor | undefined)[];
}

export interface CompositeContext {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly saved: readonly Tensor[];
  /** One an output; undefined where nothing depends on it. */
  readonly gradients: readonly (Tensor | undefined)[];
}

/** The outputs again, with `gradient` in the place of the primitives' own gradients. */
export function withGradient(composite: Composite): readonly Tensor[] {
  const { op, inputs, outputs, saved = [], gradient } = composite;
  const count = outputs.length;
  const rule: Rule = {
    gradient: (node, gradients) => {
      const own = {
        inputs: node.inputs.slice(count + saved.length),
        outputs: node.outputs,
        saved: node.inputs.slice(count, count + saved.length),
        gradients,
      };
      const skipped = new Array<undefined>(count + saved.length).fill(undefined);
      return [...skipped, ...gradient(own)];
    },
    lower: (_, values) => values.slice(0, count),
  };
  return applyNode({ op, inputs: [...outputs, ...saved, ...inputs], outputs, rule });
}
