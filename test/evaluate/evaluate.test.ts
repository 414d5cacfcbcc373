import { describe, expect, it } from "vitest";
import { evaluatePredictions } from "../../src/evaluate/evaluate.ts";
import { monotonicity, quantileReturns } from "../../src/evaluate/quantile-returns.ts";
import { summarizeMean } from "../../src/evaluate/significance.ts";
import { createRng } from "../../src/rng.ts";
import { dayOffsets, type Predictions } from "../../src/runs/predictions.ts";

interface MarketOptions {
  readonly days?: number;
  readonly stocks?: number;
  readonly skill: number;
}

/** Standard normal labels and scores that correlate with them by about `skill`. */
function predictionsOf({ days = 120, stocks = 50, skill }: MarketOptions): Predictions {
  const rng = createRng(3);
  const rows = days * stocks;
  const label = Float64Array.from({ length: rows }, () => rng.normal());
  const noise = Math.sqrt(1 - skill * skill);
  return {
    dates: Int32Array.from({ length: rows }, (_, row) => 18_900 + Math.floor(row / stocks)),
    codes: Int32Array.from({ length: rows }, (_, row) => row % stocks),
    codeNames: Array.from({ length: stocks }, (_, index) => `${1000 + index}0`),
    folds: new Int32Array(rows),
    horizons: [
      {
        horizon: 1,
        score: label.map((value) => skill * value + noise * rng.normal()),
        label,
        quantiles: [],
      },
    ],
    quantileLevels: [],
  };
}

describe("evaluatePredictions", () => {
  it("finds the skill that was put in, with an interval around it", () => {
    const [found] = evaluatePredictions(predictionsOf({ skill: 0.1 }), {
      rng: createRng(1),
    }).horizons;
    const [low, high] = found.rankIc.interval ?? [Number.NaN, Number.NaN];
    expect(low).toBeLessThan(0.1);
    expect(high).toBeGreaterThan(0.08);
    expect(low).toBeGreaterThan(0.03);
    expect(found.monotonicity).toBeGreaterThan(0.7);
    expect(found.implausible).toBe(false);
  });

  it("calls a RankIC above 0.15 implausible", () => {
    const [found] = evaluatePredictions(predictionsOf({ skill: 0.3 }), {
      rng: createRng(1),
    }).horizons;
    expect(found.implausible).toBe(true);
  });

  it("covers 0 without skill", () => {
    const [found] = evaluatePredictions(predictionsOf({ skill: 0 }), {
      rng: createRng(1),
    }).horizons;
    const [low, high] = found.rankIc.interval ?? [Number.NaN, Number.NaN];
    expect(low).toBeLessThan(0);
    expect(high).toBeGreaterThan(0);
  });

  it("splits by calendar year and by the groups given, each row in one group", () => {
    const predictions = predictionsOf({ skill: 0.1 });
    const sector = {
      name: "sector",
      ofRow: predictions.codes.map((code) => code % 2),
      labels: ["even", "odd"],
    };
    const options = { rng: createRng(1), groups: [sector] };
    const [found] = evaluatePredictions(predictions, options).horizons;
    expect(found.by["year"].map(({ group }) => group)).toEqual(["2021", "2022"]);
    const rows = found.by["sector"].map((entry) => entry.rows);
    expect(rows).toEqual([found.rows / 2, found.rows / 2]);
  });

  it("gives null, never 0, for what a single session cannot tell", () => {
    const predictions = predictionsOf({ skill: 0.1, days: 1 });
    const [found] = evaluatePredictions(predictions, { rng: createRng(1) }).horizons;
    expect(found.rankIc).toMatchObject({ std: null, icir: null, tStat: null, interval: null });
    expect(found.rankIc.mean).not.toBeNull();
  });

  it("gives the same hash for the same predictions and another for others", () => {
    const hashOf = (skill: number): string =>
      evaluatePredictions(predictionsOf({ skill }), { rng: createRng(1) }).hash;
    expect(hashOf(0.1)).toBe(hashOf(0.1));
    expect(hashOf(0.1)).not.toBe(hashOf(0.11));
  });

  it("refuses rows out of order and arrays of other lengths", () => {
    const predictions = predictionsOf({ skill: 0.1 });
    const shuffled = { ...predictions, dates: predictions.dates.toReversed() };
    expect(() => evaluatePredictions(shuffled, { rng: createRng(1) })).toThrow(/ascend/u);
    const short = { ...predictions, folds: new Int32Array(3) };
    expect(() => evaluatePredictions(short, { rng: createRng(1) })).toThrow(
      /folds: expected 6000/u,
    );
  });
});

describe("the long-short spread", () => {
  it("pays cost for the change of weights against the tranche h sessions before", () => {
    const predictions: Predictions = {
      dates: Int32Array.from([1, 1, 2, 2, 3, 3]),
      codes: Int32Array.from([0, 1, 0, 1, 0, 1]),
      codeNames: ["10000", "20000"],
      folds: new Int32Array(6),
      horizons: [
        {
          horizon: 1,
          score: Float64Array.from([1, 2, 1, 2, 2, 1]),
          label: Float64Array.from([0, 0.01, 0, 0.02, 0, 0.03]),
          quantiles: [],
        },
      ],
      quantileLevels: [],
    };
    const found = quantileReturns(predictions, 1, { nQuantiles: 2, costBps: 100 });
    expect([...found.turnover]).toEqual([2, 0, 4]);
    expect([...found.spread]).toEqual([0.01, 0.02, -0.03]);
    expect(found.netSpread[0]).toBeCloseTo(0.01 - 0.02, 15);
    expect(found.netSpread[2]).toBeCloseTo(-0.03 - 0.04, 15);
  });

  it("is monotone with 1 when returns rise with every quantile", () => {
    expect(monotonicity([0, 1, 2, 3])).toBeCloseTo(1, 12);
    expect(monotonicity([3, 2, 1])).toBeCloseTo(-1, 12);
    expect(monotonicity([1])).toBeNaN();
  });
});

describe("summarizeMean", () => {
  it("is the same for the same rng and needs at least two label spans for an interval", () => {
    const series = Float64Array.from({ length: 30 }, (_, index) => Math.sin(index));
    const options = { horizon: 5, rng: createRng(1) };
    expect(summarizeMean(series, options)).toEqual(
      summarizeMean(series, { ...options, rng: createRng(1) }),
    );
    expect(summarizeMean(series, { horizon: 20, rng: createRng(1) }).interval).toBeNull();
  });
});

describe("dayOffsets", () => {
  it("starts every session and ends with the row count", () => {
    expect([...dayOffsets(Int32Array.from([5, 5, 7]))]).toEqual([0, 2, 3]);
    expect([...dayOffsets(new Int32Array(0))]).toEqual([0]);
  });
});
