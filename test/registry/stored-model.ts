// A home with models whose runs, evidence and data checks are as a test wants them.

import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { codeVersion } from "../../src/dataset/index.ts";
import { writeEvidence } from "../../src/registry/index.ts";
import { createRng } from "../../src/rng.ts";
import {
  modelFolder,
  type ModelManifest,
  runFolder,
  writeChecks,
  writeModel,
  writePredictions,
  writeRun,
} from "../../src/runs/index.ts";

export const features: readonly string[] = ["returns_5d", "rsi_14"];

export function scratchHome(): string {
  return mkdtempSync(join(tmpdir(), "registry-"));
}

export interface StoredModelOptions {
  /** Weight of the label in the score: about the mean RankIC. */
  readonly strength?: number | undefined;
  readonly seed?: number;
}

/** A model `m1`, its run `run-m1` and that run's predictions of a hundred sessions × thirty stocks. */
export async function storeModel(
  home: string,
  id: string,
  { strength = 0.1, seed = 1 }: StoredModelOptions = {},
): Promise<ModelManifest> {
  const [sessions, stocks] = [100, 30];
  const market = createRng("labels");
  const rng = createRng(seed);
  const label = Float64Array.from({ length: sessions * stocks }, () => market.normal());
  const noise = Math.sqrt(1 - strength ** 2);
  const score = label.map((value) => strength * value + noise * rng.normal());
  const run = `run-${id}`;
  const folder = runFolder(home, run);
  mkdirSync(folder, { recursive: true });
  await writePredictions(folder, {
    dates: Int32Array.from(label, (_, row) => 19_000 + Math.floor(row / stocks)),
    codes: Int32Array.from(label, (_, row) => row % stocks),
    codeNames: Array.from({ length: stocks }, (_, code) => `${1000 + code}0`),
    folds: new Int32Array(label.length),
    horizons: [{ horizon: 1, score, label, quantiles: [] }],
    quantileLevels: [],
  });
  await writeChecks(folder, [{ name: "purge", passed: true, detail: "" }]);
  const common = { dataset: "d", datasetHash: "h", synthetic: true, features, horizons: [1] };
  await writeRun(home, {
    ...common,
    version: 1,
    id: run,
    kind: "atft",
    configHash: "c",
    config: {},
    labels: { "1": "label_1d" },
    folds: [],
    details: {},
  });
  mkdirSync(modelFolder(home, id), { recursive: true });
  writeFileSync(join(modelFolder(home, id), "weights.bin"), id);
  const manifest = { ...common, id, kind: "atft", run, abi: "a", trainedThrough: "2024-12-30" };
  return writeModel(home, { ...manifest, details: {} }, ["weights.bin"]);
}

export interface EvidenceOptions {
  readonly kind: "shuffled" | "null" | "audit";
  readonly passed?: boolean;
  readonly seen?: readonly string[];
  readonly version?: string;
  readonly pipeline?: string;
}

export async function storeEvidence(home: string, options: EvidenceOptions): Promise<void> {
  const { kind, passed = true, seen = features, version = codeVersion, pipeline } = options;
  await writeEvidence(home, {
    kind,
    pipeline: pipeline ?? (kind === "audit" ? "features" : "atft"),
    codeVersion: version,
    features: seen,
    passed,
    detail: passed ? "passed" : "failed",
    run: "r",
    at: "2026-01-01T00:00:00Z",
  });
}

export function storeQuality(home: string, passed = true): void {
  const folder = join(home, "datasets", "d");
  mkdirSync(folder, { recursive: true });
  const checks = [{ name: "unique keys", passed, detail: "row 7 repeats" }];
  writeFileSync(join(folder, "quality.json"), JSON.stringify(checks));
}

/** Everything that the gates ask for. */
export async function storeProof(home: string): Promise<void> {
  for (const kind of ["shuffled", "null", "audit"] as const) await storeEvidence(home, { kind });
  storeQuality(home);
}
