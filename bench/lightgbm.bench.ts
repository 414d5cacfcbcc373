// LightGBM through our binding against the Python package, on the same matrix, parameters and threads; target within 5 %.
// Needs a Python with lightgbm and numpy: LIGHTGBM_PYTHON=/path/to/python npm run bench -- lightgbm

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLightGbm, requireLibrary } from "../src/model/lightgbm/index.ts";
import { createRng } from "../src/rng.ts";
import type { BenchOptions, BenchTable } from "./run.ts";

const parameters =
  "objective=regression num_leaves=31 learning_rate=0.05 min_data_in_leaf=200 seed=7 num_threads=2 " +
  "deterministic=true force_col_wise=true metric=none verbosity=-1";

interface Size {
  readonly rows: number;
  readonly features: number;
  readonly rounds: number;
}

interface Timing {
  readonly dataset: number;
  readonly train: number;
  readonly predict: number;
  readonly score: number;
}

function total({ dataset, train, predict }: Timing): number {
  return dataset + train + predict;
}

const parts: readonly (readonly [string, (timing: Timing) => number])[] = [
  ["dataset", ({ dataset }) => dataset],
  ["train", ({ train }) => train],
  ["predict", ({ predict }) => predict],
  ["all", total],
];

export async function run({ quick }: BenchOptions): Promise<BenchTable> {
  const size = quick
    ? { rows: 20_000, features: 20, rounds: 10 }
    : { rows: 300_000, features: 60, rounds: 100 };
  const repeats = quick ? 1 : 3;
  const folder = mkdtempSync(join(tmpdir(), "gogooku3-bench-"));
  const { matrix, label } = dataOf(size);
  writeFileSync(join(folder, "x.bin"), new Uint8Array(matrix.buffer));
  writeFileSync(join(folder, "y.bin"), new Uint8Array(label.buffer));
  const library = requireLibrary({ explicit: process.env["LIGHTGBM_LIB"] }).path;
  const ours: Timing[] = [];
  const theirs: Timing[] = [];
  try {
    // Alternating, so that what else the machine does falls on both.
    for (let round = 0; round < repeats; round += 1) {
      ours.push(await timeOurs(library, matrix, label, size));
      theirs.push(timePython(folder, size));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const best = (timings: readonly Timing[], part: (timing: Timing) => number): number =>
    Math.min(...timings.map(part));
  const rows = parts.map(([name, part]) => {
    const [own, other] = [best(ours, part), best(theirs, part)];
    return [name, own.toFixed(2), other.toFixed(2), (own / other).toFixed(3)];
  });
  const ratio = best(ours, total) / best(theirs, total);
  return {
    title: `LightGBM, ${size.rows} rows × ${size.features} features, ${size.rounds} rounds, 2 threads (best of ${repeats})`,
    columns: ["part", "ours s", "Python s", "ratio"],
    rows,
    notes: [
      `target: all of it within 5 % of Python's time: ${ratio <= 1.05 ? "met" : "missed"}`,
      `sum of predictions: ours ${ours[0].score}, Python ${theirs[0].score}`,
    ],
  };
}

function dataOf({ rows, features }: Size): { matrix: Float32Array; label: Float32Array } {
  const rng = createRng(1);
  const matrix = new Float32Array(new SharedArrayBuffer(rows * features * 4));
  for (let i = 0; i < matrix.length; i += 1) matrix[i] = rng.normal();
  const label = Float32Array.from(
    { length: rows },
    (_, row) =>
      0.05 * matrix[row * features] + 0.05 * Math.sin(matrix[row * features + 1]) + rng.normal(),
  );
  return { matrix, label };
}

async function timeOurs(
  library: string,
  matrix: Float32Array,
  label: Float32Array,
  { rows, features, rounds }: Size,
): Promise<Timing> {
  await using engine = await openLightGbm(library);
  const names = Array.from({ length: features }, (_, i) => `f${i}`);
  const start = performance.now();
  const dataset = await engine.createDataset({ matrix, rows, names, parameters, reference: null });
  const binned = performance.now();
  const target = { rows: null, label, group: null };
  const model = await engine.train({
    dataset,
    target,
    validation: null,
    parameters,
    rounds,
    patience: rounds,
  });
  const trained = performance.now();
  const scores = await engine.predict({
    modelText: model.modelText,
    matrix,
    rows,
    features,
    parameters,
    kind: "normal",
  });
  return {
    dataset: (binned - start) / 1000,
    train: (trained - binned) / 1000,
    predict: (performance.now() - trained) / 1000,
    score: scores.reduce((sum, value) => sum + value, 0),
  };
}

const script = `
import json, sys, time
import lightgbm, numpy as np
folder, rows, features, rounds, text = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
params = dict(part.split("=") for part in text.split())
x = np.fromfile(folder + "/x.bin", np.float32).reshape(rows, features)
y = np.fromfile(folder + "/y.bin", np.float32)
start = time.perf_counter()
data = lightgbm.Dataset(x, y, params=params).construct()
binned = time.perf_counter()
model = lightgbm.train(params, data, num_boost_round=rounds)
trained = time.perf_counter()
scores = model.predict(x)
done = time.perf_counter()
print(json.dumps({"dataset": binned - start, "train": trained - binned, "predict": done - trained, "score": float(sum(scores.tolist()))}))
`;

function timePython(folder: string, { rows, features, rounds }: Size): Timing {
  const python = process.env["LIGHTGBM_PYTHON"] ?? "python3";
  const sizes = [rows, features, rounds].map(String);
  const output = execFileSync(python, ["-c", script, folder, ...sizes, parameters]);
  return JSON.parse(output.toString());
}
