// PageRank (Page, Brin, Motwani and Winograd 1999) by power iteration, as networkx.pagerank.

import { PipelineError } from "../../errors.ts";
import type { Graph } from "./graph.ts";

/** Options of `pageRank`. */
export interface PageRankOptions {
  /** Share of a node's rank that follows its edges; default 0.85. */
  readonly damping?: number;
  /** Iteration ends when ranks change by less than this in sum; default 1e-14. */
  readonly tolerance?: number;
  readonly maxIterations?: number;
}

/**
 * Rank of each node, summing to 1; rank flows along edges in proportion to their weights, and evenly to all from a node
 * without edges. Weights must not be negative. Throws PipelineError when it does not converge.
 */
export function pageRank(
  graph: Graph,
  { damping = 0.85, tolerance = 1e-14, maxIterations = 1000 }: PageRankOptions = {},
): Float64Array {
  const { nodeCount } = graph;
  const outflow = totalWeights(graph);
  let ranks = new Float64Array(nodeCount).fill(1 / nodeCount);
  let next = new Float64Array(nodeCount);
  for (let iteration = 0; iteration < maxIterations; iteration += 1) {
    step(graph, outflow, damping, ranks, next);
    let change = 0;
    for (let i = 0; i < nodeCount; i += 1) change += Math.abs(next[i] - ranks[i]);
    [ranks, next] = [next, ranks];
    if (change <= tolerance) return ranks;
  }
  throw new PipelineError(
    `pageRank: expected a change below ${tolerance} within ${maxIterations} iterations, found more; raise maxIterations`,
  );
}

function totalWeights({ nodeCount, offsets, weights }: Graph): Float64Array {
  const totals = new Float64Array(nodeCount);
  for (let i = 0; i < nodeCount; i += 1) {
    for (let e = offsets[i]; e < offsets[i + 1]; e += 1) totals[i] += weights[e];
  }
  return totals;
}

function step(
  { nodeCount, offsets, neighbours, weights }: Graph,
  outflow: Float64Array,
  damping: number,
  ranks: Float64Array,
  next: Float64Array,
): void {
  let stuck = 0;
  for (let i = 0; i < nodeCount; i += 1) if (outflow[i] === 0) stuck += ranks[i];
  next.fill((damping * stuck + 1 - damping) / nodeCount);
  for (let i = 0; i < nodeCount; i += 1) {
    for (let e = offsets[i]; e < offsets[i + 1]; e += 1) {
      if (outflow[i] > 0) next[neighbours[e]] += (damping * ranks[i] * weights[e]) / outflow[i];
    }
  }
}
