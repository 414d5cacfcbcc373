// What peers say: two GATv2 layers over the correlated neighbours of the day, fused through a learned gate.

import type { Rng } from "../../rng.ts";
import type { DropoutOptions, Tensor } from "../../tensor/index.ts";
import {
  add,
  concat,
  elu,
  gather,
  matmul,
  mul,
  reduceMax,
  reduceMean,
  reshape,
  sigmoid,
} from "../../tensor/index.ts";
import type { GraphAttention, Linear, Neighbourhood, Norm } from "../../tensor/nn/index.ts";
import {
  filled,
  glorotUniform,
  graphAttention,
  initGraphAttention,
  initLinear,
  initNorm,
  linear,
  norm,
} from "../../tensor/nn/index.ts";
import type { AtftConfig } from "./config.ts";

export type Peers = {
  readonly concatenated: GraphAttention;
  readonly averaged: GraphAttention;
  readonly norm: Norm;
  readonly gate: Linear;
  /** (H, H) what the peers' linear parts say. */
  readonly direct: Tensor;
};

/** Correlation, same sector, same section. */
export const edgeAttributeCount = 3;

/** The gate starts below one half, and its logits are damped. */
const gateBias = -0.5;
const gateTemperature = 1.25;

export function initPeers(rng: Rng, { hidden, graph: { heads } }: AtftConfig): Peers {
  const layer = { heads, inputs: hidden, edgeAttributes: edgeAttributeCount };
  const gate = initLinear(rng.split("gate"), { inputs: 2 * hidden, outputs: hidden });
  return {
    concatenated: initGraphAttention(rng.split("first"), { ...layer, depth: hidden / heads }),
    averaged: initGraphAttention(rng.split("second"), {
      ...layer,
      depth: hidden,
      isAveraged: true,
    }),
    norm: initNorm(hidden),
    gate: { weight: gate.weight, bias: filled([hidden], gateBias) },
    direct: glorotUniform(rng.split("direct"), [hidden, hidden]),
  };
}

export interface PeerOutput {
  /** (N, H) */
  readonly state: Tensor;
  /** (N, k, A) attention of the second layer. */
  readonly weights: Tensor;
}

/** (N, H) states, and the part of them that is linear in the inputs. */
export interface PeerInput {
  readonly state: Tensor;
  readonly linearPart: Tensor;
}

/**
 * z + g · GAT(z) + D Σ α l with g = sigmoid(W[z, GAT(z)] / 1.25); a stock without neighbours keeps z. What the first layer says
 * goes around the second, which reaches the neighbours' neighbours, the stock itself among them. The sum is over the neighbours'
 * linear parts l, weighed by the first layer's attention α, mean over its heads.
 */
export function peers(
  params: Peers,
  { state, linearPart }: PeerInput,
  hood: Neighbourhood,
  drop?: DropoutOptions,
): PeerOutput {
  const options = drop === undefined ? {} : { drop };
  const attended = graphAttention(params.concatenated, state, hood, options);
  const first = elu(attended.outputs);
  const second = graphAttention(params.averaged, first, hood, options);
  const said = norm(params.norm, add(first, second.outputs)); // (N, H)
  const logits = linear(params.gate, concat([state, said], -1));
  const gate = sigmoid(mul(logits, 1 / gateTemperature));
  const hasPeers = reduceMax(hood.present, { axes: 1, keepDims: true }); // (N, 1)
  const shares = reduceMean(attended.weights, { axes: 2, keepDims: true }); // (N, k, 1), 0 where there is no peer
  const heard = matmul(shares, gather(linearPart, hood.neighbours), { transposeA: true }); // (N, 1, H)
  const fused = add(state, mul(mul(gate, said), hasPeers));
  return {
    state: add(fused, matmul(reshape(heard, state.shape), params.direct)),
    weights: second.weights,
  };
}
