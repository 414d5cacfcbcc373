// What the network looked at: mean weights of features, past sessions and peers over a few forecast sessions.

import type { AtftSpec } from "../model/atft/index.ts";
import type { BlockForecast } from "./forecaster.ts";

export interface Explanation {
  /** Mean selection weight of each feature, largest first; they sum to 1. */
  readonly features: readonly { readonly feature: string; readonly weight: number }[];
  /** Mean attention to each session of the window, oldest first. */
  readonly sessions: readonly number[];
  /** Mean weight of the nearest, second, ... peer; empty without a graph. */
  readonly peers: readonly number[];
}

interface Sums {
  readonly features: Float64Array;
  readonly sessions: Float64Array;
  readonly peers: Float64Array;
}

export function newExplanation({ features, config }: AtftSpec): Sums {
  return {
    features: new Float64Array(features.length),
    sessions: new Float64Array(config.time),
    peers: new Float64Array(config.graph.neighbours),
  };
}

/** Adds one block's weights; padding is left out. */
export function addExplanation(
  sums: Sums,
  { features, config }: AtftSpec,
  { block, stocks, outputs }: BlockForecast,
): void {
  const { selection, attention, peerWeights } = outputs;
  const width = features.length;
  const known = block.stocks.length;
  addRows(sums.features, selection, (at) => {
    return Math.floor(at / width) % stocks < known ? at % width : -1;
  });
  const nodes = Number(attention?.length ?? 0) / config.time;
  addRows(sums.sessions, attention, (at) =>
    (at % nodes) % stocks < known ? Math.floor(at / nodes) : -1,
  );
  const { neighbours, heads } = config.graph;
  addRows(sums.peers, peerWeights, (at) =>
    Math.floor(at / (neighbours * heads)) % stocks < known
      ? Math.floor(at / heads) % neighbours
      : -1,
  );
}

function addRows(sums: Float64Array, values: unknown, placeOf: (at: number) => number): void {
  if (!(values instanceof Float32Array)) return;
  for (let at = 0; at < values.length; at += 1) {
    const place = placeOf(at);
    if (place >= 0) sums[place] += values[at];
  }
}

export function explanationOf(sums: Sums, { features }: AtftSpec): Explanation {
  const share = (values: Float64Array): number[] => {
    const total = values.reduce((sum, value) => sum + value, 0);
    return total === 0 ? [] : Array.from(values, (value) => value / total);
  };
  const shares = share(sums.features);
  const ranked = features
    .map(({ name }, i) => ({ feature: name, weight: shares[i] ?? 0 }))
    .sort((a, b) => b.weight - a.weight);
  return { features: ranked, sessions: share(sums.sessions), peers: share(sums.peers) };
}
