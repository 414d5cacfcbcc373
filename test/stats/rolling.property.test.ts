// Rolling kernels against their brute-force twins on series with gaps, 1e12 spikes and infinities.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  mean,
  median,
  pearson,
  quantile,
  rank,
  rollingBeta,
  rollingCorr,
  rollingCov,
  rollingMax,
  rollingMean,
  rollingMedian,
  rollingMin,
  rollingQuantile,
  rollingRank,
  rollingStd,
  rollingSum,
  rollingVar,
  rollingZscore,
  std,
  variance,
  type RollingOptions,
} from "../../src/stats/index.ts";
import { expectClose } from "./close.ts";

/** Two summation orders over a window that may hold a 1e12 spike: relative to the largest value in the window. */
const tolerance = 1e-9;

const cell = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: -1e8, max: 1e8 }).map((value) => value / 1e6) },
  { weight: 3, arbitrary: fc.constant(Number.NaN) },
  { weight: 2, arbitrary: fc.integer({ min: -2, max: 2 }) },
  { weight: 1, arbitrary: fc.constantFrom(1e12, -1e12, Infinity, -Infinity) },
);
const series = fc.array(cell, { maxLength: 120 }).map((cells) => Float64Array.from(cells));
const shape = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.nat())
  .map(([window, least]) => ({ window, minPeriods: least % (window + 1) }));

type Kernel = (
  values: Float64Array,
  window: number,
  out?: Float64Array,
  options?: RollingOptions,
) => Float64Array;

const twins: readonly (readonly [Kernel, (window: Float64Array) => number])[] = [
  [rollingSum, (window) => window.reduce((sum, value) => sum + value, 0)],
  [rollingMean, mean],
  [rollingVar, (window) => variance(window)],
  [rollingStd, (window) => std(window)],
  [rollingMin, (window) => (window.length > 0 ? Math.min(...window) : Number.NaN)],
  [rollingMax, (window) => (window.length > 0 ? Math.max(...window) : Number.NaN)],
  [rollingMedian, median],
];

describe.each(twins.map(([kernel, twin]) => [kernel.name, kernel, twin] as const))(
  "%s",
  (_, kernel, twin) => {
    it("equals its brute-force twin at every window and minPeriods", () => {
      fc.assert(
        fc.property(series, shape, (values, { window, minPeriods }) => {
          const found = kernel(values, window, undefined, { minPeriods });
          const squared = kernel === rollingVar;
          forEachWindow(values, window, (known, i) => {
            const expected = known.length < minPeriods ? Number.NaN : twin(known);
            const size = known.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
            expectClose(
              [found[i]!],
              [expected],
              tolerance,
              scaleOf(known, expected, size, squared),
            );
          });
        }),
        { numRuns: 300 },
      );
    });

    it("is unmoved by a spike, a gap or an infinity that has left the window", () => {
      const quiet = Float64Array.from({ length: 300 }, (__, i) => Math.sin(i * 1.7) + 1000);
      const clean = kernel(quiet, 20, undefined, { minPeriods: 1 });
      for (const shock of [1e12, -1e12, Infinity, Number.NaN]) {
        const shocked = quiet.slice();
        shocked[77] = shock;
        const after = kernel(shocked, 20, undefined, { minPeriods: 1 });
        expectClose(after.subarray(97), clean.subarray(97), 1e-12);
      }
    });

    it("writes into the subarray of a shared column it is given and nowhere else", () => {
      const column = new Float64Array(new SharedArrayBuffer(8 * 30)).fill(7);
      const values = Float64Array.from({ length: 10 }, (__, i) => i);
      const out = column.subarray(10, 20);
      expect(kernel(values, 3, out)).toBe(out);
      expectClose(out, kernel(values, 3), 0);
      expect([...column.subarray(0, 10), ...column.subarray(20)].every((v) => v === 7)).toBe(true);
    });

    it("refuses a window below 1, minPeriods above the window and an out of another length", () => {
      const values = new Float64Array(5);
      expect(() => kernel(values, 0)).toThrow("window must be an integer of at least 1, found 0");
      expect(() => kernel(values, 3, undefined, { minPeriods: 4 })).toThrow("minPeriods must be");
      expect(() => kernel(values, 3, new Float64Array(4))).toThrow(
        "out must have 5 values, found 4",
      );
    });
  },
);

/** Where deviations are tiny beside the values, both ways round to the values' own precision. */
function scaleOf(known: Float64Array, expected: number, size: number, squared: boolean): number {
  if (Number.isNaN(expected)) return 0;
  const roundoff = size * 1e-5;
  return known.length < 2 ? 0 : squared ? roundoff * roundoff : roundoff;
}

function forEachWindow(
  values: Float64Array,
  window: number,
  visit: (known: Float64Array, row: number) => void,
): void {
  for (let i = 0; i < values.length; i += 1) {
    const part = values.subarray(Math.max(0, i - window + 1), i + 1);
    visit(
      part.filter((value) => Number.isFinite(value)),
      i,
    );
  }
}

describe("rollingZscore", () => {
  it("is (value − rollingMean) / rollingStd, NaN where the value is missing or nothing varies", () => {
    fc.assert(
      fc.property(series, shape, (values, { window, minPeriods }) => {
        const found = rollingZscore(values, window, undefined, { minPeriods });
        forEachWindow(values, window, (known, i) => {
          const spread = known.length < Math.max(2, minPeriods) ? Number.NaN : std(known);
          const defined = Number.isFinite(values[i]) && known.some((value) => value !== known[0]);
          const expected = defined ? (values[i]! - mean(known)) / spread : Number.NaN;
          expectClose([found[i]!], [expected], 1e-6, 1);
        });
      }),
      { numRuns: 300 },
    );
  });
});

