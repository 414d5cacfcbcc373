// Rows by neighbour lists, differentiated through the reverse lists: each row sums its own uses, so no two threads add to one.

import { ShapeError } from "../../errors.ts";
import { withGradient } from "../grad/composite.ts";
import type { Tensor } from "../graph/tensor.ts";
import { full, reduceSum } from "../ops/broadcast.ts";
import { gather } from "../ops/indexing.ts";
import { reshape } from "../ops/shape-ops.ts";
import { concat } from "../ops/slices.ts";

/** Neighbour lists, and for each row the edges that use it. */
export interface NeighbourLists {
  /** (N, k) rows, int32; any valid row where `present` is 0. */
  readonly neighbours: Tensor;
  /** (N, k) 1 where there is a neighbour, 0 where the list is shorter. */
  readonly present: Tensor;
  /** (N, r) positions in the flattened (N·k) edges whose neighbour is the row; N·k fills up. Made by `incomingEdges`. */
  readonly incoming: Tensor;
}

/** Rows of `x` (N, D) at the neighbours: (N, k, D). The gradient of absent edges is left out. */
export function gatherNeighbours(x: Tensor, { neighbours, incoming }: NeighbourLists): Tensor {
  const [nodes, width] = x.shape;
  const edges = neighbours.size;
  return withGradient({
    op: "gatherNeighbours",
    inputs: [x, incoming],
    outputs: [gather(x, neighbours)],
    gradient: ({ inputs: [, uses], gradients: [g] }) => {
      if (g === undefined) return [];
      const rows = concat([reshape(g, [edges, width]), full([1, width], 0)], 0);
      return [reshape(reduceSum(gather(rows, uses), { axes: 1 }), [nodes, width])];
    },
  })[0];
}

export interface IncomingOptions {
  readonly nodes: number;
  /** Length k of a list. */
  readonly count: number;
  /** Length r of a reverse list; edges that a row has beyond it are set absent. */
  readonly limit: number;
}

/** Fills `incoming` (N·r) from `neighbours` (N·k) and `present` (N·k); clears `present` where a row is used more than r times. */
export function incomingEdges(
  neighbours: Int32Array,
  present: Float32Array,
  { nodes, count, limit }: IncomingOptions,
  incoming: Int32Array = new Int32Array(nodes * limit),
): Int32Array {
  const edges = nodes * count;
  if (neighbours.length !== edges || present.length !== edges || incoming.length < nodes * limit) {
    throw new ShapeError(
      `incomingEdges: ${nodes} lists of ${count} need ${edges} entries, found ${neighbours.length} and ${present.length}`,
    );
  }
  incoming.fill(edges);
  const used = new Int32Array(nodes);
  for (let edge = 0; edge < edges; edge += 1) {
    if (present[edge] === 0) continue;
    const row = neighbours[edge];
    if (used[row] === limit) {
      present[edge] = 0;
      continue;
    }
    incoming[row * limit + used[row]] = edge;
    used[row] += 1;
  }
  return incoming;
}
