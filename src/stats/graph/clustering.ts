// Local clustering coefficient (Watts and Strogatz 1998) of a graph whose edges go both ways, as networkx.clustering.

import type { Graph } from "./graph.ts";

/** Share of the pairs of a node's neighbours that are neighbours themselves; 0 with fewer than two, loops aside. */
export function clusteringCoefficient(graph: Graph): Float64Array {
  const { nodeCount, offsets, neighbours } = graph;
  const coefficients = new Float64Array(nodeCount);
  const marked = new Int32Array(nodeCount).fill(-1);
  for (let node = 0; node < nodeCount; node += 1) {
    let degree = 0;
    for (let e = offsets[node]; e < offsets[node + 1]; e += 1) {
      if (neighbours[e] === node) continue;
      marked[neighbours[e]] = node;
      degree += 1;
    }
    const links = countLinks(graph, node, marked);
    coefficients[node] = degree < 2 ? 0 : links / (degree * (degree - 1));
  }
  return coefficients;
}

/** Ordered pairs of marked neighbours of `node` that are joined. */
function countLinks({ offsets, neighbours }: Graph, node: number, marked: Int32Array): number {
  let links = 0;
  for (let e = offsets[node]; e < offsets[node + 1]; e += 1) {
    const middle = neighbours[e];
    if (middle === node) continue;
    for (let f = offsets[middle]; f < offsets[middle + 1]; f += 1) {
      if (neighbours[f] !== middle && marked[neighbours[f]] === node) links += 1;
    }
  }
  return links;
}
