// The whole way: dataset, folds, run, model, ONNX file, forecast of a day; the same through memory back-off.

import { DegenerateTrainingError } from "../../src/errors.ts";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ManualClock } from "../../src/clock.ts";
import { resolveConfig } from "../../src/config.ts";
import { trainConfig } from "../../src/config/train.ts";
import { type Dataset, datasetHash } from "../../src/dataset/index.ts";
import { dailyIc, evaluatePredictions } from "../../src/evaluate/index.ts";
import { allBlocks, atftPreset, initAtft } from "../../src/model/atft/index.ts";
import { noProgress } from "../../src/progress.ts";
import { createRng } from "../../src/rng.ts";
import { modelFolder, readModel, readPredictions, runFolder } from "../../src/runs/index.ts";
import { allocateFeed, fillFeed } from "../../src/train/feed.ts";
import {
  explanationSections,
  Forecaster,
  loadModel,
  onnxOf,
  predictDay,
  readRunState,
  trainRun,
} from "../../src/train/index.ts";
import { stepError } from "../../src/train/guards.ts";
import { forwardInputs, predictStep } from "../../src/train/step.ts";
import { compile, leavesOf } from "../../src/tensor/index.ts";
import { packedLayout } from "../../src/tensor/optim/index.ts";
import { smallDataset } from "../support/small-dataset.ts";
import { largestError } from "../tensor/evaluate.ts";
import { nextStocks, plantedSamples } from "./planted.ts";
import { smallSession, twoPhases } from "./small-training.ts";

const home = mkdtempSync(join(tmpdir(), "train-run-"));
let dataset: Dataset;
let run = "";

beforeAll(async () => {
  ({ dataset } = await smallDataset(home));
}, 300_000);

afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

function configOf(overrides: readonly string[] = []) {
  return resolveConfig({
    overrides: [
      "model.preset=smoke",
      "model.hidden=8",
      "model.linear=true",
      "model.time=5",
      "model.horizons=[1,5]",
      "model.normalisation.windows=[5]",
      "model.dropout=0.2",
      "model.graph={neighbours: 3, heads: 2}",
      "train.folds={nSplits: 2, testSize: 20, validationSize: 20, purgeDays: 5}",
      "train.epochBatches=4",
      "train.snapshots=2",
      "threads=1",
      `train.phases=${JSON.stringify(twoPhases(1, 2))}`,
      ...overrides,
    ],
  });
}

const clock = new ManualClock(1_700_000_000_000);

describe("trainRun", () => {
  it("leaves a run that evaluates like any other, with quantiles and two folds", async () => {
    const result = await trainRun({
      home,
      dataset,
      config: configOf(),
      clock,
      onProgress: noProgress,
    });
    run = result.run;
    const predictions = await readPredictions(runFolder(home, run));
    expect(new Set(predictions.folds)).toEqual(new Set([0, 1]));
    expect(predictions.quantileLevels).toEqual([0.1, 0.25, 0.5, 0.75, 0.9]);
    expect(result.manifest?.synthetic).toBe(dataset.manifest.synthetic);
    const { horizons } = evaluatePredictions(predictions, { rng: createRng(1), nResamples: 50 });
    expect(horizons.map(({ horizon }) => horizon)).toEqual([1, 5]);
    expect(horizons[0].coverage).toBeDefined();
    const [{ body }] = explanationSections(runFolder(home, run));
    for (const part of ["selection weight", "Mean attention to each session"])
      expect(body).toContain(part);
    expect(readRunState(runFolder(home, run))).toMatchObject({
      state: "done",
      epoch: 3,
      epochs: 3,
    });
  });

  it("done already, gives the same predictions again without training", async () => {
    const before = readFileSync(join(runFolder(home, run), "predictions.parquet"));
    const epochs: number[] = [];
    const options = { home, dataset, config: configOf(), clock, onProgress: noProgress };
    await trainRun({ ...options, onEpoch: ({ epoch }) => epochs.push(epoch) });
    expect(epochs).toEqual([]);
    const after = readFileSync(join(runFolder(home, run), "predictions.parquet"));
    expect(after.equals(before)).toBe(true);
  });

  it("stopped by the signal says so, and goes on to the same end", async () => {
    const config = configOf(["seed=8", "train.forecast=snapshots"]);
    const controller = new AbortController();
    const options = { home, dataset, config, clock, onProgress: noProgress };
    const stopped = await trainRun({
      ...options,
      signal: controller.signal,
      onEpoch: () => {
        controller.abort();
      },
    });
    expect(stopped.manifest).toBeUndefined();
    expect(readRunState(runFolder(home, stopped.run))?.state).toBe("stopped");
    const finished = await trainRun(options);
    expect(finished.run).toBe(stopped.run);
    expect(finished.manifest?.folds).toHaveLength(2);
  });
});

