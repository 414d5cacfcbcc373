// The rows of an increment have the bits of a full computation, for every column of the registry, from any session on.

import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { epochDay } from "../../src/calendar/index.ts";
import { stock, defineFamily } from "../../src/features/define.ts";
import { expandToRows } from "../../src/features/expand.ts";
import { executePlan } from "../../src/features/execute.ts";
import { familiesRegistry } from "../../src/features/families/registry.ts";
import { domainOf } from "../../src/features/feature.ts";
import { loadMarketData } from "../../src/features/load.ts";
import type { MarketData } from "../../src/features/market-data.ts";
import { planFeatures } from "../../src/features/plan.ts";
import { Registry } from "../../src/features/registry.ts";
import { planTail } from "../../src/features/tail.ts";
import { lowerBound } from "../../src/panel/panel.ts";
import { rollingMean } from "../../src/stats/index.ts";
import { simulatedLake } from "../dataset/simulated-lake.ts";

const registry = familiesRegistry();
const names = registry.features.filter(({ internal }) => !internal).map(({ name }) => name);

let data: MarketData;
let home: string;

beforeAll(async () => {
  const lake = await simulatedLake({ stocks: 12, from: "2018-01-04", to: "2022-06-30" });
  home = lake.home;
  const connection = await lake.connect();
  const view = { connection, calendar: await lake.calendar() };
  data = await loadMarketData(view, registry, planFeatures(registry, names));
  connection.closeSync();
}, 120_000);

afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Bits of every column's rows from a session on. */
async function rowsFrom(
  from: number,
  first: number,
  { among = registry, selected = names } = {},
): Promise<ReadonlyMap<string, Uint32Array>> {
  const found = new Map<string, Uint32Array>();
  const span = { firstSession: from, endSession: data.panel.dates.length };
  const { dayStart, count } = data.rows;
  const rows = { ...span, firstRow: dayStart[from], endRow: count, month: "" };
  await executePlan(
    among,
    planFeatures(among, selected),
    data,
    (feature, values) => {
      const column = Float32Array.from(expandToRows(data, domainOf(feature), values, rows));
      column.forEach((value, row) => (column[row] = value === value ? value : Number.NaN));
      found.set(feature.name, new Uint32Array(column.buffer));
    },
    first,
  );
  return found;
}

function differing(
  whole: ReadonlyMap<string, Uint32Array>,
  tail: ReadonlyMap<string, Uint32Array>,
): readonly string[] {
  return [...whole].flatMap(([name, bits]) => {
    const other = tail.get(name);
    return other !== undefined && bits.every((bit, row) => bit === other[row]) ? [] : [name];
  });
}

describe("an increment's rows", () => {
  it.each(["2021-09-28", "2022-05-02"])(
    "from %s on are those of a full computation",
    async (day) => {
      const first = lowerBound(data.panel.dates, epochDay(day));
      const whole = await rowsFrom(first, 0);
      const tail = await rowsFrom(first, first);
      expect(whole.size).toBe(names.length);
      expect(differing(whole, tail)).toEqual([]);
    },
    120_000,
  );

  it("are computed from few sessions, but for what is recursive", () => {
    const { length } = data.panel.dates;
    const tail = planTail(registry, ["rsi_14", "volatility_20d"], data, length - 5);
    const reach = (name: string): number =>
      Math.max(...(tail.needs.get(name) ?? []).map(({ own }) => own));
    expect(reach("volatility_20d")).toBe(0);
    expect(reach("returns_1d")).toBeLessThan(100);
    expect(reach("close")).toBe(Infinity);
  });

  it("differ where a declared lookback is shorter than what the kernel reads", async () => {
    const family = defineFamily("test", { source: "test" }, [
      stock("honest", {
        inputs: ["close"],
        lookback: 60,
        normalisation: "raw",
        unit: "JPY",
        formula: "test",
        compute: ([close], out) => rollingMean(close, 60, out),
      }),
      stock("short", {
        inputs: ["close"],
        lookback: 2,
        normalisation: "raw",
        unit: "JPY",
        formula: "test",
        compute: ([close], out) => rollingMean(close, 60, out),
      }),
    ]);
    const among = new Registry([family]);
    const options = { among, selected: ["honest", "short"] };
    const first = data.panel.dates.length - 30;
    const [whole, tail] = [
      await rowsFrom(first, 0, options),
      await rowsFrom(first, first, options),
    ];
    expect(differing(whole, tail)).toEqual(["short"]);
  });
});
