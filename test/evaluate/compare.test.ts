import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compareRuns, dieboldMariano } from "../../src/evaluate/compare.ts";
import { evaluatePredictions, type HorizonEvaluation } from "../../src/evaluate/evaluate.ts";
import { createRng } from "../../src/rng.ts";

interface Golden {
  readonly cases: readonly {
    horizon: number;
    differences: number[];
    statistic: number;
    pValue: number;
  }[];
}

const golden: Golden = JSON.parse(
  readFileSync(new URL("../golden/diebold-mariano.json", import.meta.url), "utf8"),
);

function evaluationOf(skill: number, firstDay: number): HorizonEvaluation {
  const rng = createRng(4);
  const rows = 100 * 40;
  const label = Float64Array.from({ length: rows }, () => rng.normal());
  const noise = createRng(`noise ${skill}`);
  const predictions = {
    dates: Int32Array.from({ length: rows }, (_, row) => firstDay + Math.floor(row / 40)),
    codes: Int32Array.from({ length: rows }, (_, row) => row % 40),
    codeNames: Array.from({ length: 40 }, (_, index) => `${1000 + index}0`),
    folds: new Int32Array(rows),
    horizons: [
      { horizon: 1, score: label.map((v) => skill * v + noise.normal()), label, quantiles: [] },
    ],
    quantileLevels: [],
  };
  return evaluatePredictions(predictions, { rng: createRng(1) }).horizons[0];
}

describe("dieboldMariano", () => {
  it.each(golden.cases)("equals the reference at horizon $horizon", (example) => {
    const found = dieboldMariano(Float64Array.from(example.differences), example.horizon);
    expect(found.statistic).toBeCloseTo(example.statistic, 9);
    expect(found.pValue).toBeCloseTo(example.pValue, 9);
  });

  it("is null where the series does not vary or is shorter than the horizon", () => {
    expect(dieboldMariano(new Float64Array(30), 1).statistic).toBeNull();
    expect(dieboldMariano(Float64Array.from([1, 2]), 5).pValue).toBeNull();
  });
});

describe("compareRuns", () => {
  it("pairs sessions by date and finds the better run", () => {
    const found = compareRuns(evaluationOf(0.6, 19000), evaluationOf(0.1, 19020), createRng(1));
    expect(found.sessions).toBe(80);
    expect(found.difference.interval?.[0]).toBeGreaterThan(0.2);
    expect(found.dieboldMariano.pValue).toBeLessThan(1e-6);
  });

  it("finds no difference between a run and itself", () => {
    const same = compareRuns(evaluationOf(0.6, 19000), evaluationOf(0.6, 19000), createRng(1));
    expect(same.difference.mean).toBe(0);
    expect(same.dieboldMariano.statistic).toBeNull();
  });
});
