import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ensembleRuns, rankEnsemble } from "../../src/pipeline/rank-ensemble.ts";
import {
  type Predictions,
  readPredictions,
  runFolder,
  type RunManifest,
  writePredictions,
  writeRun,
} from "../../src/runs/index.ts";

function predictionsOf(scores: readonly number[], codeNames: readonly string[]): Predictions {
  return {
    dates: Int32Array.from(scores, () => 19000),
    codes: Int32Array.from(scores, (_, row) => row),
    codeNames,
    folds: new Int32Array(scores.length),
    horizons: [
      {
        horizon: 1,
        score: Float64Array.from(scores),
        label: Float64Array.from(scores, (_, row) => row / 100),
        quantiles: [],
      },
    ],
    quantileLevels: [],
  };
}

const manifestOf = (id: string, datasetHash: string): RunManifest => ({
  version: 1,
  id,
  kind: "factor",
  dataset: "d",
  datasetHash,
  configHash: "c",
  config: {},
  synthetic: true,
  labels: { "1": "label_1d" },
  horizons: [1],
  features: [id],
  folds: [],
  details: {},
});

describe("rankEnsemble", () => {
  it("averages percentile ranks over the stocks that all members have", () => {
    const left = predictionsOf([1, 2, 3], ["10000", "20000", "30000"]);
    const right = predictionsOf([900, 100, 5], ["10000", "30000", "40000"]);
    const found = rankEnsemble([left, right]);
    expect(Array.from(found.codes, (code) => found.codeNames[code])).toEqual(["10000", "30000"]);
    expect([...found.horizons[0].score]).toEqual([(0.5 + 1) / 2, (1 + 0.5) / 2]);
    expect([...found.horizons[0].label]).toEqual([0, 0.02]);
  });

  it("is NaN where a member made no prediction", () => {
    const left = predictionsOf([1, 2], ["10000", "20000"]);
    const right = predictionsOf([1, Number.NaN], ["10000", "20000"]);
    expect(rankEnsemble([left, right]).horizons[0].score[1]).toBeNaN();
  });

  it("refuses fewer than two members and members without a row in common", () => {
    const left = predictionsOf([1], ["10000"]);
    expect(() => rankEnsemble([left])).toThrow(/at least two/u);
    expect(() => rankEnsemble([left, predictionsOf([1], ["20000"])])).toThrow(/found 0 rows/u);
  });
});

describe("ensembleRuns", () => {
  it("publishes a run of its own with the members in its config", async () => {
    const home = mkdtempSync(join(tmpdir(), "ensemble-"));
    for (const id of ["a", "b"]) {
      await writeRun(home, manifestOf(id, "same"));
      await writePredictions(runFolder(home, id), predictionsOf([1, 2], ["10000", "20000"]));
    }
    const manifest = await ensembleRuns(home, ["a", "b"]);
    expect(manifest).toMatchObject({ kind: "ensemble", config: { members: ["a", "b"] } });
    expect(manifest.features).toEqual(["a", "b"]);
    expect((await readPredictions(runFolder(home, manifest.id))).dates.length).toBe(2);
    await writeRun(home, manifestOf("c", "other"));
    await expect(ensembleRuns(home, ["a", "c"])).rejects.toThrow(/different datasets/u);
  });
});
