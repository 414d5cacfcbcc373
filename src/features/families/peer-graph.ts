// Numbers of a small undirected graph by typed arrays: degree, components, clustering, mean degree of the neighbours.

import type { CorrelationGraph } from "../../graph/index.ts";

/** Each stock's neighbours in either direction: those of stock m are from starts[m] to starts[m + 1]. */
export interface Neighbours {
  readonly stocks: number;
  readonly starts: Int32Array;
  readonly others: Int32Array;
  /** (stocks, stocks) 1 where two stocks are neighbours. */
  readonly adjacency: Uint8Array;
}

/** The graph without directions. */
export function undirected({ stocks, offsets, neighbours }: CorrelationGraph): Neighbours {
  const adjacency = new Uint8Array(stocks * stocks);
  for (let m = 0; m < stocks; m += 1) {
    for (let edge = offsets[m]; edge < offsets[m + 1]; edge += 1) {
      adjacency[m * stocks + neighbours[edge]] = 1;
      adjacency[neighbours[edge] * stocks + m] = 1;
    }
  }
  const starts = new Int32Array(stocks + 1);
  const others = new Int32Array(2 * neighbours.length);
  let count = 0;
  for (let m = 0; m < stocks; m += 1) {
    starts[m] = count;
    for (let other = 0; other < stocks; other += 1) {
      if (adjacency[m * stocks + other] === 0) continue;
      others[count] = other;
      count += 1;
    }
  }
  starts[stocks] = count;
  return { stocks, starts, others, adjacency };
}

/** Neighbours of stock m. */
export function degreeOf({ starts }: Neighbours, m: number): number {
  return starts[m + 1] - starts[m];
}

/** Pairs of neighbours of m that are neighbours themselves, as a share of all pairs; NaN with fewer than two neighbours. */
export function clusteringOf({ stocks, starts, others, adjacency }: Neighbours, m: number): number {
  const degree = starts[m + 1] - starts[m];
  if (degree < 2) return Number.NaN;
  let links = 0;
  for (let i = starts[m]; i < starts[m + 1]; i += 1) {
    for (let j = i + 1; j < starts[m + 1]; j += 1)
      links += adjacency[others[i] * stocks + others[j]];
  }
  return links / ((degree * (degree - 1)) / 2);
}

/** Mean degree of the neighbours of m; NaN without one. */
export function neighbourDegreeOf(graph: Neighbours, m: number): number {
  const { starts, others } = graph;
  let total = 0;
  for (let i = starts[m]; i < starts[m + 1]; i += 1) total += degreeOf(graph, others[i]);
  return starts[m] === starts[m + 1] ? Number.NaN : total / (starts[m + 1] - starts[m]);
}

/** Stocks in the connected component of each stock. */
export function componentSizes({ stocks, starts, others }: Neighbours): Int32Array {
  const sizes = new Int32Array(stocks);
  const queue = new Int32Array(stocks);
  for (let first = 0; first < stocks; first += 1) {
    if (sizes[first] !== 0) continue;
    queue[0] = first;
    sizes[first] = -1;
    let found = 1;
    for (let next = 0; next < found; next += 1) {
      for (let i = starts[queue[next]]; i < starts[queue[next] + 1]; i += 1) {
        if (sizes[others[i]] !== 0) continue;
        sizes[others[i]] = -1;
        queue[found] = others[i];
        found += 1;
      }
    }
    for (let i = 0; i < found; i += 1) sizes[queue[i]] = found;
  }
  return sizes;
}