describe("the saved model", () => {
  it("takes sector, section, size and margin class of the dataset as static inputs", async () => {
    const { spec } = await loadModel(home, run);
    expect(spec.statics.map(({ name }) => name)).toEqual([
      "sector33_id",
      "section_id",
      "scale_id",
      "margin_class",
    ]);
    expect(spec.statics.every(({ count }) => count >= 2)).toBe(true);
  });

  it("forecasts a test session as the run did, ranks from 1 and names reasons", async () => {
    const model = await loadModel(home, run);
    const predictions = await readPredictions(runFolder(home, run));
    const date = predictions.dates[predictions.dates.length - 1];
    const { datasetPeers } = await import("../../src/train/index.ts");
    const peersOn = await datasetPeers(dataset, model.spec.config, {
      home,
      datasetHash: datasetHash(dataset.manifest),
    });
    const forecasts = await predictDay({ dataset, model, date, peersOn, threads: 1, draws: 2 });
    const own = forecasts.filter(({ horizon }) => horizon === 1);
    expect(own[0].rank).toBe(1);
    expect(own[0].reasons).toHaveLength(3);
    expect(own.every(({ uncertainty }) => (uncertainty ?? 0) > 0)).toBe(true);
    const certain = await predictDay({ dataset, model, date, peersOn, threads: 1 });
    expect(certain.every(({ uncertainty }) => uncertainty === null)).toBe(true);
    expect(certain.map(({ quantiles }) => quantiles)).toEqual(
      forecasts.map(({ quantiles }) => quantiles),
    );
    const scores = new Map(own.map(({ code, quantiles }) => [code, quantiles[2]]));
    predictions.dates.forEach((day, row) => {
      if (day !== date) return;
      const found = scores.get(predictions.codeNames[predictions.codes[row]]) ?? Number.NaN;
      expect(Math.abs(found - predictions.horizons[0].score[row])).toBeLessThan(1e-5);
    });
  });

  it("as an ONNX file gives the trainer's forecasts within 1e-5, in any ONNX Runtime session", async () => {
    const samples = plantedSamples({ sessions: 30, stocks: 8, features: 4 });
    const params = initAtft(createRng(1), samples.spec);
    const weights = packedLayout(params).map(({ path, shape }, i) => ({
      path: `params.${path}`,
      shape,
      data: Float32Array.from(Array.from(leavesOf(params)[i].tensor.node.data ?? [], Number)),
    }));
    const blocks = { normalisation: true, graph: true };
    const bytes = onnxOf({ spec: samples.spec, blocks, weights }, 8, { abi: "x" });
    const session = await InferenceSession.create(bytes);
    const shape = { days: 1, stocks: 8 };
    const feed = allocateFeed(samples, shape);
    const stocks = Int32Array.from({ length: 8 }, (_, i) => i);
    fillFeed(samples, { start: 29, stocks }, feed, { shape, peersOn: nextStocks(samples) });
    const feeds: Record<string, Tensor> = {};
    for (const { name, shape: dims } of session.inputMetadata.filter((meta) => meta.isTensor)) {
      const data = new Map<string, Float32Array | Int32Array>(Object.entries(feed)).get(name);
      feeds[name] = new Tensor(
        data instanceof Int32Array ? "int32" : "float32",
        data as Float32Array,
        dims as number[],
      );
    }
    const { quantiles } = await session.run(feeds);
    const forecaster = new Forecaster(samples, {
      params,
      blocks,
      days: 1,
      threads: 1,
      device: "cpu",
      peersOn: nextStocks(samples),
    });
    const expected = await forecaster.quantiles([{ start: 29, end: 30 }]);
    await forecaster.close();
    expect(
      largestError(quantiles.data as Float32Array, expected.subarray(29 * 8 * 5)),
    ).toBeLessThan(1e-5);
  });

  it("forecasts 256 stocks with `small` in under 100 ms of one thread", async () => {
    const shape = { days: 1, stocks: 256 };
    const features = Array.from({ length: 45 }, (_, i) => ({
      name: `f${i}`,
      family: `g${Math.floor(i / 5)}`,
    }));
    const spec = { config: atftPreset("small"), features, statics: [] };
    const step = await compile(
      predictStep(spec, initAtft(createRng(1), spec), { shape, blocks: allBlocks }),
      { threads: 1 },
    );
    const inputs = Object.entries(forwardInputs(spec, shape)).map(([name, type]) => {
      const size = type.shape.reduce((product, length) => product * length, 1);
      return [name, type.dtype === "int32" ? new Int32Array(size) : new Float32Array(size).fill(1)];
    });
    const spent: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      const before = process.cpuUsage();
      await step.run(Object.fromEntries(inputs));
      const { user, system } = process.cpuUsage(before);
      spent.push((user + system) / 1000);
    }
    await step.close();
    expect(Math.min(...spent)).toBeLessThan(100);
  });

  it("carries its ABI, refuses a changed file and another kind", async () => {
    const manifest = await readModel(home, run);
    expect(manifest).toMatchObject({ kind: "atft", run, horizons: [1, 5] });
    expect(Object.keys(manifest.files).sort()).toEqual([
      "model.onnx",
      "spec.json",
      "weights.safetensors",
    ]);
    const { writeFileSync } = await import("node:fs");
    writeFileSync(join(modelFolder(home, run), "spec.json"), "{}");
    await expect(loadModel(home, run)).rejects.toThrow(/spec\.json/u);
  });
});

