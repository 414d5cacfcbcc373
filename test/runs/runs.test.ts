import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ArtifactError } from "../../src/errors.ts";
import {
  listRuns,
  type Predictions,
  readPredictions,
  readRun,
  runFolder,
  runIdOf,
  type RunManifest,
  writePredictions,
  writeRun,
} from "../../src/runs/index.ts";

const predictions: Predictions = {
  dates: Int32Array.from([19000, 19000, 19003]),
  codes: Int32Array.from([0, 1, 1]),
  codeNames: ["13010", "130A0"],
  folds: Int32Array.from([0, 0, 1]),
  horizons: [1, 20].map((horizon) => ({
    horizon,
    score: Float64Array.from([0.5, Number.NaN, -1 / 3]),
    label: Float64Array.from([0.01, 0.02, Number.NaN]),
    quantiles: [Float64Array.from([-1, 0, 1]), Float64Array.from([1, 2, 3])],
  })),
  quantileLevels: [0.1, 0.75],
};

const manifest: RunManifest = {
  version: 1,
  id: runIdOf("lightgbm", "c", "d"),
  kind: "lightgbm",
  dataset: "d1",
  datasetHash: "d",
  configHash: "c",
  config: { seed: 1 },
  synthetic: true,
  labels: { "1": "label_1d" },
  horizons: [1],
  features: ["ret_1d"],
  folds: [],
  details: {},
};

const home = (): string => mkdtempSync(join(tmpdir(), "runs-"));

describe("predictions", () => {
  it("come back from Parquet as they went in, NaN and unsorted code names included", async () => {
    const folder = home();
    await writePredictions(folder, predictions);
    expect(await readPredictions(folder)).toEqual(predictions);
    const swapped = {
      ...predictions,
      codeNames: ["130A0", "13010"],
      codes: Int32Array.from([0, 1, 0]),
    };
    await writePredictions(folder, swapped);
    const read = await readPredictions(folder);
    const named = Array.from(read.codes, (code) => read.codeNames[code]);
    expect(named).toEqual(["13010", "130A0", "130A0"]);
  });

  it("that are not there are an error with the way out", async () => {
    await expect(readPredictions(home())).rejects.toThrow(/run its command again/u);
  });
});

describe("a run", () => {
  it("is found again by its id and listed", async () => {
    const folder = home();
    await writeRun(folder, manifest);
    expect(await readRun(folder, manifest.id)).toEqual(manifest);
    expect(await listRuns(folder)).toEqual([manifest.id]);
  });

  it("of another id or version is refused with the runs there are", async () => {
    const folder = home();
    await writeRun(folder, manifest);
    await expect(readRun(folder, "other")).rejects.toThrow(manifest.id);
    writeFileSync(join(runFolder(folder, manifest.id), "run.json"), '{"version":2}');
    await expect(readRun(folder, manifest.id)).rejects.toThrow(ArtifactError);
  });
});
