// LightGBM runs as models: what they forecast is what the run predicted, scores without the native library, reasons with it.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ManualClock } from "../../src/clock.ts";
import type { Dataset } from "../../src/dataset/index.ts";
import { runBaseline } from "../../src/pipeline/baseline/index.ts";
import { forecastSession, publishForecast } from "../../src/pipeline/forecast/index.ts";
import { publishNightReport } from "../../src/pipeline/nightly/night-report.ts";
import { registerTrees } from "../../src/pipeline/trees/index.ts";
import { strongestOf } from "../../src/pipeline/trees/reasons.ts";
import { noProgress } from "../../src/progress.ts";
import { promoteModel } from "../../src/registry/index.ts";
import {
  horizonOf,
  modelFolder,
  readModel,
  readPredictions,
  runFolder,
  verifyModel,
} from "../../src/runs/index.ts";
import { scratchRoot } from "../ingest/scratch.ts";
import { nativeLibrary } from "../model/lightgbm/native.ts";
import { smallDataset } from "../support/small-dataset.ts";

describe("strongestOf", () => {
  it("names three features by absolute contribution, and none that moved nothing", () => {
    const names = ["a", "b", "c", "d", "e"];
    // The last value is the mean: no feature's.
    expect(strongestOf(names, Float64Array.of(0.1, -0.4, 0, 0.2, -0.3, 9))).toEqual([
      "b",
      "e",
      "d",
    ]);
    expect(strongestOf(names, Float64Array.of(0, 0, -1e-9, 0, 0, 9))).toEqual(["c"]);
  });
});

describe.skipIf(nativeLibrary === undefined)(
  "a LightGBM run as a model",
  { timeout: 300_000 },
  () => {
    const home = mkdtempSync(join(scratchRoot, "trees-"));
    let dataset: Dataset;
    let id = "";

    beforeAll(async () => {
      ({ dataset } = await smallDataset(home));
      const { run } = await runBaseline({
        home,
        dataset,
        library: nativeLibrary ?? "",
        nSplits: 2,
        horizons: [1, 5],
        validationSize: 0,
        lightgbm: { rounds: 12, threads: 1, minDataInLeaf: 20 },
        acceptImplausible: true,
      });
      ({ id } = run);
      await registerTrees(home, id);
    }, 300_000);

    afterAll(() => {
      rmSync(home, { recursive: true, force: true });
    });

    it("is in the registry with boosters, ONNX files and transform", async () => {
      const model = await readModel(home, id);
      await verifyModel(home, model);
      expect(model).toMatchObject({ kind: "lightgbm", horizons: [1, 5], synthetic: true });
      expect(Object.keys(model.files)).toHaveLength(5);
      expect(model.features).toContain("quality_known");
    });

    it.each([1, 5])("forecasts at %i d what the run predicted out of sample", async (horizon) => {
      const predictions = await readPredictions(runFolder(home, id));
      const { dates, codes, codeNames } = predictions;
      const date = dates[dates.length - 1];
      const { forecasts } = await forecastSession({
        home,
        dataset,
        model: id,
        date,
        onProgress: noProgress,
      });
      const scoreOf = new Map(
        forecasts
          .filter((entry) => entry.horizon === horizon)
          .map(({ code, score }) => [code, score]),
      );
      const { score } = horizonOf(predictions, horizon);
      let compared = 0;
      dates.forEach((day, row) => {
        if (day !== date) return;
        compared += 1;
        expect(scoreOf.get(codeNames[codes[row]])).toBeCloseTo(score[row], 5);
      });
      expect(compared).toBe(scoreOf.size);
      expect(new Set(scoreOf.values()).size).toBeGreaterThan(3);
    });

    it("ranks the highest score first", async () => {
      const made = await forecastSession({ home, dataset, model: id, onProgress: noProgress });
      const first = made.forecasts.filter(({ horizon }) => horizon === 1);
      expect(first.map(({ rank }) => rank)).toEqual(
        first.map(({ rank }) => rank).toSorted((a, b) => a - b),
      );
      expect(first[0].score).toBe(Math.max(...first.map(({ score }) => score)));
    });

    it("is published with scores and without quantiles, as files and as the page of a night", async () => {
      const forecast = await forecastSession({ home, dataset, model: id, onProgress: noProgress });
      const files = await publishForecast(home, forecast, true);
      expect(readFileSync(files.csv, "utf8")).toMatch(
        /^code,horizon,rank,score,uncertainty,reasons\n\w{5},1,1,-?[\d.e-]+,,\n/u,
      );
      const page = join(home, "night.html");
      await publishNightReport(page, { forecast, past: [], steps: [], synthetic: true });
      expect(readFileSync(page, "utf8")).toMatch(
        /<th[^>]*>score<\/th><th[^>]*>weighed most<\/th><\/tr>/u,
      );
    });

    it("names the features that moved each score furthest, by the SHAP values of the library", async () => {
      const library = nativeLibrary ?? "";
      const made = await forecastSession({
        home,
        dataset,
        model: id,
        library,
        onProgress: noProgress,
      });
      const without = await forecastSession({ home, dataset, model: id, onProgress: noProgress });
      expect(without.forecasts.every(({ reasons }) => reasons.length === 0)).toBe(true);
      expect(made.forecasts.map(({ score }) => score)).toEqual(
        without.forecasts.map(({ score }) => score),
      );
      const named = made.forecasts.map(({ reasons }) => reasons);
      const known = new Set((await readModel(home, id)).features);
      expect(named.every((reasons) => reasons.length > 0 && reasons.length <= 3)).toBe(true);
      expect(named.flat().every((name) => known.has(name))).toBe(true);
      expect(new Set(named.map((reasons) => reasons.join())).size).toBeGreaterThan(3);
      const csv = readFileSync((await publishForecast(home, made, true)).csv, "utf8");
      const [first] = made.forecasts;
      expect(csv.split("\n")[1].split(",")[5]).toBe(first.reasons.join(" "));
    });

    it("is told which controls its promotion needs", async () => {
      const clock = new ManualClock(0);
      const promotion = promoteModel(home, id, { to: "staging", who: "tester", clock });
      await expect(promotion).rejects.toThrow(
        `gogooku3 control shuffled --dataset ${dataset.id}\`\n  null-market control`,
      );
      await expect(promotion).rejects.toThrow(
        "gogooku3 control null --set core62 --features returns_1d,",
      );
    });

    it("is refused when a booster was changed", async () => {
      const path = join(modelFolder(home, id), "trees-1d.onnx");
      const before = readFileSync(path);
      writeFileSync(path, before.subarray(1));
      await expect(
        forecastSession({ home, dataset, model: id, onProgress: noProgress }),
      ).rejects.toThrow(/trees-1d\.onnx: expected SHA-256/u);
      writeFileSync(path, before);
    });
  },
);
