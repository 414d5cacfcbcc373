// Labels are returns over the stock's own next sessions, on tables small enough to check by hand.

import { describe, expect, test } from "vitest";
import { computeLabels, labelSpecs } from "../../src/dataset/index.ts";
import { buildRows, type MarketData } from "../../src/features/market-data.ts";
import { Panel } from "../../src/panel/panel.ts";

/** One stock over five sessions; it does not trade in the third. A 1:2 split comes with the fourth. */
function market(): MarketData {
  const panel = new Panel([100, 101, 102, 103, 104], ["13010"]);
  const put = (name: string, values: readonly number[]): void =>
    panel.addColumn(name, "f64").set(values);
  put("close", [100, 110, NaN, 121, 133.1]);
  put("open", [99, 105, NaN, 120, 126]);
  put("basis", [1, 1, 1, 0.5, 0.5]);
  const close = panel.float64("close");
  const topix = new Float64Array(new SharedArrayBuffer(40));
  topix.set([1000, 1010, 1020, 1030, 1040]);
  return {
    panel,
    rows: buildRows(panel, (cell) => close[cell] === close[cell]),
    groups: new Map(),
    series: new Map([["topix_close", topix]]),
    sectorSeries: new Map(),
    events: new Map(),
  };
}

function label(name: string): readonly number[] {
  const kinds = ["price", "open", "excess", "total"] as const;
  const dividends = {
    code: Int32Array.of(0),
    session: Int32Array.of(3),
    amount: Float64Array.of(1),
  };
  const specs = labelSpecs({ horizons: [1, 2], kinds });
  const { columns } = computeLabels(market(), specs, { dividends });
  return [...columns.find(({ spec }) => spec.name === name)!.values];
}

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) => {
    if (expected[i] !== expected[i]) expect(value).toBeNaN();
    else expect(value).toBeCloseTo(expected[i], 6);
  });
}

describe("computeLabels", () => {
  test("counts the stock's own sessions and skips the one without a trade", () => {
    expectClose(label("label_1d"), [0.1, 0.1, 0.1, NaN]);
    expectClose(label("label_2d"), [0.21, 0.21, NaN, NaN]);
  });

  test("_open runs from the next open to the open h sessions later", () => {
    expectClose(label("label_1d_open"), [120 / 105 - 1, 126 / 120 - 1, NaN, NaN]);
  });

  test("_excess subtracts TOPIX over the same dates", () => {
    expectClose(label("label_1d_excess"), [
      0.1 - 0.01,
      0.1 - (1030 / 1010 - 1),
      0.1 - (1040 / 1030 - 1),
      NaN,
    ]);
  });

  test("_total adds a dividend from its ex-date on, on the basis of the prices", () => {
    expectClose(label("label_1d_total"), [0.1, 0.1 + 2 / 110, 0.1, NaN]);
    expectClose(label("label_2d_total"), [0.21 + 2 / 100, 0.21 + 2 / 110, NaN, NaN]);
  });

  test("an end is the last session that a known label reads, a session later for labels from the next open", () => {
    const kinds = ["price", "open"] as const;
    const { ends } = computeLabels(market(), labelSpecs({ horizons: [1], kinds }));
    expect([...(ends.get("label_end_1d") ?? [])]).toEqual([1, 3, 4, -1]);
    expect([...(ends.get("label_end_1d_open") ?? [])]).toEqual([3, 4, -1, -1]);
  });

  test("total labels without dividends are refused", () => {
    expect(() => computeLabels(market(), labelSpecs({ kinds: ["total"] }))).toThrow(
      /need \/fins\/dividend/u,
    );
  });
});
