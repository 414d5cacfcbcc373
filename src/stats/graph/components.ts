// Connected components of a graph whose edges go both ways.

import type { Graph } from "./graph.ts";

/** The component of each node, numbered from 0 in the order of their first nodes. */
export function connectedComponents({ nodeCount, offsets, neighbours }: Graph): Int32Array {
  const components = new Int32Array(nodeCount).fill(-1);
  const waiting: number[] = [];
  let found = 0;
  for (let first = 0; first < nodeCount; first += 1) {
    if (components[first] >= 0) continue;
    components[first] = found;
    waiting.push(first);
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      for (let e = offsets[node]; e < offsets[node + 1]; e += 1) {
        const neighbour = neighbours[e];
        if (components[neighbour] < 0) {
          components[neighbour] = found;
          waiting.push(neighbour);
        }
      }
    }
    found += 1;
  }
  return components;
}
