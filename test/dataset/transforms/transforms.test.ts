import { describe, expect, it } from "vitest";
import { walkForward } from "../../../src/dataset/splits/index.ts";
import {
  crossSectionalRank,
  crossSectionalZ,
  impute,
  normalise,
  robustScale,
  rowTable,
  stockRows,
  target,
  targetBounds,
  trailingZ,
  winsor,
} from "../../../src/dataset/transforms/index.ts";
import { mean, std } from "../../../src/stats/index.ts";
import { labelledRows } from "../splits/rows.ts";
import { splitTable } from "./table.ts";

const index = {
  dates: Int32Array.of(10, 11, 12),
  sessions: Int32Array.of(0, 0, 0, 0, 1, 1, 2),
  codes: Int32Array.of(0, 1, 2, 3, 0, 1, 0),
};

describe("crossSectionalZ", () => {
  it("scales each session by its own stocks, missing ones aside", () => {
    const z = crossSectionalZ(Float32Array.of(1, 2, 3, Number.NaN, 5, 5, 9), index, {
      minStocks: 2,
    });
    expect([...z]).toEqual([-1, 0, 1, NaN, NaN, NaN, NaN]);
  });

  it("clips outliers and treats Infinity as missing", () => {
    const values = Float32Array.of(0, 0, 0, 1000, Infinity, 1, 2);
    const z = crossSectionalZ(values, index, { minStocks: 2, clip: 1 });
    expect(z[3]).toBe(1);
    expect(z[4]).toBeNaN();
  });

  it("is NaN below minStocks", () => {
    expect(crossSectionalZ(Float32Array.of(1, 2, 3, 4, 5, 6, 7), index)[0]).toBeNaN();
  });
});

describe("crossSectionalRank", () => {
  it("puts ranks evenly into (−1/2, 1/2) and shares ties", () => {
    const ranks = crossSectionalRank(Float32Array.of(30, 10, 20, 20, 1, 2, 3), index, {
      minStocks: 2,
    });
    expect([...ranks]).toEqual([0.375, -0.375, 0, 0, -0.25, 0.25, NaN]);
  });
});

describe("stockRows", () => {
  it("lists each stock's rows oldest first", () => {
    const { offsets, rows } = stockRows(index);
    expect([...offsets]).toEqual([0, 3, 5, 6, 7]);
    expect([...rows]).toEqual([0, 4, 6, 1, 5, 2, 3]);
  });
});

describe("winsor", () => {
  it("bounds test values by quantiles of the training rows", () => {
    const { table, split } = splitTable();
    const fitted = winsor({ columns: ["fat"], lower: 0.05, upper: 0.95 }).fit(split.train, table);
    const values = fitted.transform(table).column("fat");
    const { low, high } = fitted.states[0].columns[0].parameters ?? {};
    const trained = Float64Array.from(
      split.train.indices,
      (row) => table.column("fat")[row],
    ).sort();
    expect(low).toBeCloseTo(trained[Math.round(0.05 * (trained.length - 1))], 1);
    expect(Math.max(...values)).toBeCloseTo(high, 5);
    expect(Math.min(...values)).toBeCloseTo(low, 5);
  });
});

describe("robustScale", () => {
  it("is near a z-score for a normal column and 0 for a constant one", () => {
    const { table, split } = splitTable();
    const scaled = robustScale().fit(split.train, table).transform(table);
    expect(std(Float64Array.from(scaled.column("steady")))).toBeCloseTo(1, 0);
    expect(new Set(scaled.column("constant"))).toEqual(new Set([0]));
  });
});

describe("impute", () => {
  it("fills with the training median and says what was observed", () => {
    const { table, split } = splitTable();
    const filled = impute({ columns: ["gappy", "late"] })
      .fit(split.train, table)
      .transform(table);
    const observed = filled.column("gappy_observed");
    const gap = table.column("gappy").findIndex((value) => Number.isNaN(value));
    expect(filled.column("gappy")[gap]).toBeCloseTo(10, 0);
    expect(observed[gap]).toBe(0);
    expect(mean(Float64Array.from(observed))).toBeCloseTo(0.7, 1);
    expect(filled.columnNames).toContain("late_observed");
    expect(new Set(filled.column("late"))).toEqual(new Set([0]));
  });
});

describe("trailingZ", () => {
  it("compares each value with its stock's own window", () => {
    const rows = labelledRows({ sessions: 40, stocks: 2, horizon: 2 });
    const [split] = walkForward({ nSplits: 1, testSize: 5, purgeDays: 2 }).split(rows);
    const values = Float32Array.from(
      rows.sessions,
      (session, row) => session * (row % 2 === 0 ? 1 : -100),
    );
    const table = rowTable(rows, new Map([["trend", values]]));
    const z = trailingZ({ window: 3, minPeriods: 3 })
      .fit(split.train, table)
      .transform(table)
      .column("trend");
    expect(z[0]).toBeNaN();
    expect(z[3]).toBeNaN();
    // The floor is a hundredth of the training deviation, above a step of 1 and below one of 100.
    expect(z[5]).toBeCloseTo(-1, 6);
    expect(Math.abs(z[4])).toBeLessThan(1);
  });
});

describe("normalise", () => {
  it("takes the transform from the declared class", () => {
    const { table, split } = splitTable();
    const result = normalise(
      [
        { name: "steady", normalisation: "cross_sectional" },
        { name: "fat", normalisation: "raw" },
      ],
      { scale: false, fill: false },
    )
      .fit(split.train, table)
      .transform(table);
    expect(result.column("steady")).toEqual(crossSectionalZ(table.column("steady"), table.index));
    expect(Math.max(...result.column("fat"))).toBeLessThan(1e6);
    expect(result.column("gappy")).toEqual(table.column("gappy"));
    expect(result.columnNames).toEqual(table.columnNames);
  });
});

describe("target", () => {
  const rows = labelledRows({ sessions: 30, stocks: 4, horizon: 2 });
  const [split] = walkForward({ nSplits: 1, testSize: 5, purgeDays: 2 }).split(rows);
  const label = Float64Array.from(rows.sessions, (session, row) => session + (row % 4) * (row % 4));

  it("z-scores and ranks within each session of the rows", () => {
    const z = target(label, split.train, "z");
    expect(mean(z.subarray(0, 4))).toBeCloseTo(0, 12);
    expect(std(z.subarray(4, 8))).toBeCloseTo(1, 12);
    expect([...target(label, split.train, "rank").subarray(0, 4)]).toEqual([
      -0.375, -0.125, 0.125, 0.375,
    ]);
    expect(target(label, split.train, "gaussian")[3]).toBeCloseTo(1.1503494, 6);
  });

  it("keeps an unknown label unknown", () => {
    const gappy = label.with(1, Number.NaN);
    const ranks = target(gappy, split.train, "rank");
    expect(ranks[1]).toBeNaN();
    expect(ranks[3]).toBeCloseTo(1 / 3, 12);
  });

  it("bounds by quantiles of the training rows alone", () => {
    const bounds = targetBounds(
      label.map((value, row) => (row > 100 ? 1e9 : value)),
      split.train,
    );
    expect(bounds.high).toBeLessThan(100);
  });
});
