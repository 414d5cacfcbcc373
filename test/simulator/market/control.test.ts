import { describe, expect, test } from "vitest";
import { epochDay } from "../../../src/calendar/index.ts";
import { neweyWestMean, ols, spearman, zscore } from "../../../src/stats/index.ts";
import { cellFlags } from "../../../src/simulator/market/price-table.ts";
import { allRows, makeMarket } from "./small-market.ts";
import { publicPanel, type PublicPanel } from "./public-panel.ts";
import type { Market } from "../../../src/simulator/market/index.ts";

const span = { from: "2023-06-01", to: "2025-12-30", stocks: 200, seed: 11 } as const;
const markets = {
  none: await makeMarket({ ...span, signal: "none" }),
  planted: await makeMarket({ ...span, signal: "planted" }),
};
const panels = { none: publicPanel(markets.none), planted: publicPanel(markets.planted) };

/** First session used: by then the slowest feature has its past. */
const warmUp = 60;

/** Mean over sessions of the rank correlation of a score known at the close with the next return. */
function rankIc(
  panel: PublicPanel,
  score: (d: number) => Float64Array,
  first: number,
): { mean: number; t: number } {
  const values: number[] = [];
  for (let d = first; d + 1 < panel.dates.length; d += 1)
    values.push(spearman(score(d), nextReturns(panel, d)));
  const { mean, tStatistic } = neweyWestMean(Float64Array.from(values));
  return { mean, t: tStatistic };
}

function nextReturns({ codes, returns }: PublicPanel, d: number): Float64Array {
  return returns.slice((d + 1) * codes.length, (d + 2) * codes.length);
}

function oracleScore(market: Market, panel: PublicPanel): (d: number) => Float64Array {
  const issues = market.issues.filter((issue) => issue.kind === "stock");
  return (d) =>
    Float64Array.from(panel.codes, (_, c) => market.oracle.expectation(d, issues[c].index, 1));
}

/** RankIC of the oracle at one day over all sessions, on closes corrected for capital changes. */
function oracleRankIc({ issues, oracle, prices, sessions }: Market): number {
  const stocks = issues.filter((issue) => issue.kind === "stock");
  const factors = new Map(
    prices.events.map((event) => [event.session * issues.length + event.issue, event.factor]),
  );
  const values: number[] = [];
  for (let d = warmUp; d + 1 < sessions.count; d += 1) {
    const next = Float64Array.from(stocks, ({ index }) => {
      const cell = (d + 1) * issues.length + index;
      if (!prices.has(cell, cellFlags.traded)) return Number.NaN;
      return (
        prices.close[cell] / (prices.close[cell - issues.length] * (factors.get(cell) ?? 1)) - 1
      );
    });
    values.push(
      spearman(
        Float64Array.from(stocks, ({ index }) => oracle.expectation(d, index, 1)),
        next,
      ),
    );
  }
  return values.reduce((a, b) => a + b) / values.length;
}

/** Cross-sectional z-scores of every public column on session `d`, missing as 0. */
function features({ codes, columns }: PublicPanel, d: number): readonly Float64Array[] {
  return [...columns.values()].map((column) => {
    const day = column
      .slice(d * codes.length, (d + 1) * codes.length)
      .map((value) => (Number.isFinite(value) ? value : Number.NaN));
    return zscore(day).map((value) => (Number.isNaN(value) ? 0 : Math.max(-3, Math.min(3, value))));
  });
}

/** Slopes of next returns on all columns in one cross-section a session; sessions as rows. */
function dailySlopes(panel: PublicPanel, first: number, last: number): readonly Float64Array[] {
  const slopes: Float64Array[] = [];
  for (let d = first; d < last; d += 1) {
    const { coefficients } = ols(nextReturns(panel, d), [...features(panel, d)]);
    if (!Number.isNaN(coefficients[0])) slopes.push(coefficients.slice(1));
  }
  return slopes;
}

/** Means of the slopes over sessions and their t statistics. */
function averageSlopes(slopes: readonly Float64Array[]): readonly { mean: number; t: number }[] {
  return Array.from(slopes[0], (_, k) => {
    const { mean, tStatistic } = neweyWestMean(Float64Array.from(slopes, (row) => row[k]));
    return { mean, t: tStatistic };
  });
}

/** Linear predictor fitted on the first half of the sessions and judged on the second. */
function outOfSample(panel: PublicPanel): {
  readonly mean: number;
  readonly t: number;
  readonly largestT: number;
} {
  const middle = Math.floor(panel.dates.length / 2);
  const fitted = averageSlopes(dailySlopes(panel, warmUp, middle));
  const score = (d: number): Float64Array => {
    const columns = features(panel, d);
    return Float64Array.from(panel.codes, (_, c) =>
      columns.reduce((sum, column, k) => sum + fitted[k].mean * column[c], 0),
    );
  };
  const largestT = Math.max(...fitted.map(({ t }) => Math.abs(t)));
  return { ...rankIc(panel, score, middle), largestT };
}

