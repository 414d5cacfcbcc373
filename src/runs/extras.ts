// What a run may keep beside its predictions: importance of features and the checks it passed or failed.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ArtifactError } from "../errors.ts";
import { hashBytes } from "../hash.ts";
import { publishFile } from "../publish.ts";

/** Importance of one feature, averaged over folds and horizons; null where it was not computed. */
export interface FeatureImportance {
  readonly feature: string;
  /** Share of the total gain of all splits. */
  readonly gain: number | null;
  /** Fall of the mean RankIC when the feature is shuffled within each session. */
  readonly permutation: number | null;
  /** Mean absolute SHAP value. */
  readonly shap: number | null;
  /** The same of each fold, oldest first, averaged over horizons. */
  readonly folds?: readonly Pick<FeatureImportance, "gain" | "permutation" | "shap">[] | undefined;
}

/** One check and what it found. */
export interface RunCheck {
  readonly name: string;
  readonly passed: boolean;
  readonly detail: string;
}

const measures = {
  gain: z.number().nullable(),
  permutation: z.number().nullable(),
  shap: z.number().nullable(),
};

const importanceSchema: z.ZodType<FeatureImportance[]> = z.array(
  z.strictObject({
    feature: z.string(),
    ...measures,
    folds: z.array(z.strictObject(measures)).optional(),
  }),
);

const checksSchema: z.ZodType<RunCheck[]> = z.array(
  z.strictObject({ name: z.string(), passed: z.boolean(), detail: z.string() }),
);

export async function writeImportance(
  folder: string,
  importance: readonly FeatureImportance[],
): Promise<void> {
  await publishFile(join(folder, "importance.json"), `${JSON.stringify(importance, null, 1)}\n`);
}

/** Importances of a run, most important first as written; empty when the model has none. */
export function readImportance(folder: string): FeatureImportance[] {
  return readOptional(join(folder, "importance.json"), importanceSchema);
}

export async function writeChecks(folder: string, checks: readonly RunCheck[]): Promise<void> {
  await publishFile(join(folder, "checks.json"), `${JSON.stringify(checks, null, 1)}\n`);
}

/** Checks of a run; empty when none were made. */
export function readChecks(folder: string): RunCheck[] {
  return readOptional(join(folder, "checks.json"), checksSchema);
}

/** Keeps the hash of the run's HTML page: `lineage` compares the page with it. */
export async function writeReportHash(folder: string, html: string): Promise<void> {
  const sha256 = hashBytes(html);
  await publishFile(join(folder, "report.json"), `${JSON.stringify({ sha256 })}\n`);
}

/** SHA-256 of the page as it was published; undefined where none was kept. */
export function readReportHash(folder: string): string | undefined {
  const file = join(folder, "report.json");
  if (!existsSync(file)) return undefined;
  const parsed = z
    .strictObject({ sha256: z.string() })
    .safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (parsed.success) return parsed.data.sha256;
  throw new ArtifactError(`${file}: ${z.prettifyError(parsed.error)}`);
}

function readOptional<T>(file: string, schema: z.ZodType<T[]>): T[] {
  if (!existsSync(file)) return [];
  const parsed = schema.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (parsed.success) return parsed.data;
  throw new ArtifactError(`${file}: ${z.prettifyError(parsed.error)}`);
}
