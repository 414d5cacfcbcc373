// Forecast heads: a small network a horizon whose quantiles ascend by construction, optionally a mixture of experts.

import type { Rng } from "../../rng.ts";
import type { DropoutOptions, Tensor } from "../../tensor/index.ts";
import {
  add,
  at,
  concat,
  cumulativeSum,
  dropout,
  elu,
  expandDims,
  mul,
  slice,
  softmax,
  softplus,
  stack,
} from "../../tensor/index.ts";
import type { Linear } from "../../tensor/nn/index.ts";
import { initLinear, linear } from "../../tensor/nn/index.ts";
import { parameter } from "../../tensor/index.ts";
import { normalQuantile } from "../../stats/index.ts";
import type { AtftConfig } from "./config.ts";

type Expert = { readonly inner: Linear; readonly out: Linear };

type Head = {
  readonly experts: readonly Expert[];
  /** (H, experts), where there are several. */
  readonly gate?: Linear;
};

export type Heads = { readonly horizons: readonly Head[] };

/**
 * Starts at the quantiles of the standard normal distribution: labels are standardised within the day. Beside a linear forecast
 * the heads start silent.
 */
export function initHeads(
  rng: Rng,
  { hidden, horizons, quantiles, experts, linear: isLinear }: AtftConfig,
): Heads {
  const heads = horizons.map((horizon): Head => {
    const own = rng.split(horizon);
    const list = Array.from({ length: experts }, () => {
      const out = initLinear(own, { inputs: hidden, outputs: quantiles.length });
      const weight = parameter(scaled(out.weight, isLinear ? 0 : 0.1), out.weight.shape);
      return {
        inner: initLinear(own, { inputs: hidden, outputs: hidden }),
        out: { weight, bias: parameter(startingBias(quantiles), [quantiles.length]) },
      };
    });
    const gate = initLinear(own, { inputs: hidden, outputs: experts });
    return experts === 1 ? { experts: list } : { experts: list, gate };
  });
  return { horizons: heads };
}

/** (N, H) to (N, K, Q) quantiles, ascending along Q. */
export function forecast({ horizons }: Heads, state: Tensor, drop?: DropoutOptions): Tensor {
  return stack(
    horizons.map((head) => monotone(mixture(head, state, drop))),
    1,
  );
}

function mixture({ experts, gate }: Head, state: Tensor, drop: DropoutOptions | undefined): Tensor {
  const outputs = experts.map(({ inner, out }) => {
    const hidden = elu(linear(inner, state));
    return linear(out, drop === undefined ? hidden : dropout(hidden, drop)); // (N, Q)
  });
  if (gate === undefined) return outputs[0];
  const weights = softmax(linear(gate, state)); // (N, experts)
  const terms = outputs.map((output, i) => mul(output, expandDims(at(weights, 1, i), 1)));
  return terms.reduce(add);
}

/** The first value, then the running sum of softplus steps. */
function monotone(raw: Tensor): Tensor {
  const count = raw.shape[1];
  if (count === 1) return raw;
  const base = slice(raw, 1, 0, 1);
  const steps = cumulativeSum(softplus(slice(raw, 1, 1)), 1);
  return concat([base, add(steps, base)], 1);
}

function startingBias(quantiles: readonly number[]): Float32Array {
  const levels = quantiles.map((level) => normalQuantile(level));
  return Float32Array.from(levels, (level, i) =>
    i === 0 ? level : Math.log(Math.expm1(level - levels[i - 1])),
  );
}

function scaled({ node, size }: Tensor, factor: number): Float32Array {
  const { data } = node;
  return data instanceof Float32Array
    ? data.map((value) => value * factor)
    : new Float32Array(size);
}
