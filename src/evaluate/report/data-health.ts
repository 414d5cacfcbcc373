// What a run's data was like: how much of it, the checks it passed before it was published, and which features miss most.

import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  datasetFolder,
  type DatasetManifest,
  readDatasetManifest,
  readQuality,
} from "../../dataset/index.ts";
import { type Section, table, tiles } from "../../page/index.ts";
import type { RunManifest } from "../../runs/index.ts";

const featuresShown = 12;

/** Undefined when the dataset is no longer under `home`. Throws ArtifactError when its quality.json is broken. */
export function dataHealthSection(
  home: string,
  { dataset, features }: RunManifest,
): Section | undefined {
  if (!existsSync(join(home, "datasets", dataset))) return undefined;
  const folder = datasetFolder(home, dataset);
  const manifest = readDatasetManifest(folder);
  return {
    title: "Data health",
    lead: `${dataset}, ${manifest.from} to ${manifest.to}: what it holds, the checks it passed before it was published, and the features that miss most.`,
    body: [sizes(manifest), missingTable(manifest, features), checksTable(folder)].join(""),
  };
}

function sizes({ rows, codes, sessions, features }: DatasetManifest): string {
  const filled = features.map(({ nullRate }) => 1 - nullRate);
  const mean = filled.reduce((sum, share) => sum + share, 0) / filled.length;
  return tiles([
    { label: "rows", value: grouped(rows), note: `${grouped(codes)} codes` },
    { label: "sessions", value: grouped(sessions), note: `${years(sessions)} years` },
    { label: "values known", value: percent(mean), note: `${features.length} features` },
  ]);
}

function missingTable({ features }: DatasetManifest, used: readonly string[]): string {
  const inUse = new Set(used);
  const rows = features
    .filter(({ name }) => inUse.has(name))
    .sort((a, b) => b.nullRate - a.nullRate)
    .slice(0, featuresShown)
    .map(({ name, family, nullRate, least, greatest }) => [
      name,
      family,
      percent(nullRate),
      least?.toPrecision(3) ?? null,
      greatest?.toPrecision(3) ?? null,
    ]);
  return table({ columns: ["feature", "family", "missing", "least", "greatest"], rows });
}

function checksTable(folder: string): string {
  const checks = readQuality(folder);
  if (checks === undefined) return "";
  const rows = checks.map(({ name, passed, detail }) => [
    passed ? "passed" : "FAILED",
    name,
    detail,
  ]);
  return table({ columns: ["result", "check", "detail"], rows });
}

/** Trading days of a year on the Tokyo Stock Exchange. */
const sessionsOfYear = 245;

function years(sessions: number): string {
  return (sessions / sessionsOfYear).toFixed(1);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function grouped(value: number): string {
  return value.toLocaleString("en-US");
}
