// Peers and their graph on a market in which two pairs of stocks move together and a third stock alone.

import { describe, expect, test } from "vitest";
import {
  defaultRegistry,
  executePlan,
  planFeatures,
  selectFeatures,
  type MarketData,
} from "../../src/features/index.ts";
import { createRng } from "../../src/rng.ts";
import { syntheticMarket } from "./synthetic-market.ts";

/** Codes 0, 2 and 4 are of one sector; 2 repeats the returns of 0, 4 has its own. */
function pairedMarket(): MarketData {
  const data = syntheticMarket({ codes: 6, sessions: 100 });
  const rng = createRng(4);
  const close = data.panel.float64("close");
  for (let d = 0; d < 100; d += 1) {
    const common = Math.exp(0.02 * rng.normal());
    for (const code of [0, 2]) {
      const cell = code * 100 + d;
      close[cell] = (d === 0 ? 1000 : close[cell - 1]) * common;
    }
  }
  return data;
}

async function compute(data: MarketData): Promise<ReadonlyMap<string, Float32Array>> {
  const registry = defaultRegistry();
  const names = [...selectFeatures(registry, "peers"), "returns_1d", "returns_5d"];
  const columns = new Map<string, Float32Array>();
  await executePlan(registry, planFeatures(registry, names), data, (feature, values) => {
    columns.set(feature.name, Float32Array.from(values));
  });
  return columns;
}

describe("peers", async () => {
  const data = pairedMarket();
  const columns = await compute(data);
  const at = (name: string, code: number, session: number): number =>
    columns.get(name)![data.rows.rowOfCell[code * 100 + session]];

  test("stocks that move alike are each other's peers", () => {
    expect([0, 2].map((code) => at("peer_count", code, 80))).toEqual([1, 1]);
    expect(at("peer_corr_mean", 0, 80)).toBeCloseTo(0.9, 5);
    expect(at("graph_degree", 0, 80)).toBe(1);
    expect(at("graph_comp_size", 0, 80)).toBe(2);
  });

  test("a stock's peer return is its peer's return", () => {
    expect(at("peer_ret_1d", 0, 80)).toBeCloseTo(at("returns_1d", 2, 80), 6);
    expect(at("peer_ret_5d", 2, 80)).toBeCloseTo(at("returns_5d", 0, 80), 6);
    expect(at("ret_vs_peers_5d", 0, 80)).toBeCloseTo(0, 6);
  });

  test("a stock that moves alone has no peers and no peer return", () => {
    expect(at("peer_count", 4, 55)).toBeNaN();
    expect(at("graph_isolated", 0, 80)).toBe(0);
    expect(at("peer_ret_5d_std", 0, 80)).toBeNaN();
  });

  test("before 60 sessions there is no graph", () => {
    expect(at("peer_count", 0, 58)).toBeNaN();
    expect(at("peer_count", 0, 60)).not.toBeNaN();
  });
});
