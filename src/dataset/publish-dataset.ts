// From a draft folder to a published dataset: checks first, then one rename, then the pointer.

import { existsSync, rmSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { publishFile } from "../publish.ts";
import type { WorkerPool } from "../workers/index.ts";
import {
  datasetFolder,
  latestFile,
  manifestFile,
  readDatasetManifest,
  type DatasetManifest,
} from "./manifest.ts";
import { checkDataset, checkParallel, requireQuality } from "./quality.ts";
import { qualityFile } from "./quality-file.ts";

export interface PublishOptions {
  readonly allowEmpty?: boolean;
  /** First month that an earlier dataset has not already shown to be right; default: all are looked at. */
  readonly since?: string;
  /** Runs the checks; default this thread. */
  readonly pool?: WorkerPool | undefined;
}

/**
 * Writes `quality.json` into the draft, then moves it to `datasets/<id>` and points `latest` at it. Throws ArtifactError when a
 * check fails: the draft goes, what was published before stays as it is.
 */
export async function publishDataset(
  home: string,
  draft: string,
  { allowEmpty = false, since, pool }: PublishOptions = {},
): Promise<string> {
  const manifest = readDatasetManifest(draft);
  const folder = join(home, "datasets", manifest.id);
  try {
    const options = { previous: previousBuild(home, manifest), allowEmpty, since };
    const checks =
      pool === undefined ? checkDataset(draft, options) : await checkParallel(draft, pool, options);
    await publishFile(join(draft, qualityFile), `${JSON.stringify(checks, null, 1)}\n`);
    requireQuality(manifest.id, checks);
    rmSync(folder, { recursive: true, force: true });
    await rename(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
  await publishFile(join(home, "datasets", latestFile), `${manifest.id}\n`);
  return folder;
}

/** The latest dataset, when it has the same selection and start. */
export function previousBuild(
  home: string,
  { selection, from }: Pick<DatasetManifest, "selection" | "from">,
): DatasetManifest | undefined {
  if (!existsSync(join(home, "datasets", latestFile))) return undefined;
  const folder = datasetFolder(home, "latest");
  if (!existsSync(join(folder, manifestFile))) return undefined;
  const manifest = readDatasetManifest(folder);
  return manifest.selection === selection && manifest.from === from ? manifest : undefined;
}
