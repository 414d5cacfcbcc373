// The description of a dataset names what drifts, what is missing and which columns repeat each other.

import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { epochDay } from "../../src/calendar/index.ts";
import {
  buildDataset,
  describeDataset,
  describeHtml,
  openDataset,
  stabilityIndex,
} from "../../src/dataset/index.ts";
import type { Lake } from "../../src/lake/index.ts";
import { simulatedLake } from "./simulated-lake.ts";

let lake: Lake;
beforeAll(async () => {
  lake = await simulatedLake({
    stocks: 12,
    from: "2021-01-04",
    to: "2021-08-31",
    paths: ["/equities/master", "/equities/bars/daily", "/indices/bars/daily/topix"],
  });
  await buildDataset(lake, {
    from: epochDay("2021-06-01"),
    to: epochDay("2021-08-31"),
    selection: "returns_1d,log_returns_1d,returns_120d,mkt_ema_200",
    threads: 1,
  });
});
afterAll(() => rmSync(lake.home, { recursive: true }));

describe("stabilityIndex", () => {
  test("is 0 for equal shares and Σ (q − p) ln(q / p) for others", () => {
    expect(stabilityIndex([10, 30], [20, 60])).toBe(0);
    const expected = (0.8 - 0.5) * Math.log(0.8 / 0.5) + (0.2 - 0.5) * Math.log(0.2 / 0.5);
    expect(stabilityIndex([50, 50], [80, 20])).toBeCloseTo(expected, 12);
  });

  test("is not defined without values", () => {
    expect(stabilityIndex([0, 0], [1, 2])).toBeNaN();
  });
});

describe("describeDataset", () => {
  test("agrees with the column on nulls and moments", () => {
    const dataset = openDataset(lake.home);
    const { columns } = describeDataset(dataset);
    const values = [...dataset.features(["returns_1d"]).column("returns_1d")].filter(
      (x) => x === x,
    );
    const mean = values.reduce((a, b) => a + b) / values.length;
    const found = columns.find(({ name }) => name === "returns_1d")!;
    expect(found.mean).toBeCloseTo(mean, 12);
    expect(found.monthlyNulls).toHaveLength(3);
    expect(columns.find(({ name }) => name === "returns_120d")!.monthlyNulls[0]).toBeGreaterThan(0);
  });

  test("puts a return and its logarithm into one cluster", () => {
    const { clusters } = describeDataset(openDataset(lake.home));
    expect(clusters).toEqual([["returns_1d", "log_returns_1d"]]);
  });

  test("a trending market level drifts, a return does not", () => {
    const { columns } = describeDataset(openDataset(lake.home));
    const worst = (name: string): number =>
      Math.max(...columns.find((column) => column.name === name)!.drift);
    expect(worst("mkt_ema_200")).toBeGreaterThan(1);
    expect(worst("returns_1d")).toBeLessThan(0.5);
  });

  test("the page has no script and says that the market is simulated", () => {
    const html = describeHtml(describeDataset(openDataset(lake.home)));
    expect(html).not.toContain("<script");
    expect(html).toContain("simulated");
    expect(html).toContain("<svg");
  });
});
