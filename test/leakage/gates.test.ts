// Each kind of planted leak in training is stopped by a gate, and the gate says its name.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Split, type TrainRows, walkForward } from "../../src/dataset/splits/index.ts";
import { LeakageError } from "../../src/errors.ts";
import { openLightGbm } from "../../src/model/lightgbm/index.ts";
import { columnSource } from "../../src/pipeline/baseline/columns.ts";
import { FoldStore } from "../../src/pipeline/baseline/fold-store.ts";
import { type BaselineOptions, runBaseline } from "../../src/pipeline/baseline/index.ts";
import { StepRecorder } from "../../src/pipeline/baseline/steps.ts";
import { trainFold } from "../../src/pipeline/baseline/train-folds.ts";
import { noProgress } from "../../src/progress.ts";
import { createPool } from "../../src/workers/index.ts";
import { nativeLibrary } from "../model/lightgbm/native.ts";
import { toyDataset, type ToyOptions } from "../pipeline/toy-dataset.ts";

describe.skipIf(nativeLibrary === undefined)("a planted leak", () => {
  let home: string;

  const run = (toy: ToyOptions, extra: Partial<BaselineOptions> = {}): Promise<unknown> =>
    runBaseline({
      home,
      dataset: toyDataset(toy),
      library: nativeLibrary ?? "",
      nSplits: 1,
      testSize: 40,
      horizons: [1, 5],
      importance: [],
      lightgbm: { rounds: 20, minDataInLeaf: 20, numLeaves: 7, learningRate: 0.1, threads: 1 },
      ...extra,
    });

  const stoppedBy = async (gate: RegExp, leaking: Promise<unknown>): Promise<void> => {
    await expect(leaking).rejects.toThrow(LeakageError);
    await expect(leaking).rejects.toThrow(gate);
  };

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "gogooku3-gates-"));
  });

  afterAll(async () => {
    await rm(home, { recursive: true, force: true });
  });

  it("of the label among the features is stopped by the label gate", async () => {
    await stoppedBy(/^label gate: feature innocent ranks label_1d/u, run({ leak: true }));
  });

  it("of a part of the label in a feature is stopped by the plausibility gate", async () => {
    await stoppedBy(/^plausibility gate: suspected leak/u, run({ whiff: 0.25 }));
  });

  it("of labels that reach into the test is stopped by the window gate", async () => {
    await stoppedBy(/^window gate: walkForward: fold 0/u, run({}, { purgeDays: 0 }));
  });

  it("of a scaler fitted on everything is stopped by the fit gate", async () => {
    const dataset = toyDataset();
    const [split] = walkForward({ nSplits: 1, testSize: 40, purgeDays: 5 }).split(
      dataset.labelledRows(5),
    );
    const everything = Int32Array.from(dataset.rows.sessionOfRow.keys());
    const train: TrainRows = Object.create(split.train, { indices: { value: everything } });
    const hole: Split = { ...split, train };
    await using engine = await openLightGbm(nativeLibrary ?? "");
    await using pool = createPool({ threads: 1 });
    const names = dataset.featureNames;
    const rows = everything.length + split.test.length;
    const leaking = trainFold(hole, {
      engine,
      pool,
      source: columnSource(dataset, names, true),
      columns: names.map((name) => ({ name, normalisation: "raw" })),
      categorical: [],
      memory: new SharedArrayBuffer(rows * names.length * 4),
      horizons: [1],
      labels: [dataset.labels(["label_1d"]).label("label_1d")],
      lightgbm: {},
      target: "gaussian",
      importance: [],
      validationSize: 0,
      purgeDays: 5,
      store: new FoldStore(home),
      steps: new StepRecorder(7, noProgress),
      onProgress: noProgress,
      signal: undefined,
    });
    await stoppedBy(/^fit gate: transform was fitted on what it is judged on/u, leaking);
  });
});
