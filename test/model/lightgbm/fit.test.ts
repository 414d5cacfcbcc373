// Training on rows of a dataset: what is learnt, what stops it, what it refuses, and that ONNX serves the same.

import * as ort from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { holdOutLast, walkForward } from "../../../src/dataset/splits/index.ts";
import { type RowTable, rowTable } from "../../../src/dataset/transforms/index.ts";
import { ConfigError, LeakageError, PipelineError } from "../../../src/errors.ts";
import {
  createFoldData,
  exportOnnx,
  type FittedLightGbm,
  fitLightGbm,
  type FoldData,
  type FoldMatrices,
  type LightGbm,
  type LightGbmOptions,
  meanRankIc,
  offsetsOf,
  openLightGbm,
  parseModelText,
  permutationImportance,
  predictLightGbm,
  rankLabels,
  rowMatrices,
  shapImportance,
} from "../../../src/model/lightgbm/index.ts";
import { createRng } from "../../../src/rng.ts";
import { labelledRows } from "../../dataset/splits/rows.ts";
import { nativeLibrary } from "./native.ts";

const stocks = 40;
const rows = labelledRows({ sessions: 120, stocks, horizon: 2 });
const [split] = walkForward({ nSplits: 1, testSize: 25, purgeDays: 2 }).split(rows);
const held = holdOutLast(split.train, { validationSize: 20, purgeDays: 2 });
const features = ["signal", "noise", "group", "gappy"];

const { table, label } = market();
const [test, train, validation] = rowMatrices(
  table,
  [split.test.indices, held.train.indices, held.validation.indices],
  features,
);
const matrices: FoldMatrices = { test, train, validation };
const small: LightGbmOptions = {
  rounds: 40,
  minDataInLeaf: 20,
  numLeaves: 7,
  learningRate: 0.1,
  threads: 1,
};

/** The label is the signal, the group's level, and noise; the gappy column is missing where it is low. */
function market(): { table: RowTable; label: Float64Array } {
  const rng = createRng(4);
  const draw = (): Float32Array => Float32Array.from(rows.sessions, () => rng.normal());
  const signal = draw();
  const group = draw().map(() => rng.integer(9));
  const gappy = draw().map((value) => (value < -0.5 ? Number.NaN : value));
  const values = Float64Array.from(
    rows.sessions,
    (_, row) =>
      signal[row] + ((group[row] * 5) % 9) / 3 + (gappy[row] || -1) * 0.5 + 2 * rng.normal(),
  );
  const columns = new Map([
    ["signal", signal],
    ["noise", draw()],
    ["group", group],
    ["gappy", gappy],
  ]);
  return { table: rowTable(rows, columns), label: values };
}

