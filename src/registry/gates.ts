// The gates before a stage: controls, plausibility, the incumbent, the data. Each says what it expected, what it found and the way out.

import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  codeVersion,
  datasetFolder,
  type DatasetManifest,
  readDatasetManifest,
  readQuality,
} from "../dataset/index.ts";
import {
  compareEvaluated,
  evaluateRun,
  plausibilityCeiling,
  withInterval,
} from "../evaluate/index.ts";
import type { EvaluatedRun } from "../evaluate/index.ts";
import { defaultRegistry, selectFeatures } from "../features/index.ts";
import { type ModelManifest, readChecks, readModel, runFolder } from "../runs/index.ts";
import { type EvidenceKind, readEvidence } from "./evidence.ts";
import type { GateResult } from "./stages.ts";

/** Gates that a model passes on its own: what staging asks for. */
export async function ownGates(home: string, model: ModelManifest): Promise<GateResult[]> {
  const evaluated = await evaluateRun(home, model.run);
  return [
    controlGate(home, "shuffled", model, evaluated),
    controlGate(home, "null", model, evaluated),
    plausibilityGate(evaluated),
    qualityGate(home, model),
    auditGate(home, model),
    checksGate(home, model),
  ];
}

/**
 * The gate against the model in production: at the shortest horizon that both have, the moving-block bootstrap interval of the
 * paired difference of daily RankIC lies above 0, and at no other horizon below it. Without one, the same of the model's own RankIC.
 */
export async function incumbentGate(
  home: string,
  model: ModelManifest,
  incumbent: string | undefined,
): Promise<GateResult> {
  const own = await evaluateRun(home, model.run);
  if (incumbent === undefined || incumbent === model.id) return chanceGate(own);
  const other = await readModel(home, incumbent);
  const comparisons = compareEvaluated(own, await evaluateRun(home, other.run));
  const found = comparisons.map(
    ({ horizon, difference, sessions }) =>
      `${horizon} d: ${withInterval(difference)} over ${sessions} sessions`,
  );
  return {
    gate: "better than the incumbent",
    passed: isBetter(
      comparisons.map(({ horizon, difference: { interval } }) => ({ horizon, interval })),
    ),
    expected: "an interval of the paired difference of daily RankIC above 0",
    found: `against ${incumbent} ${found.join("; ") || "no horizon in common"}`,
    wayOut: "keep the incumbent, or gather more sessions; `gogooku3 report compare` shows both",
  };
}

/** What the first model in production must be better than. */
function chanceGate({ evaluation }: EvaluatedRun): GateResult {
  const { horizons } = evaluation;
  return {
    gate: "better than chance",
    passed: isBetter(
      horizons.map(({ horizon, rankIc }) => ({ horizon, interval: rankIc.interval })),
    ),
    expected: "no incumbent, so an interval of the mean daily RankIC above 0",
    found: horizons
      .map(({ horizon, rankIc }) => `${horizon} d: ${withInterval(rankIc)}`)
      .join("; "),
    wayOut:
      "test on more sessions, or find features that say something; `gogooku3 evaluate` shows what is there",
  };
}

interface HorizonInterval {
  readonly horizon: number;
  readonly interval: readonly [number, number] | null;
}

/** Above 0 at the shortest horizon, and at no other below it. */
function isBetter(horizons: readonly HorizonInterval[]): boolean {
  const intervals = horizons
    .toSorted((a, b) => a.horizon - b.horizon)
    .map(({ interval }) => interval);
  const [first] = intervals;
  if (first === undefined || first === null || first[0] <= 0) return false;
  return intervals.every((interval) => interval === null || interval[1] >= 0);
}

function controlGate(
  home: string,
  kind: Extract<EvidenceKind, "shuffled" | "null">,
  model: ModelManifest,
  { manifest }: EvaluatedRun,
): GateResult {
  const features = manifest.features.toSorted().join();
  const evidence = readEvidence(home).find(
    (entry) =>
      entry.kind === kind &&
      entry.pipeline === manifest.kind &&
      entry.codeVersion === codeVersion &&
      entry.features.join() === features,
  );
  return {
    gate: kind === "shuffled" ? "shuffled-label control" : "null-market control",
    passed: evidence?.passed === true,
    expected: `a passed control of ${manifest.kind} ${codeVersion} on these ${manifest.features.length} features`,
    found: evidence === undefined ? "none" : `${evidence.detail} (${evidence.at})`,
    wayOut:
      evidence === undefined
        ? `run \`gogooku3 control ${kind} ${controlFlags(home, kind, model)}\``
        : "the pipeline sees what it should not: find the leak before any figure is believed",
  };
}

