// A small graph in compressed rows: neighbours of node i are `neighbours[offsets[i]]` to `neighbours[offsets[i + 1]]`.

import { ShapeError } from "../../errors.ts";

/** Each row's neighbours ascend without repeats; `weights` run along with `neighbours`. */
export interface Graph {
  readonly nodeCount: number;
  readonly offsets: Int32Array; // (nodeCount + 1)
  readonly neighbours: Int32Array; // (edges)
  readonly weights: Float64Array; // (edges)
}

/** Options of `createGraph`. */
export interface GraphOptions {
  /** Weight of each edge; default 1. */
  readonly weights?: ArrayLike<number>;
  /** Keep edges one way; default false: each edge goes both ways. */
  readonly directed?: boolean;
}

/**
 * A graph from edges sources[e] → targets[e]; repeated edges add their weights (one way, in a directed graph).
 * Throws ShapeError when lengths differ or an end is not in 0 … nodeCount − 1.
 */
export function createGraph(
  nodeCount: number,
  sources: ArrayLike<number>,
  targets: ArrayLike<number>,
  { weights, directed = false }: GraphOptions = {},
): Graph {
  if (sources.length !== targets.length || (weights && weights.length !== sources.length)) {
    throw new ShapeError(
      `createGraph: expected equally many sources, targets and weights, found ${sources.length}, ${targets.length} and ${weights?.length ?? "none"}`,
    );
  }
  const rows = Array.from({ length: nodeCount }, () => new Map<number, number>());
  const add = (from: number, to: number, weight: number): void => {
    const row = rows[from];
    row.set(to, (row.get(to) ?? 0) + weight);
  };
  for (let e = 0; e < sources.length; e += 1) {
    const source = requireNode(sources[e], nodeCount);
    const target = requireNode(targets[e], nodeCount);
    add(source, target, weights?.[e] ?? 1);
    if (!directed && source !== target) add(target, source, weights?.[e] ?? 1);
  }
  return compress(rows);
}

function requireNode(node: number, nodeCount: number): number {
  if (Number.isInteger(node) && node >= 0 && node < nodeCount) return node;
  throw new ShapeError(`createGraph: expected nodes 0 to ${nodeCount - 1}, found ${node}`);
}

function compress(rows: readonly Map<number, number>[]): Graph {
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => {
    offsets[i + 1] = offsets[i] + row.size;
  });
  const neighbours = new Int32Array(offsets[rows.length]);
  const weights = new Float64Array(offsets[rows.length]);
  rows.forEach((row, i) => {
    [...row]
      .sort(([a], [b]) => a - b)
      .forEach(([to, weight], k) => {
        neighbours[offsets[i] + k] = to;
        weights[offsets[i] + k] = weight;
      });
  });
  return { nodeCount: rows.length, offsets, neighbours, weights };
}
