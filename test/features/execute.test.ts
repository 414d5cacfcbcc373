// The engine computes what the declarations say, in every kind, whatever the batch.

import { describe, expect, test } from "vitest";
import {
  crossSection,
  defineFamily,
  event,
  group,
  market,
  stock,
} from "../../src/features/define.ts";
import { map2 } from "../../src/features/elementwise.ts";
import { executePlan } from "../../src/features/execute.ts";
import type { EventTable, MarketData } from "../../src/features/market-data.ts";
import { planFeatures } from "../../src/features/plan.ts";
import { Registry } from "../../src/features/registry.ts";
import { demean, mean, pctChange, rollingMean } from "../../src/stats/index.ts";
import { syntheticMarket } from "./synthetic-market.ts";

const raw = { normalisation: "raw", unit: "ratio", formula: "test" } as const;

const family = defineFamily("test", { source: "test" }, [
  stock("r1", {
    ...raw,
    inputs: ["close"],
    lookback: 2,
    compute: ([close], out) => pctChange(close, 1, out),
  }),
  stock("r1_mean3", {
    ...raw,
    inputs: ["r1"],
    lookback: 3,
    compute: ([r1], out) => rollingMean(r1, 3, out),
  }),
  stock("r1_yesterday", {
    ...raw,
    inputs: ["r1"],
    lookback: 1,
    lag: 1,
    compute: ([r1], out) => out.set(r1),
  }),
  crossSection("r1_demeaned", {
    ...raw,
    inputs: ["r1"],
    lookback: 1,
    compute: ([r1], out) => demean(r1, out),
  }),
  crossSection("r1_in_sector", {
    ...raw,
    inputs: ["r1"],
    lookback: 1,
    within: "sector33",
    compute: ([r1], out) => demean(r1, out),
  }),
  group("sector_mean", {
    ...raw,
    inputs: ["r1"],
    lookback: 1,
    by: "sector33",
    compute: ([r1]) => mean(r1),
  }),
  market("sector_mean3", {
    ...raw,
    inputs: ["sector_mean"],
    lookback: 3,
    by: "sector33",
    compute: ([values], out) => rollingMean(values, 3, out),
  }),
  market("topix_r1", {
    ...raw,
    inputs: ["topix_close"],
    lookback: 2,
    compute: ([close], out) => pctChange(close, 1, out),
  }),
  stock("excess", {
    ...raw,
    inputs: ["r1", "topix_r1"],
    lookback: 1,
    compute: map2((a, b) => a - b),
  }),
  stock("vs_sector", {
    ...raw,
    inputs: ["r1_mean3", "sector_mean3"],
    lookback: 1,
    compute: map2((a, b) => a - b),
  }),
  event("news", { ...raw, inputs: ["size"], events: "news", maxAge: 5 }),
  event("news_age", { ...raw, inputs: ["size"], events: "news", join: "since", maxAge: 5 }),
  event("news_today", { ...raw, inputs: ["size"], events: "news", join: "impulse", maxAge: 5 }),
]);

const sources = [
  {
    name: "news",
    tables: ["news"],
    by: "stock",
    fields: [{ name: "size", meaning: "test" }],
    sql: "",
  },
] as const;

function newsTable(codes: number): EventTable {
  const ints = (values: readonly number[]): Int32Array<SharedArrayBuffer> => {
    const array = new Int32Array(new SharedArrayBuffer(values.length * 4));
    array.set(values);
    return array;
  };
  const sizes = new Float64Array(new SharedArrayBuffer(16));
  sizes.set([7, 9]);
  return {
    by: "stock",
    keyStart: ints([0, ...Array.from({ length: codes }, () => 2)]),
    session: ints([10, 12]),
    day: ints([18_276, 18_278]),
    fields: new Map([["size", sizes]]),
  };
}

const registry = new Registry([family], sources);
const data: MarketData = syntheticMarket({
  codes: 6,
  sessions: 60,
  events: new Map([["news", newsTable(6)]]),
});

async function compute(
  names: readonly string[],
  batch?: number,
): Promise<Map<string, Float64Array>> {
  const columns = new Map<string, Float64Array>();
  const plan = planFeatures(registry, names, batch === undefined ? {} : { batch });
  await executePlan(registry, plan, data, (feature, values) => {
    columns.set(feature.name, Float64Array.from(values));
  });
  return columns;
}

const all = family.features.map(({ name }) => name);

function cell(column: Float64Array, code: number, session: number): number {
  return column[data.rows.rowOfCell[code * data.panel.dates.length + session]];
}

describe("executePlan", () => {
  test("a stock column is the kernel over the code's own traded sessions", async () => {
    const columns = await compute(["r1"]);
    const close = data.panel.series("close", 1);
    const traded = [...close.keys()].filter((d) => close[d] === close[d]);
    expect(traded.length).toBeLessThan(60);
    for (let i = 1; i < traded.length; i += 1) {
      const expected = Math.fround(close[traded[i]] / close[traded[i - 1]] - 1);
      expect(cell(columns.get("r1")!, 1, traded[i])).toBe(expected);
    }
    expect(cell(columns.get("r1")!, 1, traded[0])).toBeNaN();
  });

  test("a lag moves a value to the code's next traded session", async () => {
    const columns = await compute(["r1", "r1_yesterday"]);
    expect(cell(columns.get("r1_yesterday")!, 0, 30)).toBe(cell(columns.get("r1")!, 0, 29));
  });

  test("a cross-section sums to zero over the session, and within each sector", async () => {
    const columns = await compute(["r1_demeaned", "r1_in_sector"]);
    const { dayStart } = data.rows;
    const day = columns.get("r1_demeaned")!.subarray(dayStart[15], dayStart[16]);
    expect(Math.abs(day.reduce((a, b) => a + b))).toBeLessThan(1e-8);
    const sector = [0, 2, 4].map((code) => cell(columns.get("r1_in_sector")!, code, 15));
    expect(Math.abs(sector.reduce((a, b) => a + b))).toBeLessThan(1e-8);
  });

  test("a group series reaches its members through a market series of the group", async () => {
    const columns = await compute(["r1", "r1_mean3", "sector_mean", "sector_mean3", "vs_sector"]);
    const series = columns.get("sector_mean")!;
    const mean3 = (series[28] + series[29] + series[30]) / 3;
    expect(columns.get("sector_mean3")![30]).toBeCloseTo(mean3, 12);
    expect(cell(columns.get("vs_sector")!, 0, 30)).toBeCloseTo(
      cell(columns.get("r1_mean3")!, 0, 30) - mean3,
      7,
    );
  });

  test("a record counts from its session on, for at most maxAge sessions", async () => {
    const columns = await compute(["news", "news_age", "news_today"]);
    const at = (name: string, session: number): number => cell(columns.get(name)!, 0, session);
    expect([9, 10, 11, 12, 17, 18].map((s) => at("news", s))).toEqual([NaN, 7, 7, 9, 9, NaN]);
    expect([9, 10, 11, 12].map((s) => at("news_age", s))).toEqual([NaN, 0, 1, 0]);
    expect([9, 10, 11, 12].map((s) => at("news_today", s))).toEqual([0, 1, 0, 1]);
  });

  test("the same bits come out whatever the batch size and selection", async () => {
    const together = await compute(all);
    const apart = await compute(all, 1);
    for (const name of all) {
      expect(apart.get(name)).toEqual(together.get(name));
      expect((await compute([name])).get(name)).toEqual(together.get(name));
    }
  });
});