/** A network is trained again by its own configuration, LightGBM on the same columns. */
function controlFlags(home: string, kind: "shuffled" | "null", model: ModelManifest): string {
  if (model.kind !== "lightgbm") return `--model ${model.id}`;
  const dataset = datasetOf(home, model);
  const known = dataset?.features.map(({ name }) => name) ?? model.features;
  const own = model.features.filter((name) => known.includes(name));
  const selection = dataset?.selection ?? own.join(",");
  // A simulated market feeds every column of the selection; the model's own lake may have lacked some.
  const offered =
    kind === "shuffled" ? known.length : selectFeatures(defaultRegistry(), selection).length;
  const features = own.length === offered ? "" : ` --features ${own.join(",")}`;
  return kind === "shuffled"
    ? `--dataset ${model.dataset}${features}`
    : `--set ${selection}${features}`;
}

/** The manifest of the dataset that a model was trained on, while it is there. */
function datasetOf(home: string, { dataset }: ModelManifest): DatasetManifest | undefined {
  const isThere = existsSync(join(home, "datasets", dataset, "manifest.json"));
  return isThere ? readDatasetManifest(datasetFolder(home, dataset)) : undefined;
}

function plausibilityGate({ evaluation }: EvaluatedRun): GateResult {
  const found = evaluation.horizons.map(
    ({ horizon, rankIc }) => `${horizon} d: ${withInterval(rankIc)}`,
  );
  const passed = evaluation.horizons.every(
    ({ rankIc, implausible }) => rankIc.mean !== null && !implausible,
  );
  return {
    gate: "plausibility ceiling",
    passed: passed && found.length > 0,
    expected: `a mean RankIC out of sample within ±${plausibilityCeiling} at every horizon`,
    found: found.join("; ") || "no horizon",
    wayOut:
      "look for a leak: `gogooku3 dataset audit`, then `gogooku3 evaluate factor` on the features that weigh most",
  };
}

function qualityGate(home: string, { dataset }: ModelManifest): GateResult {
  const checks = readQuality(join(home, "datasets", dataset));
  const failed = checks?.filter(({ passed }) => !passed) ?? [];
  const broken = failed.map(({ name, detail }) => `${name}: ${detail}`).join("; ");
  return {
    gate: "data quality",
    passed: checks !== undefined && failed.length === 0,
    expected: `every quality check of dataset ${dataset} passed`,
    found: checks === undefined ? "no quality.json" : broken || `${checks.length} checks passed`,
    wayOut: "build the dataset again with `gogooku3 dataset build` and train on it",
  };
}

function auditGate(home: string, model: ModelManifest): GateResult {
  const dataset = datasetOf(home, model);
  const known = new Set(dataset?.features.map(({ name }) => name) ?? model.features);
  const needed = model.features.filter((name) => known.has(name));
  const evidence = readEvidence(home).find(
    (entry) =>
      entry.kind === "audit" &&
      entry.codeVersion === codeVersion &&
      needed.every((name) => entry.features.includes(name)),
  );
  return {
    gate: "leak audit",
    passed: evidence?.passed === true,
    expected: `an audit by ${codeVersion} of the model's ${needed.length} columns without a leak`,
    found: evidence === undefined ? "none" : `${evidence.detail} (${evidence.at})`,
    wayOut: `run \`gogooku3 dataset audit --features ${dataset?.selection ?? needed.join(",")}\``,
  };
}

function checksGate(home: string, { run }: ModelManifest): GateResult {
  const checks = readChecks(runFolder(home, run));
  const failed = checks.filter(({ passed }) => !passed);
  return {
    gate: "checks of the run",
    passed: failed.length === 0,
    expected: `no failed check in run ${run}`,
    found:
      failed.map(({ name, detail }) => `${name}: ${detail}`).join("; ") ||
      `${checks.length} checks, none failed`,
    wayOut: "mend what the check names and train again",
  };
}
