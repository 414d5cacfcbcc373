// The baseline end to end on a toy dataset: what it writes, what it finds, and the gates that stop a planted leak.

import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConfigError, LeakageError } from "../../src/errors.ts";
import {
  type BaselineOptions,
  type BaselineResult,
  runBaseline,
} from "../../src/pipeline/baseline/index.ts";
import { dailyIc } from "../../src/evaluate/index.ts";
import { requirePassed, runControl, shuffledInterval } from "../../src/pipeline/controls.ts";
import { shuffleWithinSessions } from "../../src/pipeline/baseline/shuffle.ts";
import { createRng } from "../../src/rng.ts";
import {
  readChecks,
  readImportance,
  readPredictions,
  readRun,
  runFolder,
} from "../../src/runs/index.ts";
import { nativeLibrary } from "../model/lightgbm/native.ts";
import { toyDataset } from "./toy-dataset.ts";

describe.skipIf(nativeLibrary === undefined)("runBaseline", () => {
  let home: string;
  let result: BaselineResult;

  const options = (extra: Partial<BaselineOptions> = {}): BaselineOptions => ({
    home,
    dataset: toyDataset(),
    library: nativeLibrary ?? "",
    nSplits: 2,
    testSize: 40,
    lightgbm: { rounds: 30, minDataInLeaf: 20, numLeaves: 7, learningRate: 0.1, threads: 1 },
    ...extra,
  });

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "gogooku3-baseline-"));
    result = await runBaseline(options());
  });

  afterAll(async () => {
    await rm(home, { recursive: true, force: true });
  });

  it("goes through the seven steps and says what each cost", () => {
    const names = result.steps.map(({ step }) => step);
    expect(names).toEqual([
      "load",
      "quality",
      "split",
      "transform",
      "lightgbm",
      "importance",
      "graph",
      "report",
    ]);
    for (const { seconds, peakBytes } of result.steps) {
      expect(seconds).toBeGreaterThanOrEqual(0);
      expect(peakBytes).toBeGreaterThan(1e7);
    }
  });

  it("finds the signal out of sample", () => {
    const [day, week] = result.evaluation.horizons;
    expect(day.rankIc.interval?.[0]).toBeGreaterThan(0.02);
    expect(week.horizon).toBe(5);
  });

  it("publishes the run: folds, predictions of test rows only, importance, checks, models, page", async () => {
    const folder = runFolder(home, result.run.id);
    const run = await readRun(home, result.run.id);
    expect(run.folds.map(({ testRows }) => testRows)).toEqual([2400, 2400]);
    expect(run.folds[0].trainTo < run.folds[0].testFrom).toBe(true);
    const predictions = await readPredictions(folder);
    expect(predictions.dates).toHaveLength(4800);
    expect(readImportance(folder)[0].feature).toBe("signal");
    expect(readChecks(folder).every(({ passed }) => passed)).toBe(true);
    expect(readFileSync(join(folder, "models", "fold1-5d.txt"), "utf8")).toMatch(
      /^tree\nversion=v4/u,
    );
    expect(existsSync(join(folder, "models", "fold1-5d.onnx"))).toBe(true);
    expect(existsSync(result.report)).toBe(true);
  });

  it("does not train again what is there, and hands out the same result", async () => {
    const again = await runBaseline(options());
    expect(again.wasFinished).toBe(true);
    expect(again.run).toEqual(result.run);
    expect(again.steps.map(({ step }) => step)).toEqual(result.steps.map(({ step }) => step));
    expect(again.graphs).toEqual(result.graphs);
    expect(again.evaluation.hash).toBe(result.evaluation.hash);
  });

  it("gives the same predictions when told to train again, and no second life to old metrics", async () => {
    const folder = runFolder(home, result.run.id);
    const lines = (): number =>
      readFileSync(join(folder, "metrics.jsonl"), "utf8").split("\n").length;
    const before = lines();
    const again = await runBaseline(options({ again: true }));
    expect(again.wasFinished).toBe(false);
    expect(again.run).toEqual(result.run);
    expect(again.evaluation.hash).toBe(result.evaluation.hash);
    expect(lines()).toBe(before);
  });

  it("goes on where it was stopped", async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), "gogooku3-baseline-"));
    const controller = new AbortController();
    const stopped = runBaseline(
      options({
        home: elsewhere,
        signal: controller.signal,
        onProgress: ({ stage, note }) => {
          if (stage === "fold 2, 1 d" && note?.includes("rounds") === true) controller.abort();
        },
      }),
    );
    await expect(stopped).rejects.toThrow();
    const left = join(runFolder(elsewhere, result.run.id), "unfinished");
    expect(existsSync(join(left, "fold0-5d.json"))).toBe(true);
    expect(existsSync(join(left, "fold1-5d.json"))).toBe(false);
    const resumed = await runBaseline(options({ home: elsewhere }));
    const trained = (steps: BaselineResult["steps"]): number | undefined =>
      steps.find(({ step }) => step === "lightgbm")?.rows;
    expect(trained(resumed.steps)).toBeLessThan(trained(result.steps) ?? 0);
    expect(resumed.evaluation.hash).toBe(result.evaluation.hash);
    expect(resumed.run).toEqual(result.run);
    expect(existsSync(left)).toBe(false);
    await rm(elsewhere, { recursive: true, force: true });
  });

  it("says what each feature is worth, by gain, permutation and SHAP, over all folds and in each", () => {
    const [first] = readImportance(runFolder(home, result.run.id));
    expect(first.feature).toBe("signal");
    expect(first.permutation).toBeGreaterThan(0.02);
    expect(first.shap).toBeGreaterThan(0);
    expect(first.folds).toHaveLength(2);
    const means = first.folds?.map(({ gain }) => gain ?? 0) ?? [];
    expect(first.gain).toBeCloseTo((means[0] + means[1]) / 2, 12);
  });

  it("labels a result beyond what daily equities give as a suspected leak, and stops at the plausibility gate", async () => {
    const dataset = toyDataset({ whiff: 0.25 });
    const suspicious = runBaseline(options({ dataset }));
    await expect(suspicious).rejects.toThrow(LeakageError);
    await expect(suspicious).rejects.toThrow(/^plausibility gate: suspected leak in lightgbm-/u);
    const accepted = await runBaseline(options({ dataset, acceptImplausible: true }));
    expect(accepted.wasFinished).toBe(true);
    const gate = readChecks(runFolder(home, accepted.run.id)).find(
      ({ name }) => name === "plausibility gate",
    );
    expect(gate?.passed).toBe(false);
    expect(gate?.detail).toMatch(/found 0\.\d+ at 1 d/u);
    expect(readFileSync(accepted.report, "utf8")).toContain("Suspected leak");
  });

  it("stops a label among the features at the label gate", async () => {
    const leaking = runBaseline(options({ dataset: toyDataset({ leak: true }) }));
    await expect(leaking).rejects.toThrow(LeakageError);
    await expect(leaking).rejects.toThrow(/^label gate: feature innocent ranks label_1d/u);
  });

  it("stops a purge of 0 at the window gate", async () => {
    const touching = runBaseline(options({ purgeDays: 0 }));
    await expect(touching).rejects.toThrow(LeakageError);
    await expect(touching).rejects.toThrow(
      /^window gate: walkForward: fold 0: a training row .* purgeDays/u,
    );
  });

  it("refuses a memory limit that the largest fold cannot keep, and names the ways out", async () => {
    const starved = runBaseline(options({ memoryLimit: 0.01, again: true }));
    await expect(starved).rejects.toThrow(ConfigError);
    await expect(starved).rejects.toThrow(/--memory-limit.*--features.*--rolling/u);
  });

  it("refuses horizons, labels and features that the dataset does not have", async () => {
    await expect(runBaseline(options({ horizons: [2] }))).rejects.toThrow(/no label_2d/u);
    await expect(runBaseline(options({ label: "total" }))).rejects.toThrow(/label_1d_total/u);
    await expect(runBaseline(options({ features: ["beta"] }))).rejects.toThrow(/no feature beta/u);
  });

  it("finds nothing in shuffled labels, and the control says so", async () => {
    const control = await runControl("shuffled", options());
    expect(control.passed).toBe(true);
    expect(() => requirePassed(control)).not.toThrow();
    for (const { rankIc } of control.horizons)
      expect(Math.abs(rankIc.mean ?? 1)).toBeLessThan(0.06);
  });

  it("fails the null control by name where there is something to find", async () => {
    const control = await runControl("null", options());
    expect(control.passed).toBe(false);
    expect(() => requirePassed(control)).toThrow(LeakageError);
    expect(() => requirePassed(control)).toThrow(
      /^control null: expected an interval that covers 0/u,
    );
  });
});

