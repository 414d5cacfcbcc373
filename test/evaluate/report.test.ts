// From a dataset to pages: a factor's report by sector and size class, and a run's page with everything that a reader looks for.

import { readFileSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { epochDay, isoDate } from "../../src/calendar/index.ts";
import { buildDataset, openDataset } from "../../src/dataset/index.ts";
import {
  evaluateFactor,
  evaluateRun,
  type FactorReport,
  publishReport,
  renderFactorReport,
} from "../../src/evaluate/index.ts";
import type { Lake } from "../../src/lake/index.ts";
import { createRng } from "../../src/rng.ts";
import {
  type Predictions,
  runFolder,
  type RunManifest,
  writeChecks,
  writeImportance,
  writePredictions,
  writeRun,
} from "../../src/runs/index.ts";
import { simulatedLake } from "../dataset/simulated-lake.ts";

const paths = [
  "/equities/master",
  "/equities/bars/daily",
  "/indices/bars/daily/topix",
  "/markets/calendar",
];

let lake: Lake;
let factor: FactorReport;

beforeAll(async () => {
  lake = await simulatedLake({ stocks: 60, from: "2021-01-04", to: "2021-12-30", paths });
  await buildDataset(lake, {
    from: epochDay("2021-03-01"),
    to: epochDay("2021-11-30"),
    selection: "returns_1d,returns_5d",
  });
  const rng = createRng("factor");
  factor = evaluateFactor("returns_5d", { home: lake.home, horizons: [1, 5], rng });
});
afterAll(() => rmSync(lake.home, { recursive: true }));

describe("evaluateFactor", () => {
  it("judges the column at each horizon, by year, sector, size class and turnover", () => {
    expect(factor.evaluation.horizons.map(({ horizon }) => horizon)).toEqual([1, 5]);
    const [{ by, rows }] = factor.evaluation.horizons;
    expect(Object.keys(by)).toEqual(["year", "sector33", "size class", "turnover"]);
    expect(by["turnover"].map(({ group }) => group)).toEqual([
      "small third",
      "middle third",
      "large third",
    ]);
    const inThirds = by["turnover"].reduce((sum, group) => sum + group.rows, 0);
    expect(inThirds).toBe(rows);
    expect(by["size class"].map(({ group }) => group)).toContain("TOPIX Small 1");
    expect(by["sector33"].find(({ group }) => group.startsWith("3650"))?.group).toMatch(
      /電気機器/u,
    );
  });

  it("knows that a five-session return lasts less and less, and is 0 with itself after five sessions", () => {
    const [near, far] = factor.autocorrelation;
    expect(near).toMatchObject({ lag: 1 });
    expect(near.mean).toBeGreaterThan(0.6);
    expect(Math.abs(far.mean ?? 1)).toBeLessThan(0.2);
  });

  it("sees the rise that takes a stock into the top tenth before the day it enters", () => {
    const at = (offset: number): number =>
      factor.eventWindow.find((point) => point.offset === offset)?.meanReturn ?? Number.NaN;
    expect(at(0)).toBeGreaterThan(0.01);
    expect(Math.abs(at(8))).toBeLessThan(at(0) / 2);
  });

  it("gives the chosen sessions the figures they have among all, and none to the others", () => {
    const days = new Set([...new Set(factor.predictions.dates)].slice(40, 60));
    const options = { home: lake.home, horizons: [1], rng: createRng("some days"), days };
    const [some] = evaluateFactor("returns_5d", options).evaluation.horizons;
    const [all] = factor.evaluation.horizons;
    const ofDay = new Map(
      Array.from(all.daily.ic.dates, (day, i) => [day, all.daily.ic.rankIc[i]]),
    );
    const judged = Array.from(some.daily.ic.dates).filter((_, i) =>
      Number.isFinite(some.daily.ic.rankIc[i]),
    );
    expect(judged).toEqual([...days]);
    for (const day of judged) {
      expect(some.daily.ic.rankIc[some.daily.ic.dates.indexOf(day)]).toBe(ofDay.get(day));
    }
  });

  it("becomes a page without requests to anywhere", () => {
    const html = renderFactorReport(factor, true);
    for (const title of ["Decay", "Persistence", "Around an entry", "5-day returns"]) {
      expect(html).toContain(title);
    }
    expect(html).toContain("size class, 1 d");
    expect(requests(html)).toEqual([]);
  });
});

describe("publishReport", () => {
  const manifestOf = (dataset: string): RunManifest => ({
    version: 1,
    id: "lightgbm-000000000000",
    kind: "lightgbm",
    dataset,
    datasetHash: "d",
    configHash: "c",
    config: {},
    synthetic: true,
    labels: { "1": "label_1d" },
    horizons: [1],
    features: ["returns_1d", "returns_5d"],
    folds: [
      {
        fold: 0,
        trainFrom: "2021-03-01",
        trainTo: "2021-06-30",
        testFrom: "2021-07-02",
        testTo: "2021-11-30",
        trainRows: 5000,
        testRows: 6000,
      },
    ],
    details: {},
  });

  /** The label itself is the score: nothing honest looks like this. */
  function leakingPredictions(): Predictions {
    const dataset = openDataset(lake.home);
    const { rows } = dataset;
    const label = Float64Array.from(dataset.labels(["label_1d"]).label("label_1d"));
    return {
      dates: Int32Array.from(rows.sessionOfRow, (session) => rows.dates[session]),
      codes: rows.codeOfRow,
      codeNames: rows.codes,
      folds: new Int32Array(rows.count),
      horizons: [{ horizon: 1, score: label, label, quantiles: [] }],
      quantileLevels: [],
    };
  }

  it("shows summary, time, months, deciles, groups, importances by fold, data health and evidence, and labels a leak", async () => {
    const { home } = lake;
    const manifest = manifestOf(openDataset(home).id);
    const folder = runFolder(home, manifest.id);
    await writePredictions(folder, leakingPredictions());
    const measures = { gain: 0.75, permutation: 0.0123, shap: 0.5 };
    await writeImportance(folder, [
      { feature: "returns_5d", ...measures, folds: [measures] },
      { feature: "returns_1d", gain: 0.25, permutation: null, shap: null, folds: [measures] },
    ]);
    await writeChecks(folder, [{ name: "fit gate", passed: true, detail: "each fold" }]);
    await writeRun(home, manifest);
    const html = readFileSync(
      await publishReport(home, await evaluateRun(home, manifest.id)),
      "utf8",
    );
    for (const title of [
      "Summary",
      "RankIC over time",
      "RankIC by month",
      "1-day returns",
      "By year, sector and size",
      "What the model uses",
      "Data health",
      "Evidence",
    ]) {
      expect(html).toContain(`>${title}</h2>`);
    }
    expect(html).toContain("Suspected leak");
    expect(html).toContain("75.0 %");
    expect(html).toContain("0.0123");
    expect(html).toContain("unique keys");
    expect(html).toContain(isoDate(openDataset(home).rows.dates[0]));
    expect(requests(html)).toEqual([]);
  });
});

/** Addresses that a browser would ask for. */
function requests(html: string): string[] {
  const asked = /(?:src|href)="(?!#)[^"]*"|url\((?!#)[^)]*\)|@import[^;]*/gu;
  return html.match(asked) ?? [];
}