describe.skipIf(nativeLibrary === undefined)("fitLightGbm", () => {
  let engine: LightGbm;
  let data: FoldData;
  let model: FittedLightGbm;
  let scores: Float64Array;

  const prepare = (options: LightGbmOptions): Promise<FoldData> =>
    createFoldData(engine, {
      ...held,
      test: split.test,
      matrices,
      features,
      categorical: ["group"],
      options: { ...small, ...options },
    });

  const testRankIc = (predicted: Float64Array): number => {
    const offsets = offsetsOf(split.test.indices.map((row) => rows.sessions[row]));
    const labels = Float64Array.from(split.test.indices, (row) => label[row]);
    return meanRankIc(predicted, rankLabels(labels, offsets));
  };

  beforeAll(async () => {
    engine = await openLightGbm(nativeLibrary ?? "");
    data = await prepare({ patience: 15 });
    model = await fitLightGbm(engine, data, label);
    scores = await predictLightGbm(engine, model, data);
  });

  afterAll(async () => {
    await engine.close();
  });

  it("finds the signal out of sample", () => {
    expect(testRankIc(scores)).toBeGreaterThan(0.4);
  });

  it("keeps the rounds with the best validation RankIC and says what each round had", () => {
    expect(model.history.length).toBeGreaterThanOrEqual(model.rounds);
    expect(parseModelText(model.modelText).trees).toHaveLength(model.rounds);
    const late = model.history[model.rounds - 1];
    expect(late.rankIc).toBeGreaterThan(0.3);
  });

  it("gives the same model from the same seed", async () => {
    const again = await fitLightGbm(engine, data, label);
    expect(again.modelText).toBe(model.modelText);
  });

  it("leaves rows with an unknown label out", async () => {
    const gappy = label.map((value, row) => (row % 3 === 0 ? Number.NaN : value));
    const fitted = await fitLightGbm(engine, data, gappy);
    expect(testRankIc(await predictLightGbm(engine, fitted, data))).toBeGreaterThan(0.35);
  });

  it.each(["quantile", "huber", "lambdarank"] as const)("also minimises %s", async (objective) => {
    const other = await prepare({ objective, ...(objective === "quantile" ? { alpha: 0.5 } : {}) });
    const fitted = await fitLightGbm(engine, other, label);
    expect(parseModelText(fitted.modelText).objective).toContain(objective);
    expect(testRankIc(await predictLightGbm(engine, fitted, other))).toBeGreaterThan(0.3);
  });

  it("refuses to judge a model on what it was fitted on", async () => {
    const [other] = walkForward({ nSplits: 1, testSize: 60, trainSize: 40, purgeDays: 2 }).split(
      rows,
    );
    const leaking = { ...data, test: other.test };
    await expect(predictLightGbm(engine, model, leaking)).rejects.toThrow(LeakageError);
  });

  it("refuses a categorical column that is no feature, and labels that are all unknown", async () => {
    const options = { ...held, test: split.test, matrices, features, categorical: ["sector"] };
    await expect(createFoldData(engine, options)).rejects.toThrow(/sector is not among/u);
    const unknown = new Float64Array(label.length).fill(Number.NaN);
    await expect(fitLightGbm(engine, data, unknown)).rejects.toThrow(ConfigError);
  });

  it("stops degenerate training by name", async () => {
    const stuck = await prepare({ minDataInLeaf: 1_000_000 });
    await expect(fitLightGbm(engine, stuck, label)).rejects.toThrow(PipelineError);
    await expect(fitLightGbm(engine, stuck, label)).rejects.toThrow(/degenerate training/u);
  });

  it("ranks features by gain, by permutation and by SHAP alike", async () => {
    const permutation = await permutationImportance(engine, model, data, label, { seed: "p" });
    const shap = await shapImportance(engine, model, data);
    for (const importance of [model.gains, permutation, shap]) {
      expect(importance.indexOf(Math.max(...importance))).toBe(0);
      expect(importance[1]).toBeLessThan(importance[0] / 4);
    }
    const again = await predictLightGbm(engine, model, data);
    expect(again).toEqual(scores);
  });

  it("shuffles only the features of the largest gain, and none that no tree splits on", async () => {
    const options = { seed: "p", maxFeatures: 1 };
    const permutation = await permutationImportance(engine, model, data, label, options);
    expect(permutation[0]).toBeGreaterThan(0.1);
    expect(permutation[1]).toBeNaN();
    const unused = { ...model, gains: model.gains.with(1, 0) };
    const skipped = await permutationImportance(engine, unused, data, label, { seed: "p" });
    expect(skipped[1]).toBe(0);
  });

  it("serves the same scores from ONNX, missing values and unseen categories included", async () => {
    const session = await ort.InferenceSession.create(exportOnnx(model.modelText));
    const matrix = Float32Array.from(data.testMatrix);
    matrix[2] = Number.NaN;
    matrix[6] = 77;
    matrix[8] = Number.NaN;
    const shape = [split.test.length, features.length];
    const answer = await session.run({ features: new ort.Tensor("float32", matrix, shape) });
    const shared = new Float32Array(new SharedArrayBuffer(matrix.byteLength));
    shared.set(matrix);
    const native = await engine.predict({
      modelText: model.modelText,
      matrix: shared,
      rows: split.test.length,
      features: features.length,
      parameters: "",
      kind: "normal",
    });
    const served = answer["score"].data;
    expect(served).toHaveLength(native.length);
    const gap = native.reduce(
      (most, value, row) => Math.max(most, Math.abs(value - Number(served[row]))),
      0,
    );
    expect(gap).toBeLessThan(1e-5);
    expect(new Set(native).size).toBeGreaterThan(100);
    const splits = parseModelText(model.modelText).trees.flatMap((tree) => tree.splits);
    expect(splits.some(({ categories }) => categories !== null)).toBe(true);
    expect(splits.some(({ missing }) => missing === "nan")).toBe(true);
  });
});