describe("rollingQuantile and rollingRank", () => {
  it("equal the quantile and the rank of the window's values", () => {
    fc.assert(
      fc.property(
        series,
        shape,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, { window, minPeriods }, q) => {
          const options = { minPeriods };
          const quantiles = rollingQuantile(values, window, q, undefined, options);
          const ranks = rollingRank(values, window, undefined, options);
          forEachWindow(values, window, (known, i) => {
            const enough = known.length >= minPeriods;
            const size = known.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
            expectClose([quantiles[i]!], [enough ? quantile(known, q) : Number.NaN], 1e-12, size);
            const rankable = enough && Number.isFinite(values[i]);
            expect(ranks[i]).toBe(rankable ? rank(known).at(-1) : Number.NaN);
          });
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("variance and its kin", () => {
  const windows = [2, 4, 20, 150];

  it("keep their digits at a level 1e8 times the spread, gaps and all", () => {
    const values = Float64Array.from({ length: 400 }, (_, i) =>
      i % 13 === 4 ? Number.NaN : 1e8 + Math.sin(i * i),
    );
    const other = values.map((value, i) => 1e8 - value + Math.cos(i));
    for (const window of windows) {
      const options = { minPeriods: 2 };
      const spreads = rollingStd(values, window, undefined, options);
      const covariances = rollingCov(values, other, window, undefined, options);
      forEachWindow(values, window, (known, i) => {
        const partners = other.subarray(Math.max(0, i - window + 1), i + 1);
        const pairs = partners.filter((value) => Number.isFinite(value));
        if (known.length < 2) return;
        expectClose([spreads[i]!], [std(known)], 1e-9);
        expectClose([covariances[i]!], [covariance(known, pairs)], 1e-6);
      });
    }
  });

  it("are exactly 0 where all values of the window are equal", () => {
    const values = new Float64Array(300).fill(0.1);
    values[0] = 1e12;
    for (const window of windows) {
      expect([...rollingVar(values, window).subarray(window)].every((v) => v === 0)).toBe(true);
      expect([...rollingZscore(values, window).subarray(window)].every(Number.isNaN)).toBe(true);
    }
  });
});

describe("long windows", () => {
  it("equal their twins where sorted windows are searched by halves and blocks are long", () => {
    const values = Float64Array.from({ length: 700 }, (_, i) =>
      i % 11 === 3 ? Number.NaN : i % 97 === 5 ? 1e12 : Math.round(1000 * Math.sin(i * i)) / 10,
    );
    const medians = rollingMedian(values, 150, undefined, { minPeriods: 1 });
    const ranks = rollingRank(values, 150, undefined, { minPeriods: 1 });
    const means = rollingMean(values, 150, undefined, { minPeriods: 1 });
    const spreads = rollingStd(values, 150, undefined, { minPeriods: 1 });
    forEachWindow(values, 150, (known, i) => {
      expectClose([medians[i]!], [median(known)], 1e-12, 100);
      expect(ranks[i]).toBe(Number.isNaN(values[i]) ? Number.NaN : rank(known).at(-1));
      expectClose([means[i]!, spreads[i]!], [mean(known), std(known)], 1e-12);
    });
  });
});

describe("rollingCov, rollingCorr and rollingBeta", () => {
  it("equal the two-pass covariance of the complete pairs of the window", () => {
    const pairs = fc
      .array(fc.tuple(cell, cell), { maxLength: 90 })
      .map((rows) => rows.map(([a, b]) => [a, b] as const));
    fc.assert(
      fc.property(pairs, shape, (rows, { window, minPeriods }) => {
        const x = Float64Array.from(rows, ([a]) => a);
        const y = Float64Array.from(rows, ([, b]) => b);
        const covariances = rollingCov(x, y, window, undefined, { minPeriods });
        const correlations = rollingCorr(x, y, window, undefined, { minPeriods });
        const betas = rollingBeta(y, x, window, undefined, { minPeriods });
        for (let i = 0; i < rows.length; i += 1) {
          const known = rows
            .slice(Math.max(0, i - window + 1), i + 1)
            .filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b));
          const xs = Float64Array.from(known, ([a]) => a);
          const ys = Float64Array.from(known, ([, b]) => b);
          const enough = known.length >= Math.max(2, minPeriods);
          const xx = enough ? variance(xs) : Number.NaN;
          const xy = enough ? covariance(xs, ys) : Number.NaN;
          const spread = std(xs) * std(ys);
          expectClose([covariances[i]!], [xy], 1e-9, Math.max(spread, roundoff(xs, ys)));
          if (illConditioned(xs) || illConditioned(ys)) continue;
          expectClose([correlations[i]!], [enough ? pearson(xs, ys) : Number.NaN], 1e-8, 1);
          expectClose([betas[i]!], [xx > 0 ? xy / xx : Number.NaN], 1e-8, std(ys) / std(xs));
        }
      }),
      { numRuns: 300 },
    );
  });
});

function covariance(x: Float64Array, y: Float64Array): number {
  const centerX = mean(x);
  const centerY = mean(y);
  let sum = 0;
  for (let i = 0; i < x.length; i += 1) sum += (x[i]! - centerX) * (y[i]! - centerY);
  return sum / (x.length - 1);
}

function roundoff(x: Float64Array, y: Float64Array): number {
  const top = (values: Float64Array): number => Math.max(1, ...values.map(Math.abs));
  return top(x) * top(y) * 1e-5;
}

/** A window whose values differ by less than their own rounding allows any answer. */
function illConditioned(values: Float64Array): boolean {
  const size = Math.max(0, ...values.map(Math.abs));
  return values.some((value) => value !== values[0]) && std(values) < size * 1e-6;
}