describe("a planted market", () => {
  test.each([1, 2])(
    "gives its oracle a RankIC within a tenth of 0.05 at one day (seed %i)",
    async (seed) => {
      const market = await makeMarket({
        from: "2021-01-04",
        to: "2025-12-30",
        stocks: 450,
        signal: "planted",
        seed,
      });
      const found = oracleRankIc(market);
      expect(found).toBeGreaterThan(0.045);
      expect(found).toBeLessThan(0.055);
    },
  );

  test("lets a linear predictor over public fields recover part of it, but not all", () => {
    const oracle = rankIc(
      panels.planted,
      oracleScore(markets.planted, panels.planted),
      warmUp,
    ).mean;
    const { mean, t } = outOfSample(panels.planted);
    expect(t).toBeGreaterThan(2.5);
    expect(mean / oracle).toBeGreaterThan(0.25);
    expect(mean / oracle).toBeLessThan(0.95);
  });

  test("scales its expectations with the strength and with the horizon", async () => {
    const twice = await makeMarket({ ...span, to: "2024-02-29", signal: "planted", strength: 2 });
    const once = await makeMarket({ ...span, to: "2024-02-29", signal: "planted" });
    const deviation = (market: Market, horizon: number): number => {
      const values = market.issues
        .map((issue) => market.oracle.expectation(100, issue.index, horizon))
        .filter((value) => !Number.isNaN(value));
      const mean = values.reduce((a, b) => a + b) / values.length;
      return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    };
    expect(deviation(twice, 1) / deviation(once, 1)).toBeGreaterThan(1.8);
    expect(deviation(twice, 1) / deviation(once, 1)).toBeLessThan(2.2);
    expect(deviation(once, 5)).toBeGreaterThan(deviation(once, 1));
    expect(deviation(once, 20)).toBeGreaterThan(deviation(once, 10));
  });
});

describe("a market without signals", () => {
  test("has one expectation for everybody", () => {
    const { oracle } = markets.none;
    const values = new Set(
      markets.none.issues
        .filter((issue) => issue.listed === 0 && issue.delisted > 300)
        .map((issue) => oracle.expectation(300, issue.index, 5)),
    );
    expect(values.size).toBe(1);
  });

  test("leaves the best linear predictor over public fields indistinguishable from zero", () => {
    const { largestT, mean, t } = outOfSample(panels.none);
    expect(Math.abs(t)).toBeLessThan(1.96);
    expect(Math.abs(mean)).toBeLessThan(0.01);
    expect(largestT).toBeLessThan(3.2);
  });
});

describe("ex-dates", () => {
  /** Slope of returns on dividend yields over all ex-dates, both less their mean of the date; and the oracle's, in place of returns. */
  async function slopesOnExDates(
    dividendDrop: boolean,
  ): Promise<{ returned: number; foreseen: number }> {
    const market = await makeMarket({
      from: "2018-01-04",
      to: "2025-12-30",
      stocks: 160,
      seed: 4,
      dividendDrop,
    });
    const { issues, oracle, prices } = market;
    const byCode = new Map(issues.map((issue) => [issue.code, issue]));
    const events = new Set(
      prices.events.map((event) => event.session * issues.length + event.issue),
    );
    const cases: { session: number; pay: number; move: number; expected: number }[] = [];
    for (const row of allRows(market, "/fins/dividend")) {
      const session = market.sessions.indexOf(epochDay(String(row["ExDate"])));
      const issue = byCode.get(String(row["Code"]));
      if (
        row["FRCode"] !== "1" ||
        issue === undefined ||
        session <= issue.listed ||
        session >= issue.delisted
      )
        continue;
      const cell = session * issues.length + issue.index;
      if (events.has(cell)) continue;
      const before = prices.close[cell - issues.length];
      cases.push({
        session,
        pay: (Number(row["DivRate"]) * 10) / before,
        move: prices.close[cell] / before - 1,
        expected: oracle.expectation(session - 1, issue.index, 1),
      });
    }
    let [squares, moves, expected] = [0, 0, 0];
    for (const group of Map.groupBy(cases, ({ session }) => session).values()) {
      const mean = group.reduce((sum, { pay }) => sum + pay, 0) / group.length;
      for (const { expected: foreseen, move, pay } of group) {
        squares += (pay - mean) ** 2;
        moves += (pay - mean) * move;
        expected += (pay - mean) * foreseen;
      }
    }
    return { returned: moves / squares, foreseen: expected / squares };
  }

  test("leave price returns fair by default", async () => {
    const { foreseen, returned } = await slopesOnExDates(false);
    expect(Math.abs(returned)).toBeLessThan(0.2);
    expect(Math.abs(foreseen)).toBeLessThan(1e-9);
  });

  test("let closes fall by the dividend where asked, as the oracle foresees", async () => {
    const { foreseen, returned } = await slopesOnExDates(true);
    expect(returned).toBeGreaterThan(-1.2);
    expect(returned).toBeLessThan(-0.8);
    expect(foreseen).toBeGreaterThan(-1.05);
    expect(foreseen).toBeLessThan(-0.9);
  });
});
