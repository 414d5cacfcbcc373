// No registered feature changes when records of later sessions are cut off or spoiled; planted leaks of each kind are caught.

import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { auditFeatures, type AuditReport } from "../../src/dataset/index.ts";
import {
  crossSection,
  defineFamily,
  event,
  group,
  market,
  stock,
} from "../../src/features/define.ts";
import type { EventSource } from "../../src/features/event-sources.ts";
import type { Family } from "../../src/features/feature.ts";
import { map2 } from "../../src/features/elementwise.ts";
import { families, eventSources } from "../../src/features/families/index.ts";
import { Registry } from "../../src/features/registry.ts";
import type { Lake } from "../../src/lake/index.ts";
import { ewmMean, mean, pctChange, std } from "../../src/stats/index.ts";
import { simulatedLake } from "../dataset/simulated-lake.ts";

let lake: Lake;
beforeAll(async () => {
  lake = await simulatedLake({ stocks: 20, from: "2021-06-01", to: "2022-06-30" });
}, 60_000);
afterAll(() => rmSync(lake.home, { recursive: true }));

test("no feature of the premium set sees a later record", async () => {
  const report = await auditFeatures(lake, { selection: "premium", cuts: 2, codes: 40, seed: 3 });
  expect(report.leaks.map(({ feature, date, cut }) => `${feature} ${date} ${cut}`)).toEqual([]);
  expect(report.cellsCompared).toBeGreaterThan(100_000);
  expect(report.unseen.length / report.features).toBeLessThan(0.15);
}, 120_000);

const raw = { normalisation: "raw", unit: "ratio", formula: "planted", lookback: 2 } as const;

const filings: EventSource = {
  name: "planted_filings",
  tables: ["fins_summary"],
  by: "stock",
  fields: [
    { name: "sales", meaning: "sales" },
    { name: "restated", meaning: "the last figure ever filed for the same period" },
  ],
  sql: `SELECT "Code" AS key, CAST("DiscDate" AS TIMESTAMPTZ) AS available_at, "DiscDate" AS day, "Sales" AS sales,
    last_value("Sales") OVER (PARTITION BY "Code", "CurPerEn" ORDER BY available_at ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS restated
    FROM fins_summary`,
};

const restatedFilings: EventSource = {
  ...filings,
  name: "planted_restated",
  sql: filings.sql.replace('CAST("DiscDate" AS TIMESTAMPTZ) AS available_at', "available_at"),
};

const planted: Family = defineFamily("planted", { source: "planted" }, [
  stock("future_shift", {
    ...raw,
    inputs: ["close"],
    compute: ([close], out) => {
      pctChange(close, 1, out);
      out.copyWithin(0, 1);
    },
  }),
  stock("full_sample_z", {
    ...raw,
    inputs: ["returns_1d"],
    compute: ([change], out) => {
      const [center, scale] = [mean(change), std(change)];
      for (let i = 0; i < out.length; i += 1) out[i] = (change[i] - center) / scale;
    },
  }),
  event("wrong_availability", {
    ...raw,
    inputs: ["sales"],
    events: "planted_filings",
    maxAge: 300,
  }),
  event("restated_figure", {
    ...raw,
    inputs: ["restated"],
    events: "planted_restated",
    maxAge: 300,
  }),
  stock("next_5d", {
    ...raw,
    internal: true,
    inputs: ["close"],
    compute: ([close], out) => {
      pctChange(close, 5, out);
      out.copyWithin(0, 5);
      out.fill(Number.NaN, Math.max(0, out.length - 5));
    },
  }),
  group("next_5d_of_sector", {
    ...raw,
    internal: true,
    by: "sector33",
    inputs: ["next_5d"],
    compute: ([values]) => mean(values),
  }),
  market("unpurged_encoding", {
    ...raw,
    by: "sector33",
    inputs: ["next_5d_of_sector"],
    lag: 1,
    compute: ([values], out) => ewmMean(values, { span: 20 }, out),
  }),
  crossSection("rank_of_tomorrow", {
    ...raw,
    inputs: ["future_shift"],
    compute: ([values], out) => out.set(values),
  }),
  stock("honest", { ...raw, inputs: ["returns_1d", "returns_5d"], compute: map2((a, b) => a - b) }),
]);

describe("a planted leak is caught", () => {
  const registry = new Registry(
    [...families, planted],
    [...eventSources, filings, restatedFilings],
  );
  const audit = (selection: string, modes: AuditReport["modes"]): Promise<AuditReport> =>
    auditFeatures(lake, { registry, selection, cuts: 2, codes: 40, seed: 2, modes });

  test.each([
    ["future_shift", "equities_bars_daily"],
    ["full_sample_z", "equities_bars_daily"],
    ["wrong_availability", "fins_summary"],
    ["unpurged_encoding", "equities_bars_daily"],
    ["rank_of_tomorrow", "equities_bars_daily"],
  ])(
    "%s, by truncation, in %s",
    async (name, table) => {
      const { leaks } = await audit(name, ["truncate"]);
      expect(leaks.length).toBeGreaterThan(0);
      expect(leaks[0].feature).toBe(name);
      expect(leaks[0].table).toBe(table);
      expect(leaks[0].date <= leaks[0].cut).toBe(true);
    },
    60_000,
  );

  test("restated_figure, by perturbation, in fins_summary", async () => {
    const { leaks } = await audit("restated_figure", ["perturb"]);
    expect(leaks[0]?.feature).toBe("restated_figure");
    expect(leaks[0]?.table).toBe("fins_summary");
  }, 60_000);

  test("and an honest neighbour is not accused", async () => {
    expect((await audit("honest", ["truncate", "perturb"])).leaks).toEqual([]);
  }, 60_000);
});
