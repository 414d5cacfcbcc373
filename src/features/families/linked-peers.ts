// Peers in any sector: the stocks whose returns over the market moved most alike in the last year, and what they did lately.
// Peers lead each other by some sessions (Moskowitz and Grinblatt 1999; Cohen and Frazzini 2008).

import { correlationGraph } from "../../graph/index.ts";
import { defineFamily, panel } from "../define.ts";
import { ratio } from "../elementwise.ts";
import type { Family, Links, PanelKernel, PanelLinks } from "../feature.ts";

const window = 250;
const options = { window, halfLife: Infinity, shrinkage: 0.1, topK: 10, threshold: 0.2 } as const;
const minOverlap = 125;

/** The strongest positive correlations of each stock. */
function findLinks(returns: Float64Array, stocks: number): Links {
  const groups = new Int32Array(stocks);
  const graph = correlationGraph(
    { returns, stocks, sector: groups, section: groups },
    { ...options, minOverlap },
  );
  const offsets = new Int32Array(stocks + 1);
  const neighbours: number[] = [];
  const weights: number[] = [];
  for (let stock = 0; stock < stocks; stock += 1) {
    for (let edge = graph.offsets[stock]; edge < graph.offsets[stock + 1]; edge += 1) {
      const rho = graph.attributes[3 * edge];
      if (!(rho > 0)) continue;
      neighbours.push(graph.neighbours[edge]);
      weights.push(rho);
    }
    offsets[stock + 1] = neighbours.length;
  }
  return { offsets, neighbours: Int32Array.from(neighbours), weights: Float64Array.from(weights) };
}

const links: PanelLinks = { input: "ret_1d_demeaned", window, find: findLinks };

const linkedPeersOf: PanelKernel = ([fast, slow, sector], members, outs, among) => {
  if (among === undefined) return;
  const [count, rho, held, abroad, meanFast, meanSlow, versusFast, versusSlow] = outs;
  const { offsets, neighbours, weights } = among;
  held.fill(0);
  for (let m = 0; m < members; m += 1) {
    const [first, end] = [offsets[m], offsets[m + 1]];
    const own = neighbours.subarray(first, end);
    count[m] = own.length;
    rho[m] = meanOf(weights.subarray(first, end));
    abroad[m] = meanOf(Float64Array.from(own, (other) => Number(sector[other] !== sector[m])));
    meanFast[m] = meanOf(Float64Array.from(own, (other) => fast[other]));
    meanSlow[m] = meanOf(Float64Array.from(own, (other) => slow[other]));
    versusFast[m] = fast[m] - meanFast[m];
    versusSlow[m] = slow[m] - meanSlow[m];
    for (const other of own) held[other] += 1;
  }
};

const counts = { normalisation: "log", unit: "stocks" } as const;
const crossSectional = { normalisation: "cross_sectional", unit: "ratio" } as const;

export const linkedPeers: Family = defineFamily(
  "linked-peers",
  { source: "/equities/bars/daily", plan: "light" },
  panel(
    {
      name: "linked_peers",
      inputs: ["ew_ret_hl1", "ew_ret_hl3", "sector33_id"],
      window: 1,
      within: undefined,
      links,
      compute: linkedPeersOf,
    },
    [
      {
        ...counts,
        name: "linked_count",
        formula: `linked peers that trade today: stocks of any sector with a correlation of ret_1d_demeaned of at least ${options.threshold} over ${window} sessions (shrunk by a tenth, ${minOverlap} in common), at most ${options.topK}, the strongest, as of the first session of the calendar quarter`,
      },
      {
        normalisation: "raw",
        unit: "0 to 1",
        name: "linked_corr_mean",
        formula: "mean correlation with the linked peers",
      },
      {
        ...counts,
        name: "linked_in_count",
        formula: "stocks that have it among their linked peers",
      },
      {
        normalisation: "raw",
        unit: "0 to 1",
        name: "linked_other_sector",
        formula: "share of the linked peers that are of another of the 33 industries",
      },
      {
        ...crossSectional,
        name: "linked_ew_ret_hl1",
        formula: "mean ew_ret_hl1 of the linked peers",
      },
      {
        ...crossSectional,
        name: "linked_ew_ret_hl3",
        formula: "mean ew_ret_hl3 of the linked peers",
      },
      {
        ...crossSectional,
        name: "ew_ret_vs_linked_hl1",
        formula: "ew_ret_hl1 − linked_ew_ret_hl1",
      },
      {
        ...crossSectional,
        name: "ew_ret_vs_linked_hl3",
        formula: "ew_ret_hl3 − linked_ew_ret_hl3",
      },
    ],
  ).map((feature) => ({
    ...feature,
    deviation:
      "links are renewed each quarter, not each session; peers' means over those that have a value",
  })),
);

/** Mean of the values that are there; NaN without one. */
function meanOf(values: Float64Array): number {
  let [total, count] = [0, 0];
  for (const value of values) {
    if (value !== value) continue;
    total += value;
    count += 1;
  }
  return ratio(total, count);
}
