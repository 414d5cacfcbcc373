// Controls of a network: its own configuration where nothing can be found, kept as the evidence that its promotion asks for.

import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resolveConfig } from "../../src/config.ts";
import { openDataset } from "../../src/dataset/index.ts";
import { recordControl } from "../../src/pipeline/control-evidence.ts";
import {
  networkControl,
  networkOfModel,
  withShuffledLabels,
} from "../../src/pipeline/network-controls.ts";
import { oracleColumn } from "../../src/pipeline/oracle-score.ts";
import { plantedParts } from "../../src/pipeline/planted-parts.ts";
import { marketHome, simulatedDataset } from "../../src/pipeline/simulated-dataset.ts";
import { noProgress } from "../../src/progress.ts";
import { ownGates, readEvidence } from "../../src/registry/index.ts";
import { createRng } from "../../src/rng.ts";
import { readModel, readRun } from "../../src/runs/index.ts";
import { nativeLibrary } from "../model/lightgbm/native.ts";
import { twoPhases } from "../train/small-training.ts";
import { type SmallNight, smallNight } from "./small-night.ts";

let night: SmallNight;

beforeAll(async () => {
  night = await smallNight();
}, 300_000);

afterAll(async () => {
  await night.app.close();
  rmSync(night.home, { recursive: true, force: true });
});

describe("withShuffledLabels", () => {
  it("keeps rows, features and each session's labels, in another order within the session", () => {
    const dataset = openDataset(night.home);
    const shuffled = withShuffledLabels(dataset);
    expect(shuffled.id).toBe(`${dataset.id}-shuffled`);
    expect(shuffled.features(["rsi_14"]).column("rsi_14")).toEqual(
      dataset.features(["rsi_14"]).column("rsi_14"),
    );
    const { dayStart } = dataset.rows;
    const [before, after] = [dataset, shuffled].map((one) =>
      one.labels(["label_1d"]).label("label_1d").subarray(dayStart[100], dayStart[101]),
    );
    expect(after).not.toEqual(before);
    expect(after.toSorted()).toEqual(before.toSorted());
  });
});

describe("networkControl", () => {
  it.each(["shuffled", "null"] as const)(
    "%s trains apart from the model's runs and leaves evidence for its gate",
    { timeout: 300_000 },
    async (kind) => {
      const { home, model, clock } = night;
      const result = await networkControl(kind, {
        home,
        network: await networkOfModel(home, model, kind),
        market: { seed: 5, stocks: 24, from: "2022-01-04", to: "2022-12-30" },
        clock,
        onProgress: noProgress,
      });
      expect(result.horizons.map(({ horizon }) => horizon)).toEqual([1, 5]);
      for (const { rankIc, judged } of result.horizons) {
        expect(judged?.[0]).toBeLessThan(rankIc.interval?.[0] ?? 0);
        expect(judged?.[1]).toBeGreaterThan(rankIc.interval?.[1] ?? 0);
      }
      expect(result.run.id).not.toBe(model);
      await recordControl(home, result, clock);
      const evidence = readEvidence(home).find((entry) => entry.kind === kind);
      expect(evidence).toMatchObject({ pipeline: "atft", passed: result.passed });
      const gates = await ownGates(home, await readModel(home, model));
      const gate = gates.find(({ gate: name }) => name.startsWith(kind));
      expect(gate?.found).toContain(evidence?.detail ?? "nothing");
      expect(gate?.passed).toBe(result.passed);
    },
  );
});

describe.skipIf(nativeLibrary === undefined)("networkControl on a planted market", () => {
  const parts = ["ew_ret_hl20", "ew_ret_hl1_5", "surprise_op_hl10", "x_foreign_size"];
  const columns = [...parts, "x_ew_ret20_turnover", "ew_ret_hl1"];
  const market = { seed: 5, stocks: 40, from: "2022-01-04", to: "2022-12-30" };

  it(
    "stands beside LightGBM on the same folds and columns, and beside the oracle",
    { timeout: 300_000 },
    async () => {
      const { home, clock } = night;
      const config = resolveConfig({
        overrides: [
          "model={preset: smoke, hidden: 8, time: 5, horizons: [1, 5], linear: true}",
          "model.graph={neighbours: 3, heads: 2}",
          "train.folds={nSplits: 1, testSize: 40, validationSize: 20, purgeDays: 5}",
          "train.epochBatches=4",
          "train.without=[x_ew_ret20_turnover]",
          "threads=1",
          `train.phases=${JSON.stringify(twoPhases(1, 1, 1e-4))}`,
        ],
      });
      const result = await networkControl("planted", {
        home,
        network: { config, features: columns.join(",") },
        market,
        library: nativeLibrary,
        clock,
        onProgress: noProgress,
      });
      const { comparison } = result;
      const [first, second] = comparison?.horizons ?? [];
      expect([first.horizon, second.horizon]).toEqual([1, 5]);
      expect(first.oracle?.mean).toBeGreaterThan(0.02);
      expect(first.recovered).toBeCloseTo((first.rankIc.mean ?? 0) / (first.oracle?.mean ?? 1), 9);
      expect(result.passed).toBe((first.recovered ?? 0) >= 0.6);
      expect(first.difference.mean).toBeCloseTo(
        (first.rankIc.mean ?? 0) - (first.lightgbm.rankIc.mean ?? 0),
        9,
      );
      expect(first.likeOracle.mean).toBeGreaterThan(0.3);
      expect(result.run.features).not.toContain("x_ew_ret20_turnover");
      const workspace = marketHome(home, { ...market, signal: "planted" });
      const trees = await readRun(workspace, comparison?.lightgbm.run ?? "");
      const inputs = trees.features.filter((name) => !name.startsWith("quality_"));
      expect(inputs.toSorted()).toEqual(result.run.features.toSorted());
      expect(trees.folds[0]).toMatchObject({ testFrom: result.run.folds[0].testFrom });
      expect(result.cost).toMatchObject({ epochs: 2 });
      expect(comparison?.parts.network.map(({ part }) => part)).toContain("peers");
    },
  );

  it("finds all of every part in the oracle's expectations, and none in noise", async () => {
    const { home } = night;
    const made = await simulatedDataset({
      home: marketHome(home, { ...market, signal: "planted" }),
      market: { ...market, signal: "planted" },
      features: columns.join(","),
    });
    const { rows } = made.dataset;
    const known = Array.from({ length: rows.count }, (_, row) => row).filter(
      (row) => rows.sessionOfRow[row] >= 150 && rows.sessionOfRow[row] < 220,
    );
    const base = {
      dates: Int32Array.from(known, (row) => rows.dates[rows.sessionOfRow[row]]),
      codes: Int32Array.from(known, (row) => rows.codeOfRow[row]),
      codeNames: rows.codes,
      folds: new Int32Array(known.length),
      quantileLevels: [],
    };
    const scored = (score: Float64Array) => ({
      ...base,
      horizons: [{ horizon: 1, score, label: score, quantiles: [] }],
    });
    const rng = createRng(1);
    const noise = Float64Array.from(known, () => rng.normal());
    const partsOf = (score: Float64Array) => plantedParts(scored(score), { ...made, rng });
    const oracle = partsOf(oracleColumn(scored(noise), made.market, 1));
    expect(oracle).toHaveLength(6);
    for (const { found } of oracle) expect(found.mean).toBeCloseTo(1, 9);
    for (const { found } of partsOf(noise)) expect(Math.abs(found.mean ?? 1)).toBeLessThan(0.35);
  });
});
