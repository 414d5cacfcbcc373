// The same trees as LightGBM's Python package from the same data, parameters and seed.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashBytes } from "../../../src/hash.ts";
import { type LightGbm, openLightGbm } from "../../../src/model/lightgbm/engine.ts";
import type { TrainedBooster } from "../../../src/model/lightgbm/messages.ts";
import { exampleData, nativeLibrary } from "./native.ts";

interface Case {
  readonly rounds: number;
  readonly parameters: Readonly<Record<string, string>>;
  readonly trees: string;
  readonly leaves: readonly number[];
  readonly gain: readonly number[];
  readonly prediction: readonly number[];
  readonly contribution: readonly number[];
}

interface Golden {
  readonly rows: number;
  readonly features: number;
  readonly sessions: number;
  readonly cases: Readonly<Record<string, Case>>;
}

const golden: Golden = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../golden/lightgbm-trees.json"), "utf8"),
);

const { matrix, label } = exampleData(golden.rows, golden.features);

describe.skipIf(nativeLibrary === undefined)("LightGBM", () => {
  let engine: LightGbm;

  beforeAll(async () => {
    engine = await openLightGbm(nativeLibrary ?? "");
  });

  afterAll(async () => {
    await engine.close();
  });

  async function train(name: string, { parameters, rounds }: Case): Promise<TrainedBooster> {
    const text = Object.entries(parameters)
      .map(([key, value]) => `${key}=${value}`)
      .join(" ");
    const dataset = await engine.createDataset({
      matrix,
      rows: golden.rows,
      names: Array.from({ length: golden.features }, (_, i) => `Column_${i}`),
      parameters: text,
      reference: null,
    });
    const group = new Int32Array(golden.sessions).fill(golden.rows / golden.sessions);
    const trained = await engine.train({
      dataset,
      target: {
        rows: null,
        label: labelOf(name),
        group: name.startsWith("lambdarank") ? group : null,
      },
      validation: null,
      parameters: text,
      rounds,
      patience: rounds,
    });
    await engine.freeDataset(dataset);
    return trained;
  }

  it.each(Object.entries(golden.cases))(
    "grows the Python package's trees: %s",
    async (name, expected) => {
      const { modelText, gains } = await train(name, expected);
      const trees = structureOf(modelText);
      const leaves = [...trees.matchAll(/^num_leaves=(\d+)$/gmu)].map((match) => Number(match[1]));
      expect(leaves).toEqual(expected.leaves);
      expect([...gains]).toEqual(expected.gain);
      expect(hashBytes(trees)).toBe(expected.trees);
      const shape = { modelText, matrix, features: golden.features, parameters: "" };
      const scores = await engine.predict({ ...shape, rows: 8, kind: "normal" });
      expect([...scores]).toEqual(expected.prediction);
      const contributions = await engine.predict({ ...shape, rows: 2, kind: "contribution" });
      expect([...contributions]).toEqual(expected.contribution);
    },
  );
});

/** The lines that decide a prediction, as `STRUCTURE` of test/golden/make/lightgbm_trees.py. */
function structureOf(modelText: string): string {
  const keys =
    "num_leaves split_feature split_gain threshold decision_type left_child right_child leaf_value leaf_count " +
    "cat_boundaries cat_threshold shrinkage";
  const kept = new Set(keys.split(" "));
  return modelText
    .slice(modelText.indexOf("Tree=0"), modelText.indexOf("end of trees"))
    .split("\n")
    .filter((line) => kept.has(line.split("=")[0]))
    .join("\n");
}

function labelOf(name: string): Float32Array {
  if (name.startsWith("binary")) return label.map((value) => Number(value > 1.5));
  if (name.startsWith("lambdarank")) return label.map((value) => Math.min(4, Math.floor(value)));
  return label;
}
