// A stored run to its evaluation and its report: read, judge, publish.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Section } from "../page/index.ts";
import { publishFile } from "../publish.ts";
import { createRng } from "../rng.ts";
import {
  readChecks,
  readImportance,
  readPredictions,
  readRun,
  runFolder,
  writeReportHash,
  type Predictions,
  type RunManifest,
} from "../runs/index.ts";
import { compareRuns, type RunComparison } from "./compare.ts";
import { groupsOfDataset } from "./dataset-groups.ts";
import { evaluatePredictions, type Evaluation } from "./evaluate.ts";
import { dataHealthSection } from "./report/data-health.ts";
import { renderReport } from "./report/report.ts";

export interface EvaluateRunOptions {
  readonly costBps?: number;
  readonly nQuantiles?: number;
}

export interface EvaluatedRun {
  readonly manifest: RunManifest;
  readonly predictions: Predictions;
  readonly evaluation: Evaluation;
}

/**
 * Judges a run, overall and (while its dataset is there) by sector and size, and publishes evaluation.json beside it. The
 * bootstrap's seed is the run's id, so a repeat is identical.
 */
export async function evaluateRun(
  home: string,
  id: string,
  settings: EvaluateRunOptions = {},
): Promise<EvaluatedRun> {
  const manifest = await readRun(home, id);
  const folder = runFolder(home, id);
  const predictions = await readPredictions(folder);
  const groups = existsSync(join(home, "datasets", manifest.dataset, "manifest.json"))
    ? groupsOfDataset(home, manifest.dataset, predictions)
    : [];
  const evaluation = evaluatePredictions(predictions, { ...settings, groups, rng: createRng(id) });
  const figures = evaluation.horizons.map((entry) => ({ ...entry, daily: undefined }));
  const text = JSON.stringify({ ...evaluation, horizons: figures }, null, 1);
  await publishFile(join(folder, "evaluation.json"), `${text}\n`);
  return { manifest, predictions, evaluation };
}

/** Paired tests of two runs at each horizon that both have; a repeat is identical. */
export function compareEvaluated(left: EvaluatedRun, right: EvaluatedRun): RunComparison[] {
  const rng = createRng(`${left.manifest.id} ${right.manifest.id}`);
  return left.evaluation.horizons.flatMap((entry) => {
    const other = right.evaluation.horizons.find(({ horizon }) => horizon === entry.horizon);
    return other === undefined ? [] : [compareRuns(entry, other, rng.split(entry.horizon))];
  });
}

/** Publishes reports/<id>.html and gives its path. `opening` comes before the summary, `extra` before the evidence. */
export async function publishReport(
  home: string,
  { manifest, evaluation }: EvaluatedRun,
  extra: readonly Section[] = [],
  opening: readonly Section[] = [],
): Promise<string> {
  const folder = runFolder(home, manifest.id);
  const health = dataHealthSection(home, manifest);
  const html = renderReport({
    manifest,
    evaluation,
    importance: readImportance(folder),
    checks: readChecks(folder),
    opening,
    extra: health === undefined ? extra : [...extra, health],
  });
  const path = join(home, "reports", `${manifest.id}.html`);
  await publishFile(path, html);
  await writeReportHash(folder, html);
  return path;
}
