// One step of an LSTM and of a GRU, from gate pre-activations, with hand-written gradients.

import { withGradient } from "../grad/composite.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add, mul, sigmoid, sub, tanh } from "./elementwise.ts";

/** Pre-activations (B, D) of the four gates; separate tensors, so that each product ends in its activation. */
export interface LstmGates {
  readonly input: Tensor;
  readonly forget: Tensor;
  readonly cell: Tensor;
  readonly output: Tensor;
}

export interface LstmState {
  readonly hidden: Tensor;
  readonly cell: Tensor;
}

/**
 * One LSTM step (Hochreiter and Schmidhuber 1997, PyTorch's gates): c' = σ(f) c + σ(i) tanh(g), h = σ(o) tanh(c').
 * The gradients use the products of the forward pass: with u = σ(i) tanh(g), di = dc' (u - u σ(i)), and so on.
 */
export function lstmCell(gates: LstmGates, cell: Tensor): LstmState {
  const i = sigmoid(gates.input);
  const f = sigmoid(gates.forget);
  const g = tanh(gates.cell);
  const o = sigmoid(gates.output);
  const kept = mul(f, cell);
  const update = mul(i, g);
  const next = add(kept, update);
  const squashed = tanh(next);
  const hidden = mul(o, squashed);
  const outputs = withGradient({
    op: "lstmCell",
    inputs: [gates.input, gates.forget, gates.cell, gates.output, cell],
    outputs: [hidden, next],
    saved: [i, f, g, o, kept, update, squashed],
    gradient: lstmGradient,
  });
  return { hidden: outputs[0], cell: outputs[1] };
}

const lstmGradient: Parameters<typeof withGradient>[0]["gradient"] = ({
  outputs: [hidden],
  saved: [i, f, g, o, kept, update, squashed],
  gradients: [dHidden, dNext],
}) => {
  const throughHidden = dHidden && mul(dHidden, sub(o, mul(hidden, squashed)));
  const dCell = throughHidden && dNext ? add(dNext, throughHidden) : (throughHidden ?? dNext);
  if (dCell === undefined) return [];
  return [
    mul(dCell, sub(update, mul(update, i))),
    mul(dCell, sub(kept, mul(kept, f))),
    mul(dCell, sub(i, mul(update, g))),
    dHidden && mul(dHidden, sub(hidden, mul(hidden, o))),
    mul(dCell, f),
  ];
};

/** Pre-activations (B, D): `reset` and `update` complete, the candidate split into its input and hidden parts. */
export interface GruGates {
  readonly reset: Tensor;
  readonly update: Tensor;
  readonly candidateInput: Tensor;
  readonly candidateHidden: Tensor;
}

/** One GRU step (Cho et al. 2014, PyTorch's form): n = tanh(a + σ(r) b), h' = n + σ(z)(h - n). */
export function gruCell(gates: GruGates, hidden: Tensor): Tensor {
  const r = sigmoid(gates.reset);
  const z = sigmoid(gates.update);
  const resetHidden = mul(r, gates.candidateHidden);
  const n = tanh(add(gates.candidateInput, resetHidden));
  const difference = sub(hidden, n);
  const kept = mul(z, difference);
  return withGradient({
    op: "gruCell",
    inputs: [gates.reset, gates.update, gates.candidateInput, gates.candidateHidden, hidden],
    outputs: [add(n, kept)],
    saved: [r, z, n, resetHidden, kept],
    gradient: ({ saved: [r0, z0, n0, resetHidden0, kept0], gradients: [g] }) => {
      if (g === undefined) return [];
      const dHidden = mul(g, z0);
      const dn = sub(g, dHidden);
      const dCandidate = sub(dn, mul(dn, mul(n0, n0)));
      return [
        mul(dCandidate, sub(resetHidden0, mul(resetHidden0, r0))),
        mul(g, sub(kept0, mul(kept0, z0))),
        dCandidate,
        mul(dCandidate, r0),
        dHidden,
      ];
    },
  })[0];
}
