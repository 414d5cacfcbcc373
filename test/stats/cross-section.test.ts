// Cross-sectional kernels against brute force, and what they refuse.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  clip,
  kendall,
  meanByGroup,
  pearson,
  qcut,
  quantile,
  quantiles,
  rank,
  rankByGroup,
  spearman,
  winsorize,
  zscore,
} from "../../src/stats/index.ts";
import { ascendingOrder } from "../../src/stats/order.ts";
import { expectClose } from "./close.ts";

const nan = Number.NaN;

const cell = fc.oneof(
  fc.double({ noNaN: true }),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(nan, 0, -0, 1e12, -1e12, Infinity, -Infinity),
  fc.integer({ min: 0, max: 1e6 }).map((value) => 1 + value * Number.EPSILON),
);
const day = fc.array(cell, { maxLength: 400 }).map((cells) => Float64Array.from(cells));

function bruteRank(values: Float64Array): Float64Array {
  return values.map((value) => {
    if (Number.isNaN(value)) return nan;
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return below + (equal + 1) / 2;
  });
}

describe("rank", () => {
  it("counts the values below and half the equal ones, on days short and long", () => {
    fc.assert(
      fc.property(day, (values) => expectClose(rank(values), bruteRank(values), 0)),
      { numRuns: 200 },
    );
  });

  it("orders values whose upper 32 bits all agree, where the short radix sort cannot", () => {
    const values = Float64Array.from(
      { length: 1000 },
      (_, i) => 1 + ((i * 7919) % 1000) * Number.EPSILON,
    );
    expectClose(rank(values), bruteRank(values), 0);
    const negative = values.map((value) => -value);
    expectClose(rank(negative), bruteRank(negative), 0);
  });

  it("keeps equal values, −0 and 0 among them, in the order of their positions", () => {
    const values = Float64Array.from({ length: 300 }, (_, i) => [0, -0, 5, -0][i % 4]!);
    const { positions, count } = ascendingOrder(values);
    const zeros = [...positions.subarray(0, 225)];
    expect(count).toBe(300);
    expect(zeros).toEqual(zeros.toSorted((a, b) => a - b));
  });

  it("reads a subarray of a shared column in place and may write over it", () => {
    const column = new Float64Array(new SharedArrayBuffer(8 * 6));
    column.set([9, 3, 1, 2, nan, 9]);
    const middle = column.subarray(1, 5);
    expect([...rank(middle, middle)]).toEqual([3, 1, 2, nan]);
    expect([...column]).toEqual([9, 3, 1, 2, nan, 9].with(1, 3).with(2, 1).with(3, 2));
  });

  it("divides by the number of values, not of cells, with pct", () => {
    expect([...rank(Float64Array.of(5, nan, 7), undefined, { pct: true })]).toEqual([0.5, nan, 1]);
  });
});

describe("by group", () => {
  it("gives NaN to values of no group and to groups without values", () => {
    const values = Float64Array.of(1, 2, 3, nan, 5);
    const groups = Int32Array.of(0, -1, 0, 2, 4);
    expect([...rankByGroup(values, groups)]).toEqual([1, nan, 2, nan, 1]);
    expect([...meanByGroup(values, groups)]).toEqual([2, nan, 2, nan, 5]);
  });

  it("refuses a group below −1 and groups of another length", () => {
    expect(() => rankByGroup(Float64Array.of(1), Int32Array.of(-2))).toThrow("found -2 at 0");
    expect(() => rankByGroup(Float64Array.of(1), Int32Array.of(0, 1))).toThrow(
      "rankByGroup: groups must have 1 values, found 2",
    );
  });
});

describe("zscore", () => {
  it("is NaN on a day that does not vary, whatever rounding its mean has", () => {
    expect([...zscore(new Float64Array(7).fill(0.1))]).toEqual(new Array(7).fill(nan));
  });
});

