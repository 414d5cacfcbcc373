// A long short-term memory layer, unrolled; the inputs' part of all gates is one product a gate over all steps.

import type { Rng } from "../../rng.ts";
import type { Tensor } from "../graph/tensor.ts";
import { full } from "../ops/broadcast.ts";
import type { LstmGates, LstmState } from "../ops/cells.ts";
import { lstmCell } from "../ops/cells.ts";
import { add } from "../ops/elementwise.ts";
import { matmul } from "../ops/matmul.ts";
import { stack, unstack } from "../ops/slices.ts";
import { filled, glorotUniform, orthogonal } from "./initializers.ts";
import type { Linear } from "./linear.ts";
import { initLinear, linear } from "./linear.ts";

type Gate = { readonly inputs: Linear; /** (H, H) */ readonly hidden: Tensor };

export type Lstm = {
  readonly input: Gate;
  readonly forget: Gate;
  readonly cell: Gate;
  readonly output: Gate;
};

const gateNames = ["input", "forget", "cell", "output"] as const;

export interface RecurrentConfig {
  readonly inputs: number;
  readonly hidden: number;
}

/** Glorot inputs, orthogonal recurrence, forget bias 1 (Gers et al. 2000). */
export function initLstm(rng: Rng, { inputs, hidden }: RecurrentConfig): Lstm {
  const gate = (bias: number): Gate => {
    const { weight } = initLinear(rng, { inputs, outputs: hidden });
    return {
      inputs: { weight, bias: filled([hidden], bias) },
      hidden: hidden <= 512 ? orthogonal(rng, hidden) : glorotUniform(rng, [hidden, hidden]),
    };
  };
  return { input: gate(0), forget: gate(1), cell: gate(0), output: gate(0) };
}

export interface LstmOutput {
  /** (T, B, H) */
  readonly outputs: Tensor;
  readonly state: LstmState;
}

/** The inputs' part of the gates, (…, inputs) to (…, H) each: where windows overlap it need not be computed twice. */
export function lstmProjections(params: Lstm, x: Tensor): LstmGates {
  return {
    input: linear(params.input.inputs, x),
    forget: linear(params.forget.inputs, x),
    cell: linear(params.cell.inputs, x),
    output: linear(params.output.inputs, x),
  };
}

/** Runs over (T, B, H) projections from `initial`, zeros where absent. */
export function lstmOver(params: Lstm, projections: LstmGates, initial?: LstmState): LstmOutput {
  const [time, batch, width] = projections.input.shape;
  const steps = gateNames.map((gate) => unstack(projections[gate], 0));
  const zeros = full([batch, width], 0);
  let state = initial ?? { hidden: zeros, cell: zeros };
  const outputs: Tensor[] = [];
  for (let t = 0; t < time; t += 1) {
    const isFromZero = t === 0 && initial === undefined;
    const [input, forget, cell, output] = gateNames.map((gate, i) =>
      isFromZero ? steps[i][t] : add(matmul(state.hidden, params[gate].hidden), steps[i][t]),
    );
    state = lstmCell({ input, forget, cell, output }, state.cell);
    outputs.push(state.hidden);
  }
  return { outputs: stack(outputs, 0), state };
}

/** (T, B, inputs) to (T, B, H). PyTorch's equations; one bias a gate, the sum of PyTorch's two. */
export function lstm(params: Lstm, x: Tensor, initial?: LstmState): LstmOutput {
  return lstmOver(params, lstmProjections(params, x), initial);
}
