import { describe, expect, test } from "vitest";
import { mean, median, pearson, std } from "../../../src/stats/index.ts";
import { cellFlags } from "../../../src/simulator/market/price-table.ts";
import { allRows, makeMarket } from "./small-market.ts";

// Targets: the moments of Japanese equities over the last two decades, as ranges that hold for most seeds.
const market = await makeMarket({ stocks: 260, from: "2016-01-04", to: "2024-12-30", seed: 5 });

const { issues, prices, sessions } = market;
const factors = new Map(
  prices.events.map((event) => [event.session * issues.length + event.issue, event.factor]),
);

/** Returns of an issue on adjusted closes, NaN where it did not trade. */
function returnsOf(issue: number): Float64Array {
  return Float64Array.from({ length: sessions.count }, (_, d) => {
    const cell = d * issues.length + issue;
    if (d === 0 || !prices.has(cell, cellFlags.traded) || prices.close[cell - issues.length] === 0)
      return Number.NaN;
    return prices.close[cell] / (prices.close[cell - issues.length] * (factors.get(cell) ?? 1)) - 1;
  });
}

const stocks = issues.filter((issue) => issue.kind === "stock");
const series = stocks.map((issue) => returnsOf(issue.index));
const long = series.filter((returns) => known(returns).length > 800);
const topix = Float64Array.from(allRows(market, "/indices/bars/daily/topix"), (row) =>
  Number(row["C"]),
);
const marketReturns = topix.slice(1).map((level, i) => level / topix[i] - 1);

function known(values: Float64Array): Float64Array {
  return values.filter((value) => !Number.isNaN(value));
}

function kurtosis(values: Float64Array): number {
  const centre = mean(values);
  const squares = values.map((value) => (value - centre) ** 2);
  return mean(squares.map((value) => value * value)) / mean(squares) ** 2;
}

function autocorrelation(values: Float64Array, lag: number): number {
  return pearson(values.slice(lag), values.slice(0, values.length - lag));
}

function expectWithin(value: number, low: number, high: number): void {
  expect(value).toBeGreaterThan(low);
  expect(value).toBeLessThan(high);
}

describe("moments", () => {
  test("the cross-sectional deviation of daily returns is about 2 %", () => {
    const deviations = Float64Array.from({ length: sessions.count - 1 }, (_, d) =>
      std(known(Float64Array.from(series, (returns) => returns[d + 1]))),
    );
    expectWithin(mean(known(deviations)), 0.016, 0.023);
  });

  test("the market's volatility is 16 to 22 % a year, clusters, and has no direction that lasts", () => {
    expectWithin(std(marketReturns) * Math.sqrt(245), 0.16, 0.22);
    expectWithin(
      autocorrelation(
        marketReturns.map((value) => value * value),
        1,
      ),
      0.04,
      0.4,
    );
    expectWithin(autocorrelation(marketReturns, 1), -0.05, 0.05);
    expectWithin(kurtosis(marketReturns), 3.8, 12);
  });

  test("stocks have fat tails, clustered volatility and no serial correlation", () => {
    expectWithin(median(Float64Array.from(long, (returns) => kurtosis(known(returns)))), 5, 14);
    const squared = long.map((returns) =>
      autocorrelation(
        known(returns).map((value) => value * value),
        1,
      ),
    );
    expectWithin(mean(Float64Array.from(squared)), 0.03, 0.25);
    expectWithin(
      mean(Float64Array.from(long, (returns) => autocorrelation(known(returns), 1))),
      -0.015,
      0.015,
    );
  });

  test("stocks correlate at 0.2 to 0.3 on average and peers of a cluster clearly more", () => {
    const pairs = { peers: [] as number[], others: [] as number[] };
    for (let i = 0; i < 90; i += 1) {
      for (let j = i + 1; j < 90; j += 1) {
        const isPeer = stocks[i].cluster === stocks[j].cluster;
        if (known(series[i]).length < 800 || known(series[j]).length < 800) continue;
        (isPeer ? pairs.peers : pairs.others).push(pearson(series[i], series[j]));
      }
    }
    const others = mean(Float64Array.from(pairs.others));
    expectWithin(others, 0.18, 0.32);
    expect(mean(Float64Array.from(pairs.peers)) - others).toBeGreaterThan(0.12);
  });

  test("few cells have no trade and a limit is touched now and then", () => {
    const { flags } = prices;
    const listed = flags.filter((flag) => (flag & cellFlags.listed) !== 0);
    const idle = listed.filter((flag) => (flag & cellFlags.traded) === 0).length / listed.length;
    const limits = cellFlags.morningUpper | cellFlags.afternoonUpper;
    expectWithin(idle, 0.001, 0.05);
    expectWithin(
      flags.filter((flag) => (flag & limits) !== 0).length / listed.length,
      0.00002,
      0.002,
    );
  });
});