describe("qcut", () => {
  it("refuses repeated edges and says how to drop them", () => {
    const values = Float64Array.of(1, 1, 1, 1, 2);
    expect(() => qcut(values, 4)).toThrow(
      'expected 5 different edges, found 2; pass duplicates: "drop"',
    );
    expect([...qcut(values, 4, undefined, { duplicates: "drop" })]).toEqual([0, 0, 0, 0, 0]);
  });

  it("puts nothing in a bucket on a day without values", () => {
    expect([...qcut(Float64Array.of(nan, nan), 5)]).toEqual([-1, -1]);
  });
});

describe("quantile, clip and winsorize", () => {
  it("leave the order of values as it is and bound them by the day's quantiles", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 300 }),
        (cells) => {
          const values = Float64Array.from(cells);
          const bounded = winsorize(values, undefined, { lower: 0.1, upper: 0.8 });
          const [low, high] = quantiles(values, [0.1, 0.8]);
          expectClose(
            bounded,
            values.map((value) => Math.min(high!, Math.max(low!, value))),
            0,
          );
        },
      ),
    );
  });

  it("refuse a share outside [0, 1] and bounds that cross", () => {
    expect(() => quantile(Float64Array.of(1), 1.5)).toThrow("q must be in [0, 1], found 1.5");
    expect(() => clip(Float64Array.of(1), 2, 1)).toThrow("low must not exceed high");
  });
});

describe("correlations", () => {
  const pairs = fc.array(fc.tuple(cell, cell), { maxLength: 120 });

  it("kendall counts concordant and discordant pairs as all pairs compared one by one", () => {
    fc.assert(
      fc.property(pairs, (rows) => {
        const x = Float64Array.from(rows, ([a]) => a);
        const y = Float64Array.from(rows, ([, b]) => b);
        expectClose([kendall(x, y)], [bruteKendall(x, y)], 1e-12, 1);
      }),
      { numRuns: 150 },
    );
  });

  it("spearman is the Pearson correlation of the ranks of complete pairs", () => {
    fc.assert(
      fc.property(pairs, (rows) => {
        const known = rows.filter(([a, b]) => !Number.isNaN(a) && !Number.isNaN(b));
        const x = bruteRank(Float64Array.from(known, ([a]) => a));
        const y = bruteRank(Float64Array.from(known, ([, b]) => b));
        const found = spearman(
          Float64Array.from(rows, ([a]) => a),
          Float64Array.from(rows, ([, b]) => b),
        );
        expectClose([found], [pearson(x, y)], 1e-12, 1);
      }),
      { numRuns: 150 },
    );
  });

  it("are NaN with fewer than two pairs, without variation, and refuse unequal lengths", () => {
    for (const correlation of [pearson, spearman, kendall]) {
      expect(correlation(Float64Array.of(1, nan), Float64Array.of(2, 3))).toBe(nan);
      expect(correlation(Float64Array.of(0.1, 0.1, 0.1), Float64Array.of(1, 2, 3))).toBe(nan);
      expect(correlation(new Float64Array(0), new Float64Array(0))).toBe(nan);
      expect(() => correlation(Float64Array.of(1), Float64Array.of(1, 2))).toThrow(
        "y must have 1 values, found 2",
      );
    }
  });
});

function bruteKendall(x: Float64Array, y: Float64Array): number {
  const rows = [...x.keys()].filter((i) => !Number.isNaN(x[i]) && !Number.isNaN(y[i]));
  let balance = 0;
  let pairsX = 0;
  let pairsY = 0;
  for (const i of rows) {
    for (const j of rows) {
      if (j <= i) continue;
      const a = Math.sign(order(x[i]!, x[j]!));
      const b = Math.sign(order(y[i]!, y[j]!));
      balance += a * b;
      pairsX += a * a;
      pairsY += b * b;
    }
  }
  return pairsX > 0 && pairsY > 0 ? balance / Math.sqrt(pairsX * pairsY) : nan;
}

function order(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
