// A run on disk: runs/<id>/ with run.json (config, hashes, folds), predictions.parquet, metrics.jsonl and what a model adds.

import { existsSync, readFileSync } from "node:fs";
import { appendFile, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ArtifactError } from "../errors.ts";
import { hashFile, hashValue } from "../hash.ts";
import { publishFile } from "../publish.ts";

/** One fold's windows, in ISO dates, both ends included. */
export interface RunFold {
  readonly fold: number;
  readonly trainFrom: string;
  readonly trainTo: string;
  readonly testFrom: string;
  readonly testTo: string;
  readonly trainRows: number;
  readonly testRows: number;
}

export interface RunManifest {
  readonly version: 1;
  readonly id: string;
  /** "lightgbm", "atft", "ensemble", "factor". */
  readonly kind: string;
  readonly dataset: string;
  readonly datasetHash: string;
  readonly configHash: string;
  readonly config: unknown;
  /** True when any input came from the simulator. */
  readonly synthetic: boolean;
  /** The label column judged against, by horizon: "label_1d". */
  readonly labels: Readonly<Record<string, string>>;
  readonly horizons: readonly number[];
  readonly features: readonly string[];
  readonly folds: readonly RunFold[];
  /** Anything a model wants to keep beside: parameters, seeds, library versions. */
  readonly details: Readonly<Record<string, unknown>>;
  /** SHA-256 of the files that came before run.json; writeRun enters it. */
  readonly files?: Readonly<Record<string, string>> | undefined;
}

const fold: z.ZodType<RunFold> = z.strictObject({
  fold: z.int().min(0),
  trainFrom: z.iso.date(),
  trainTo: z.iso.date(),
  testFrom: z.iso.date(),
  testTo: z.iso.date(),
  trainRows: z.int().min(0),
  testRows: z.int().min(0),
});

const runManifest: z.ZodType<RunManifest> = z.strictObject({
  version: z.literal(1),
  id: z.string().min(1),
  kind: z.string().min(1),
  dataset: z.string(),
  datasetHash: z.string(),
  configHash: z.string(),
  config: z.unknown(),
  synthetic: z.boolean(),
  labels: z.record(z.string(), z.string()),
  horizons: z.array(z.int().min(1)),
  features: z.array(z.string()),
  folds: z.array(fold),
  details: z.record(z.string(), z.unknown()),
  files: z.record(z.string(), z.string()).optional(),
});

/** An id that depends on what the run is made from alone: the same work again finds its own folder. */
export function runIdOf(kind: string, configHash: string, datasetHash: string): string {
  return `${kind}-${hashValue([kind, configHash, datasetHash]).slice(0, 12)}`;
}

/** `<home>/runs/<id>`. */
export function runFolder(home: string, id: string): string {
  return join(home, "runs", id);
}

/** Publishes run.json with the hash of the predictions beside it; the folder is made when it is not there. */
export async function writeRun(home: string, manifest: RunManifest): Promise<string> {
  const folder = runFolder(home, manifest.id);
  await mkdir(folder, { recursive: true });
  const predictions = join(folder, "predictions.parquet");
  const files = existsSync(predictions)
    ? { "predictions.parquet": await hashFile(predictions) }
    : undefined;
  const text = JSON.stringify({ ...manifest, files }, null, 2);
  await publishFile(join(folder, "run.json"), `${text}\n`);
  return folder;
}

/** The manifest of a run. Throws ArtifactError that lists the runs there are when `id` is none of them. */
export async function readRun(home: string, id: string): Promise<RunManifest> {
  const file = join(runFolder(home, id), "run.json");
  if (!existsSync(file)) {
    const known = (await listRuns(home)).join(", ");
    throw new ArtifactError(
      `run ${id}: not found in ${join(home, "runs")}; there are ${known || "none"}`,
    );
  }
  const parsed = runManifest.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (parsed.success) return parsed.data;
  throw new ArtifactError(
    `run ${id}: run.json is not of this version: ${z.prettifyError(parsed.error)}`,
  );
}

/** Ids of all finished runs, in order. */
export async function listRuns(home: string): Promise<string[]> {
  const folder = join(home, "runs");
  if (!existsSync(folder)) return [];
  const names = await readdir(folder);
  return names.filter((name) => existsSync(join(folder, name, "run.json"))).sort();
}

/** Appends one line to the run's metrics.jsonl. */
export async function appendMetrics(
  folder: string,
  line: Readonly<Record<string, unknown>>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await appendFile(join(folder, "metrics.jsonl"), `${JSON.stringify(line)}\n`);
}
