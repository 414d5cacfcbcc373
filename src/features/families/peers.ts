// Peers: the stocks of the same sector whose returns have moved most alike, what they did, and where a stock stands in their graph.
// prior-system.md 1.16.

import { correlationGraph, type CorrelationGraph } from "../../graph/index.ts";
import { zscore } from "../../stats/index.ts";
import { defineFamily, panel } from "../define.ts";
import { ratio } from "../elementwise.ts";
import type { Family, PanelKernel } from "../feature.ts";
import {
  clusteringOf,
  componentSizes,
  degreeOf,
  neighbourDegreeOf,
  undirected,
  type Neighbours,
} from "./peer-graph.ts";

const window = 60;
const topK = 10;

const crossSectional = { normalisation: "cross_sectional", unit: "ratio" } as const;
const counts = { normalisation: "log", unit: "stocks" } as const;

const peersOf: PanelKernel = ([returns], members, outs) => {
  const graph = correlationGraph(
    {
      returns,
      stocks: members,
      sector: new Int32Array(members),
      section: new Int32Array(members),
    },
    { window, topK },
  );
  const [count, rho, ret1, ret5, spread, vs1, vs5, ...structure] = outs;
  const change1 = compounded(returns, members, 1);
  const change5 = compounded(returns, members, 5);
  for (let m = 0; m < members; m += 1) {
    const [first, end] = [graph.offsets[m], graph.offsets[m + 1]];
    count[m] = end - first;
    let total = 0;
    for (let edge = first; edge < end; edge += 1) total += graph.attributes[edge * 3];
    rho[m] = ratio(total, end - first);
    ret1[m] = meanOver(graph, m, change1);
    ret5[m] = meanOver(graph, m, change5);
    spread[m] = deviationOver(graph, m, change5, ret5[m]);
    vs1[m] = change1[m] - ret1[m];
    vs5[m] = change5[m] - ret5[m];
  }
  describeGraph(undirected(graph), structure);
};

export const peers: Family = defineFamily(
  "peers",
  { source: "/equities/bars/daily, /equities/master", plan: "light" },
  panel({ name: "peers", inputs: ["returns_1d"], window, within: "sector33", compute: peersOf }, [
    {
      ...counts,
      name: "peer_count",
      formula: `stocks of the sector with a correlation of at least 0.3 over ${window} sessions (half-life 30, shrunk by a tenth), at most ${topK}, the strongest`,
    },
    {
      ...crossSectional,
      name: "peer_corr_mean",
      formula: "mean correlation with these peers",
    },
    { ...crossSectional, name: "peer_ret_1d", formula: "mean 1-day return of the peers" },
    { ...crossSectional, name: "peer_ret_5d", formula: "mean return of the peers over 5 sessions" },
    {
      ...crossSectional,
      name: "peer_ret_5d_std",
      formula: "sample standard deviation of the peers' returns over 5 sessions",
    },
    { ...crossSectional, name: "ret_vs_peers_1d", formula: "1-day return − peer_ret_1d" },
    { ...crossSectional, name: "ret_vs_peers_5d", formula: "return over 5 sessions − peer_ret_5d" },
    {
      ...counts,
      name: "graph_degree",
      formula: "stocks that are its peer or whose peer it is",
    },
    {
      normalisation: "raw",
      unit: "standard deviations",
      name: "graph_degree_z",
      formula: "(graph_degree − mean) / standard deviation in the sector",
    },
    { ...counts, name: "graph_comp_size", formula: "stocks in its connected component" },
    {
      normalisation: "raw",
      unit: "0 to 1",
      name: "graph_clustering",
      formula: "share of pairs of its neighbours that are neighbours",
    },
    {
      ...counts,
      name: "graph_avg_neigh_deg",
      formula: "mean graph_degree of its neighbours",
    },
    {
      normalisation: "raw",
      unit: "flag",
      name: "graph_isolated",
      formula: "1 for a stock without neighbours",
    },
  ]).map((feature) => ({
    ...feature,
    deviation:
      "peers are sought in the stock's own sector, every session; PageRank, core and centralities are left out: in a graph without directions they say what the degree says",
  })),
);

/** Compounded return of the last `length` sessions; NaN when one is missing. */
function compounded(returns: Float64Array, members: number, length: number): Float64Array {
  const change = new Float64Array(members).fill(1);
  for (let m = 0; m < members; m += 1) {
    for (let t = window - length; t < window; t += 1) change[m] *= 1 + returns[m * window + t];
    change[m] -= 1;
  }
  return change;
}

function meanOver(
  { offsets, neighbours }: CorrelationGraph,
  m: number,
  values: Float64Array,
): number {
  let [total, count] = [0, 0];
  for (let edge = offsets[m]; edge < offsets[m + 1]; edge += 1) {
    const value = values[neighbours[edge]];
    if (value !== value) continue;
    total += value;
    count += 1;
  }
  return ratio(total, count);
}

function deviationOver(
  { offsets, neighbours }: CorrelationGraph,
  m: number,
  values: Float64Array,
  center: number,
): number {
  let [squares, count] = [0, 0];
  for (let edge = offsets[m]; edge < offsets[m + 1]; edge += 1) {
    const value = values[neighbours[edge]];
    if (value !== value) continue;
    squares += (value - center) ** 2;
    count += 1;
  }
  return count > 1 ? Math.sqrt(squares / (count - 1)) : Number.NaN;
}

function describeGraph(
  graph: Neighbours,
  [degree, score, component, clustering, neighbourDegree, isolated]: readonly Float64Array[],
): void {
  component.set(componentSizes(graph));
  for (let m = 0; m < graph.stocks; m += 1) {
    degree[m] = degreeOf(graph, m);
    clustering[m] = clusteringOf(graph, m);
    neighbourDegree[m] = neighbourDegreeOf(graph, m);
    isolated[m] = degree[m] === 0 ? 1 : 0;
  }
  zscore(degree, score);
}
