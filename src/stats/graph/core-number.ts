// Core numbers of a graph whose edges go both ways (Batagelj and Zaversnik 2003), as networkx.core_number.

import type { Graph } from "./graph.ts";

/**
 * For each node the largest k such that it is in the k-core: the greatest part of the graph in which every node has at
 * least k neighbours. Loops do not count.
 */
export function coreNumber(graph: Graph): Int32Array {
  const { nodeCount, offsets, neighbours } = graph;
  const degrees = degreesWithoutLoops(graph);
  const { order, places, bins } = sortByDegree(degrees);
  for (let i = 0; i < nodeCount; i += 1) {
    const node = order[i];
    for (let e = offsets[node]; e < offsets[node + 1]; e += 1) {
      const neighbour = neighbours[e];
      if (degrees[neighbour] <= degrees[node]) continue;
      const front = bins[degrees[neighbour]];
      const displaced = order[front];
      order[places[neighbour]] = displaced;
      places[displaced] = places[neighbour];
      order[front] = neighbour;
      places[neighbour] = front;
      bins[degrees[neighbour]] += 1;
      degrees[neighbour] -= 1;
    }
  }
  return degrees;
}

function degreesWithoutLoops({ nodeCount, offsets, neighbours }: Graph): Int32Array {
  const degrees = new Int32Array(nodeCount);
  for (let i = 0; i < nodeCount; i += 1) {
    for (let e = offsets[i]; e < offsets[i + 1]; e += 1) if (neighbours[e] !== i) degrees[i] += 1;
  }
  return degrees;
}

interface DegreeOrder {
  readonly order: Int32Array;
  readonly places: Int32Array;
  /** Where in `order` each degree begins. */
  readonly bins: Int32Array;
}

function sortByDegree(degrees: Int32Array): DegreeOrder {
  const order = Int32Array.from(degrees.keys()).sort((a, b) => degrees[a] - degrees[b]);
  const places = new Int32Array(degrees.length);
  const bins = new Int32Array(degrees.length + 1).fill(degrees.length);
  for (let i = degrees.length - 1; i >= 0; i -= 1) {
    places[order[i]] = i;
    bins[degrees[order[i]]] = i;
  }
  return { order, places, bins };
}
