// A trained model on disk: models/<id>/model.json beside its files, with what it was trained on and what it may be given.

import { existsSync, readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ArtifactError } from "../errors.ts";
import { hashFile } from "../hash.ts";
import { publishFile } from "../publish.ts";

export interface ModelManifest {
  readonly version: 1;
  readonly id: string;
  /** "lightgbm", "atft", "ensemble". */
  readonly kind: string;
  /** The run whose out-of-sample figures speak for it. */
  readonly run: string;
  readonly dataset: string;
  readonly datasetHash: string;
  /** Hash of the ordered feature columns: the model refuses a dataset with another. */
  readonly abi: string;
  readonly features: readonly string[];
  readonly horizons: readonly number[];
  /** Last session whose label it was trained on, `YYYY-MM-DD`. */
  readonly trainedThrough: string;
  readonly synthetic: boolean;
  /** File name to SHA-256. */
  readonly files: Readonly<Record<string, string>>;
  readonly details: Readonly<Record<string, unknown>>;
}

const modelManifest: z.ZodType<ModelManifest> = z.strictObject({
  version: z.literal(1),
  id: z.string().min(1),
  kind: z.string().min(1),
  run: z.string(),
  dataset: z.string(),
  datasetHash: z.string(),
  abi: z.string(),
  features: z.array(z.string()),
  horizons: z.array(z.int().min(1)),
  trainedThrough: z.iso.date(),
  synthetic: z.boolean(),
  files: z.record(z.string(), z.string()),
  details: z.record(z.string(), z.unknown()),
});

/** `<home>/models/<id>`. */
export function modelFolder(home: string, id: string): string {
  return join(home, "models", id);
}

/** Publishes model.json over files already in the model's folder, with their hashes. */
export async function writeModel(
  home: string,
  manifest: Omit<ModelManifest, "version" | "files">,
  files: readonly string[],
): Promise<ModelManifest> {
  const folder = modelFolder(home, manifest.id);
  const hashes = await Promise.all(files.map((name) => hashFile(join(folder, name))));
  const complete: ModelManifest = {
    version: 1,
    ...manifest,
    files: Object.fromEntries(files.map((name, index) => [name, hashes[index]])),
  };
  await publishFile(join(folder, "model.json"), `${JSON.stringify(complete, null, 2)}\n`);
  return complete;
}

/** The manifest of a model. Throws ArtifactError that lists the models there are when `id` is none of them. */
export async function readModel(home: string, id: string): Promise<ModelManifest> {
  const file = join(modelFolder(home, id), "model.json");
  if (!existsSync(file)) {
    const known = (await listModels(home)).join(", ");
    throw new ArtifactError(
      `model ${id}: not found in ${join(home, "models")}; there are ${known || "none"}`,
    );
  }
  const parsed = modelManifest.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (parsed.success) return parsed.data;
  throw new ArtifactError(
    `model ${id}: model.json is not of this version: ${z.prettifyError(parsed.error)}`,
  );
}

/** Throws ArtifactError that names the first file whose content is not what the manifest says. */
export async function verifyModel(home: string, manifest: ModelManifest): Promise<void> {
  for (const [name, expected] of Object.entries(manifest.files)) {
    const path = join(modelFolder(home, manifest.id), name);
    const found = existsSync(path) ? await hashFile(path) : "nothing";
    if (found === expected) continue;
    throw new ArtifactError(
      `model ${manifest.id}: ${name}: expected SHA-256 ${expected}, found ${found}; train it again`,
    );
  }
}

/** Ids of all models, in order. */
export async function listModels(home: string): Promise<string[]> {
  const folder = join(home, "models");
  if (!existsSync(folder)) return [];
  const names = await readdir(folder);
  return names.filter((name) => existsSync(join(folder, name, "model.json"))).sort();
}