describe("shuffledInterval", () => {
  it("is the mean ± z √(Σ 1 / (n − 1)) / sessions, with z of 99 runs in 100 over all horizons", () => {
    const rankIc = Float64Array.of(0.1, Number.NaN, -0.04);
    const interval = shuffledInterval({ rankIc, count: Int32Array.of(101, 3, 101) }, 4);
    const reach = (3.0233 * Math.sqrt(2 / 100)) / 2;
    expect(interval?.[0]).toBeCloseTo(0.03 - reach, 4);
    expect(interval?.[1]).toBeCloseTo(0.03 + reach, 4);
  });

  it("covers 0 in 99 of 100 shuffles", () => {
    const [sessions, stocks] = [40, 30];
    const rng = createRng("shuffles");
    const dates = Int32Array.from({ length: sessions * stocks }, (_, i) => Math.floor(i / stocks));
    const label = Float32Array.from(dates, () => rng.normal());
    const score = Float64Array.from(dates, () => rng.normal());
    let covered = 0;
    for (let run = 0; run < 300; run += 1) {
      const shuffled = Float64Array.from(shuffleWithinSessions(label, dates, rng));
      const [low, high] = shuffledInterval(dailyIc(dates, score, shuffled), 1) ?? [1, 1];
      if (low <= 0 && high >= 0) covered += 1;
    }
    expect(covered).toBeGreaterThanOrEqual(292);
    expect(covered).toBeLessThanOrEqual(300);
  });
});

describe("shuffleWithinSessions", () => {
  it("moves known labels within their session only", () => {
    const label = Float32Array.of(1, 2, 3, Number.NaN, 5, 6, 7, 8);
    const sessions = Int32Array.of(0, 0, 0, 0, 1, 1, 1, 1);
    const shuffled = shuffleWithinSessions(label, sessions, createRng(3));
    expect(shuffled.subarray(0, 3).toSorted()).toEqual(Float32Array.of(1, 2, 3));
    expect(shuffled[3]).toBeNaN();
    expect(shuffled.subarray(4).toSorted()).toEqual(Float32Array.of(5, 6, 7, 8));
    expect(shuffled).not.toEqual(label);
  });
});
