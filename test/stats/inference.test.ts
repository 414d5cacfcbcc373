// Regression, Newey-West, bootstrap, distributions and the DFT at their edges.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng } from "../../src/rng.ts";
import {
  inverseRealDft,
  mean,
  movingBlockBootstrap,
  neweyWestErrors,
  neweyWestLags,
  neweyWestMean,
  normalCdf,
  normalQuantile,
  ols,
  realDft,
  realDftMatrices,
  studentTCdf,
  studentTQuantile,
} from "../../src/stats/index.ts";
import { expectClose } from "./close.ts";

const nan = Number.NaN;

describe("ols", () => {
  it("is exact on a line and leaves rows with a missing value out", () => {
    const x = Float64Array.of(1, 2, nan, 4, 5);
    const y = Float64Array.of(5, 7, 100, 11, nan);
    const fit = ols(y, [x]);
    expectClose(fit.coefficients, [3, 2], 1e-12);
    expectClose(fit.residuals, [0, 0, nan, 0, nan], 1e-12, 1);
    expect([fit.count, fit.degreesOfFreedom]).toEqual([3, 1]);
  });

  it("is NaN when columns are collinear or rows fewer than coefficients", () => {
    const x = Float64Array.of(1, 2, 3, 4.5);
    const y = Float64Array.of(1, 0, 1, 3);
    const collinear = ols(y, [x, x.map((value) => 3 * value - 1)]);
    expect([...collinear.coefficients, ...collinear.standardErrors]).toEqual(
      new Array(6).fill(nan),
    );
    expect([...ols(y.subarray(0, 1), [x.subarray(0, 1)]).coefficients]).toEqual([nan, nan]);
  });

  it("has no standard error when rows are as many as coefficients", () => {
    const fit = ols(Float64Array.of(1, 4), [Float64Array.of(0, 1)]);
    expectClose(fit.coefficients, [1, 3], 1e-12);
    expect([...fit.standardErrors]).toEqual([nan, nan]);
  });

  it("refuses columns of another length and a fit of nothing", () => {
    expect(() => ols(Float64Array.of(1), [Float64Array.of(1, 2)])).toThrow(
      "each column must have 1",
    );
    expect(() => ols(Float64Array.of(1), [], { intercept: false })).toThrow("found neither");
  });
});

describe("neweyWestMean", () => {
  it("is the regression on a constant with Newey-West errors", () => {
    const values = Float64Array.from({ length: 50 }, (_, i) => Math.sin(i) + i / 100);
    const fit = ols(values, []);
    const found = neweyWestMean(values, { lags: 4 });
    expectClose([found.mean], fit.coefficients, 1e-12);
    expectClose([found.standardError], neweyWestErrors(fit, { lags: 4 }), 1e-12);
  });

  it("takes floor(4 (n / 100)^(2/9)) lags when told nothing", () => {
    expect([1, 50, 100, 250, 2450].map(neweyWestLags)).toEqual([0, 3, 4, 4, 8]);
    expect(neweyWestMean(new Float64Array(100)).lags).toBe(4);
  });

  it("has no t on a constant series, and no error on fewer than two values", () => {
    const constant = neweyWestMean(Float64Array.of(0.1, 0.1, 0.1, nan));
    expect([constant.standardError, constant.tStatistic, constant.count]).toEqual([0, nan, 3]);
    const single = neweyWestMean(Float64Array.of(2, nan));
    expect([single.mean, single.standardError, single.tStatistic]).toEqual([2, nan, nan]);
    expect(neweyWestMean(new Float64Array(0)).mean).toBe(nan);
  });
});

describe("movingBlockBootstrap", () => {
  it("repeats with a seed and differs with another", () => {
    const values = Float64Array.from({ length: 60 }, (_, i) => Math.cos(i * i));
    const draw = (seed: string): Float64Array =>
      movingBlockBootstrap(values, mean, { rng: createRng(seed), nResamples: 50 }).replicates;
    expect(draw("a")).toEqual(draw("a"));
    expect(draw("a")).not.toEqual(draw("b"));
  });

  it("rebuilds the series from runs of adjacent rows, the last one cut", () => {
    const values = Float64Array.from({ length: 23 }, (_, i) => i);
    const seen: Float64Array[] = [];
    const keep = (sample: Float64Array): number => seen.push(sample.slice());
    const options = { rng: createRng(3), blockLength: 5, nResamples: 40 };
    movingBlockBootstrap(values, keep, options);
    for (const sample of seen.slice(1)) {
      expect(sample).toHaveLength(23);
      sample.forEach((value, i) => {
        if (i % 5 > 0) expect(value).toBe(sample[i - 1]! + 1);
      });
    }
    expect(new Set(seen.map((sample) => sample[0])).size).toBeGreaterThan(10);
  });

  it("is NaN without values and refuses options out of range", () => {
    const rng = createRng(1);
    const empty = movingBlockBootstrap(Float64Array.of(nan), mean, { rng, nResamples: 3 });
    expect([empty.estimate, empty.lower, empty.upper]).toEqual([nan, nan, nan]);
    const values = Float64Array.of(1, 2);
    expect(() => movingBlockBootstrap(values, mean, { rng, confidence: 1 })).toThrow("confidence");
    expect(() => movingBlockBootstrap(values, mean, { rng, blockLength: 0 })).toThrow(
      "blockLength",
    );
  });
});

describe("distributions", () => {
  it("have quantiles that undo their cumulative probabilities", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true }),
        fc.double({ min: 0.6, max: 1e4, noNaN: true }),
        (p, df) => {
          expectClose([normalCdf(normalQuantile(p))], [p], 1e-12);
          expectClose([studentTCdf(studentTQuantile(p, df), df)], [p], 1e-12);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("are NaN where they are not defined and the normal at infinitely many degrees", () => {
    expect([studentTCdf(1, 0), studentTQuantile(0.4, -1), studentTQuantile(2, 5)]).toEqual(
      new Array(3).fill(nan),
    );
    expect(studentTCdf(1.3, Infinity)).toBe(normalCdf(1.3));
    expect(studentTQuantile(0.1, Infinity)).toBe(normalQuantile(0.1));
    expectClose([studentTCdf(-1e200, 1)], [1 / (Math.PI * 1e200)], 1e-12);
  });
});

describe("realDft", () => {
  it("is undone by inverseRealDft at every length", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 40 }),
        (cells) => {
          const values = Float64Array.from(cells);
          expectClose(inverseRealDft(realDft(values), values.length), values, 1e-12, 1000);
        },
      ),
    );
  });

  it("turns quarter turns exactly", () => {
    const { cosine, sine, bins } = realDftMatrices(4);
    expect(bins).toBe(3);
    expectClose(cosine, [1, 1, 1, 1, 1, 0, -1, 0, 1, -1, 1, -1], 0);
    expectClose(sine, [0, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0, 0], 0);
  });

  it("refuses an empty series and a spectrum of another length", () => {
    expect(() => realDft(new Float64Array(0))).toThrow("expected at least 1 value, found 0");
    expect(() => inverseRealDft(realDft(Float64Array.of(1, 2)), 5)).toThrow("real must have 3");
  });
});
