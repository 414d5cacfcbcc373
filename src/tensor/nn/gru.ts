// A gated recurrent unit layer, unrolled, in PyTorch's form.

import type { Rng } from "../../rng.ts";
import type { Tensor } from "../graph/tensor.ts";
import { full } from "../ops/broadcast.ts";
import { gruCell } from "../ops/cells.ts";
import { add } from "../ops/elementwise.ts";
import { matmul } from "../ops/matmul.ts";
import { stack, unstack } from "../ops/slices.ts";
import { glorotUniform, orthogonal } from "./initializers.ts";
import type { Linear } from "./linear.ts";
import { initLinear, linear } from "./linear.ts";
import type { RecurrentConfig } from "./lstm.ts";

export type Gru = {
  readonly reset: { readonly inputs: Linear; readonly hidden: Tensor };
  readonly update: { readonly inputs: Linear; readonly hidden: Tensor };
  /** The candidate's hidden part has a bias of its own: the reset gate multiplies it. */
  readonly candidate: { readonly inputs: Linear; readonly hidden: Linear };
};

/** Glorot inputs, orthogonal recurrence. */
export function initGru(rng: Rng, { inputs, hidden }: RecurrentConfig): Gru {
  const square = (): Tensor =>
    hidden <= 512 ? orthogonal(rng, hidden) : glorotUniform(rng, [hidden, hidden]);
  const gate = (): Gru["reset"] => ({
    inputs: initLinear(rng, { inputs, outputs: hidden }),
    hidden: square(),
  });
  const candidate = initLinear(rng, { inputs: hidden, outputs: hidden });
  return {
    reset: gate(),
    update: gate(),
    candidate: {
      inputs: initLinear(rng, { inputs, outputs: hidden }),
      hidden: { weight: square(), bias: candidate.bias },
    },
  };
}

/** (T, B, inputs) to (T, B, H), and the last state (B, H). */
export function gru(
  { reset, update, candidate }: Gru,
  x: Tensor,
  initial?: Tensor,
): { readonly outputs: Tensor; readonly state: Tensor } {
  const [time, batch] = x.shape;
  const width = reset.hidden.shape[0];
  const parts = [reset, update, candidate].map(({ inputs }) => unstack(linear(inputs, x), 0));
  let hidden = initial ?? full([batch, width], 0);
  const outputs: Tensor[] = [];
  for (let t = 0; t < time; t += 1) {
    const gates = {
      reset: add(matmul(hidden, reset.hidden), parts[0][t]),
      update: add(matmul(hidden, update.hidden), parts[1][t]),
      candidateInput: parts[2][t],
      candidateHidden: linear(candidate.hidden, hidden),
    };
    hidden = gruCell(gates, hidden);
    outputs.push(hidden);
  }
  return { outputs: stack(outputs, 0), state: hidden };
}
