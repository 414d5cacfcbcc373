import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { calibration, coverage } from "../../src/evaluate/calibration.ts";
import { dailyIc } from "../../src/evaluate/daily.ts";
import { evaluatePredictions } from "../../src/evaluate/evaluate.ts";
import { quantileReturns } from "../../src/evaluate/quantile-returns.ts";
import { rankAutocorrelation } from "../../src/evaluate/rank-autocorrelation.ts";
import { summarizeMean } from "../../src/evaluate/significance.ts";
import { createRng } from "../../src/rng.ts";
import type { Predictions } from "../../src/runs/predictions.ts";

// float64 against SciPy, statsmodels and alphalens: the same sums in another order.
const tolerance = 1e-10;

type Series = readonly (number | null)[];

interface Golden {
  readonly horizon: number;
  readonly rows: { date: number[]; code: number[]; score: Series; label: Series };
  readonly scipy: { dates: number[]; ic: Series; rankIc: Series };
  readonly statsmodels: Readonly<Record<"mean" | "std" | "tStat" | "slope" | "intercept", number>>;
  readonly alphalens: {
    dates: number[];
    byQuantile: Series[];
    spread: Series;
    rankIc: Series;
    rankIcDates: number[];
  };
  readonly full: {
    dates: number[];
    stocks: number;
    score: number[];
    label: number[];
    autocorrelation: Readonly<Record<string, number>>;
    quantileTurnover: Series;
    monotonicity: number;
    meanByQuantile: number[];
    positiveShare: number;
  };
  readonly sklearn: Readonly<Record<"pinball" | "coverage" | "offsets", Record<string, number>>>;
}

const golden: Golden = JSON.parse(
  readFileSync(new URL("../golden/evaluate.json", import.meta.url), "utf8"),
);

function numbers(series: Series): Float64Array {
  return Float64Array.from(series, (value) => value ?? Number.NaN);
}

function expectClose(found: ArrayLike<number>, expected: Series): void {
  expect(found.length).toBe(expected.length);
  expected.forEach((value, index) => {
    if (value === null) expect(found[index], `row ${index}`).toBeNaN();
    else expect(Math.abs(found[index] - value), `row ${index}`).toBeLessThan(tolerance);
  });
}

const score = numbers(golden.rows.score);
const label = numbers(golden.rows.label);
const dates = Int32Array.from(golden.rows.date);
const levels = Object.keys(golden.sklearn.offsets);
const predictions: Predictions = {
  dates,
  codes: Int32Array.from(golden.rows.code),
  codeNames: Array.from({ length: 24 }, (_, index) => `${1000 + index}0`),
  folds: new Int32Array(dates.length),
  horizons: [
    {
      horizon: golden.horizon,
      score,
      label,
      quantiles: levels.map((level) =>
        score.map((value) => 0.05 * value + golden.sklearn.offsets[level]),
      ),
    },
  ],
  quantileLevels: levels.map(Number),
};

describe("daily IC", () => {
  const daily = dailyIc(dates, score, label);

  it("equals SciPy's pearsonr and spearmanr on every session, ties and gaps included", () => {
    expect([...daily.dates]).toEqual(golden.scipy.dates);
    expectClose(daily.ic, golden.scipy.ic);
    expectClose(daily.rankIc, golden.scipy.rankIc);
  });

  it("equals alphalens' information coefficient where that has one", () => {
    const at = golden.alphalens.rankIcDates.map((date) => daily.dates.indexOf(date));
    expectClose(
      at.map((index) => daily.rankIc[index]),
      golden.alphalens.rankIc,
    );
  });

  it("is NaN on a session with a single stock", () => {
    expect(daily.rankIc[daily.dates.indexOf(19030)]).toBeNaN();
  });

  it("has the mean, deviation and Newey-West t of statsmodels", () => {
    const summary = summarizeMean(daily.rankIc, { horizon: golden.horizon, rng: createRng(1) });
    expect(summary.mean).toBeCloseTo(golden.statsmodels.mean, 12);
    expect(summary.std).toBeCloseTo(golden.statsmodels.std, 12);
    expect(summary.tStat).toBeCloseTo(golden.statsmodels.tStat, 9);
  });
});

describe("quantile returns", () => {
  it("equal alphalens' mean return by quantile and spread on sessions it can cut", () => {
    const found = quantileReturns(predictions, golden.horizon, { nQuantiles: 5 });
    const at = golden.alphalens.dates.map((date) => found.dates.indexOf(date));
    golden.alphalens.byQuantile.forEach((series, quantile) => {
      expectClose(
        at.map((index) => found.byQuantile[quantile][index]),
        series,
      );
    });
    expectClose(
      at.map((index) => found.spread[index]),
      golden.alphalens.spread,
    );
  });
});

describe("calibration", () => {
  it("has the slope and intercept of statsmodels' regression", () => {
    const { slope, intercept } = calibration(predictions, golden.horizon);
    expect(slope).toBeCloseTo(golden.statsmodels.slope, 12);
    expect(intercept).toBeCloseTo(golden.statsmodels.intercept, 12);
  });

  it("has scikit-learn's pinball loss and the share of labels below each quantile", () => {
    const found = coverage(predictions, golden.horizon);
    expect(found.levels.map(({ level }) => String(level))).toEqual(levels);
    for (const { level, coverage: share, pinballLoss } of found.levels) {
      expect(share).toBeCloseTo(golden.sklearn.coverage[level], 12);
      expect(pinballLoss).toBeCloseTo(golden.sklearn.pinball[level], 12);
    }
    expect(found.crossingRate).toBe(0);
  });
});

describe("a panel without gaps", () => {
  const { full } = golden;
  const { stocks } = full;
  const panel: Predictions = {
    dates: Int32Array.from(full.score, (_, row) => full.dates[Math.floor(row / stocks)]),
    codes: Int32Array.from(full.score, (_, row) => row % stocks),
    codeNames: Array.from({ length: stocks }, (_, index) => `${1000 + index}0`),
    folds: new Int32Array(full.score.length),
    horizons: [
      {
        horizon: golden.horizon,
        score: Float64Array.from(full.score),
        label: Float64Array.from(full.label),
        quantiles: [],
      },
    ],
    quantileLevels: [],
  };
  const [found] = evaluatePredictions(panel, { rng: createRng(1), nQuantiles: 5 }).horizons;

  it("has alphalens' rank autocorrelation at each lag", () => {
    for (const [lag, expected] of Object.entries(full.autocorrelation)) {
      expect(rankAutocorrelation(panel, Number(lag))).toBeCloseTo(expected, 10);
    }
  });

  it("trades twice the names that change in alphalens' top and bottom quantile", () => {
    const { turnover } = found.daily.quantiles;
    const expected = numbers(full.quantileTurnover).map((share) => 2 * share);
    const later = Array.from(turnover.keys()).filter((day) => Number.isFinite(expected[day]));
    expect(later).toHaveLength(full.dates.length - golden.horizon);
    expectClose(
      later.map((day) => turnover[day]),
      later.map((day) => expected[day]),
    );
  });

  it("has alphalens' mean return by quantile, SciPy's monotonicity of it, and the share of sessions above 0", () => {
    expectClose(
      found.quantileMeans.map((value) => value ?? Number.NaN),
      full.meanByQuantile,
    );
    expect(found.monotonicity).toBeCloseTo(full.monotonicity, 12);
    expect(found.rankIc.positiveShare).toBeCloseTo(full.positiveShare, 12);
  });
});