describe("memory back-off", () => {
  it("half a batch with gradients added up moves the weights like the whole batch", async () => {
    const samples = plantedSamples({ sessions: 40, config: { dropout: 0 } });
    const [phase] = trainConfig.parse({ phases: twoPhases(1, 1).slice(1) }).phases;
    const after = async (batchDays: number, halves: number): Promise<Float32Array> => {
      const config = trainConfig.parse({
        batchDays,
        phases: [{ ...phase, weights: { quantile: 1 } }],
      });
      const session = smallSession(samples, config, batchDays / halves);
      const stocks = Int32Array.from({ length: 24 }, (_, i) => i);
      for (let i = 0; i < 3; i += 1) await session.update({ start: 20 + i, stocks }, 1e-3);
      const state = session.state().find(({ path }) => path === "params");
      const values = Float32Array.from(Array.from(state?.data ?? [], Number));
      await session.close();
      return values;
    };
    expect(largestError(await after(4, 2), await after(4, 1))).toBeLessThan(1e-4);
  });

  it("is what an allocation that failed is taken for", () => {
    const error = stepError(new Error("std::bad_alloc"), 3);
    expect(error).toBeInstanceOf(DegenerateTrainingError);
    expect(String(error)).toMatch(/out-of-memory: step 3/u);
    expect(stepError(new TypeError("other"), 3)).toBeInstanceOf(TypeError);
  });
});

describe("dailyIc", () => {
  it("of the run's scores is defined on every test session", async () => {
    const { dates, horizons } = await readPredictions(runFolder(home, run));
    const { rankIc } = dailyIc(dates, horizons[0].score, horizons[0].label);
    expect(rankIc.filter(Number.isFinite).length).toBeGreaterThan(30);
  });
});
