// What a configuration amounts to: parameters of each block, sizes, and floating point operations a sample.

import { createRng } from "../../rng.ts";
import { input, leavesOf, type Tensor } from "../../tensor/index.ts";
import { topologicalOrder } from "../../tensor/graph/tensor.ts";
import type { AtftSpec } from "./config.ts";
import { familiesOf, lookbackOf } from "./config.ts";
import { forwardAtft, initAtft } from "./network.ts";
import { edgeAttributeCount } from "./peers.ts";

export interface BlockSummary {
  readonly block: string;
  readonly parameters: number;
  readonly tensors: number;
}

export interface AtftSummary {
  readonly blocks: readonly BlockSummary[];
  readonly parameters: number;
  readonly features: number;
  readonly families: number;
  /** Sessions that one forecast reads. */
  readonly sessions: number;
  /** Name and shape of what goes in and comes out, for S stocks of one session. */
  readonly shapes: readonly { readonly name: string; readonly shape: string }[];
  /** Multiplications and additions of the matrix products of one forward pass, a sample, forecasting one session at a time. */
  readonly flops: number;
  /** The same when `days` sessions are forecast together and share what their windows have in common. */
  readonly sharedFlops: number;
}

/** Counts from the network itself: nothing is estimated but that elementwise operations are left out. */
export function summarizeAtft(spec: AtftSpec, days = 8): AtftSummary {
  const params = initAtft(createRng(0), spec);
  const blocks = Object.entries(params).map(([block, tree]) => {
    const leaves = leavesOf(tree);
    return {
      block,
      parameters: leaves.reduce((sum, { tensor }) => sum + tensor.size, 0),
      tensors: leaves.length,
    };
  });
  const { config, features, statics } = spec;
  const { neighbours } = config.graph;
  const sessions = config.time + lookbackOf(config);
  return {
    blocks,
    parameters: blocks.reduce((sum, { parameters }) => sum + parameters, 0),
    features: features.length,
    families: familiesOf(features).length,
    sessions,
    shapes: [
      { name: "x", shape: `(${sessions}, S, ${features.length})` },
      { name: "statics", shape: `(S, ${Math.max(1, statics.length)})` },
      { name: "neighbours", shape: `(S, ${neighbours})` },
      { name: "edges", shape: `(S, ${neighbours}, ${edgeAttributeCount})` },
      { name: "states", shape: `(${config.time}, S, ${config.hidden})` },
      { name: "quantiles", shape: `(S, ${config.horizons.length}, ${config.quantiles.length})` },
    ],
    flops: flopsASample(params, spec, 1),
    sharedFlops: flopsASample(params, spec, days),
  };
}

function flopsASample(params: ReturnType<typeof initAtft>, spec: AtftSpec, days: number): number {
  const stocks = 8;
  const nodes = days * stocks;
  const { config, features, statics } = spec;
  const length = days - 1 + config.time + lookbackOf(config);
  const lists = [nodes, config.graph.neighbours];
  const { quantiles } = forwardAtft(
    params,
    spec,
    {
      x: input("x", [length, stocks, features.length]),
      statics: input("statics", [stocks, Math.max(1, statics.length)], "int32"),
      hood: {
        neighbours: input("neighbours", lists, "int32"),
        present: input("present", lists),
        edgeAttributes: input("edges", [...lists, edgeAttributeCount]),
      },
    },
    { count: days },
  );
  return productFlops(quantiles) / nodes;
}

function productFlops(root: Tensor): number {
  let total = 0;
  for (const { op, inputs, outputs, attributes } of topologicalOrder([root])) {
    if (op !== "matmul") continue;
    const { shape } = inputs[0];
    const inner = shape[shape.length - (attributes["transposeA"] === true ? 2 : 1)];
    total += 2 * outputs[0].size * inner;
  }
  return total;
}
