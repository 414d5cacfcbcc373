// The manifest of a dataset: what is in it, what it was made from, and the hash that a model checks before it reads a column.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ArtifactError, ConfigError } from "../errors.ts";
import { domainOf, type AbsentSource, type Domain, type Feature } from "../features/index.ts";
import { hashValue } from "../hash.ts";
import { sourceVersion } from "./code-version.ts";
import type { LabelKind } from "./labels.ts";
import type { ColumnStats } from "./parquet/format.ts";

export const datasetVersion = 1;

/** Version of the code that makes datasets: what was computed or proved by one says nothing of another. */
export const codeVersion: string = sourceVersion();

export interface ManifestFeature {
  readonly name: string;
  readonly family: string;
  readonly kind: Feature["kind"];
  readonly domain: Domain;
  readonly normalisation: Feature["normalisation"];
  readonly unit: string;
  readonly formula: string;
  readonly source: string;
  /** Sessions; null where the column is recursive. */
  readonly lookback: number | null;
  readonly lag: number;
  readonly nullRate: number;
  /** Least and greatest value; null where every value is missing. */
  readonly least: number | null;
  readonly greatest: number | null;
}

export interface ManifestLabel {
  readonly name: string;
  readonly kind: LabelKind;
  readonly horizon: number;
  readonly nulls: number;
}

/** One file of a part. */
export interface ManifestPart {
  readonly rows: number;
  readonly bytes: number;
  readonly crc32: number;
}

export interface ManifestMonth {
  readonly month: string;
  readonly features: ManifestPart;
  readonly labels: ManifestPart;
  readonly market: ManifestPart;
}

export interface DatasetManifest {
  readonly version: number;
  readonly id: string;
  /** First and last session of the rows, `YYYY-MM-DD`. */
  readonly from: string;
  readonly to: string;
  readonly selection: string;
  readonly features: readonly ManifestFeature[];
  /** Sources of the selection that the lake has nothing of, with the columns that were left out for it. */
  readonly absent?: readonly AbsentSource[] | undefined;
  readonly labels: readonly ManifestLabel[];
  /** Columns of the market part: prices and groups that evaluation reads, never a model. */
  readonly market: readonly string[];
  /** Hash of the ordered feature columns with their formulas: model and dataset must agree on it. */
  readonly abi: string;
  readonly lakeHash: string;
  /** Content of each lake partition read: table → month → SHA-256. */
  readonly sources: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly calendar: string;
  readonly codeVersion: string;
  /** True when any row comes from the simulator. */
  readonly synthetic: boolean;
  readonly rows: number;
  readonly codes: number;
  readonly sessions: number;
  readonly months: readonly ManifestMonth[];
}

const featureSchema: z.ZodType<ManifestFeature> = z.object({
  name: z.string(),
  family: z.string(),
  kind: z.enum(["stock", "crossSection", "group", "panel", "market", "event"]),
  domain: z.enum(["stock", "market", "sector33", "sector17", "section"]),
  normalisation: z.enum(["cross_sectional", "time_series", "raw", "log"]),
  unit: z.string(),
  formula: z.string(),
  source: z.string(),
  lookback: z.int().nullable(),
  lag: z.int(),
  nullRate: z.number(),
  least: z.number().nullable(),
  greatest: z.number().nullable(),
});

const labelSchema: z.ZodType<ManifestLabel> = z.object({
  name: z.string(),
  kind: z.enum(["price", "open", "excess", "total"]),
  horizon: z.int(),
  nulls: z.int(),
});

const partSchema: z.ZodType<ManifestPart> = z.object({
  rows: z.int(),
  bytes: z.int(),
  crc32: z.int(),
});

const manifestSchema: z.ZodType<DatasetManifest> = z.object({
  version: z.int(),
  id: z.string(),
  from: z.string(),
  to: z.string(),
  selection: z.string(),
  features: z.array(featureSchema),
  absent: z.array(z.object({ source: z.string(), columns: z.array(z.string()) })).optional(),
  labels: z.array(labelSchema),
  market: z.array(z.string()),
  abi: z.string(),
  lakeHash: z.string(),
  sources: z.record(z.string(), z.record(z.string(), z.string())),
  calendar: z.string(),
  codeVersion: z.string(),
  synthetic: z.boolean(),
  rows: z.int(),
  codes: z.int(),
  sessions: z.int(),
  months: z.array(
    z.object({ month: z.string(), features: partSchema, labels: partSchema, market: partSchema }),
  ),
});

export const manifestFile = "manifest.json";
export const latestFile = "latest";

/** What a run keeps of the dataset that it was made from: its id, columns, lake and rows. */
export function datasetHash({
  id,
  abi,
  lakeHash,
  rows,
}: Pick<DatasetManifest, "id" | "abi" | "lakeHash" | "rows">): string {
  return hashValue([id, abi, lakeHash, rows]);
}

/** What a model may rely on: the columns in order, how each is made and scaled. */
export function abiHash(features: readonly Feature[]): string {
  return hashValue(
    features.map((feature) => ({
      name: feature.name,
      kind: feature.kind,
      domain: domainOf(feature),
      normalisation: feature.normalisation,
      formula: feature.formula,
      lookback: Number.isFinite(feature.lookback) ? feature.lookback : null,
      lag: feature.lag,
    })),
  );
}

export function manifestFeature(
  feature: Feature,
  { nulls, least, greatest }: ColumnStats,
  rows: number,
): ManifestFeature {
  const { name, family, kind, normalisation, unit, formula, source, lookback, lag } = feature;
  return {
    name,
    family,
    kind,
    domain: domainOf(feature),
    normalisation,
    unit,
    formula,
    source,
    lookback: Number.isFinite(lookback) ? lookback : null,
    lag,
    nullRate: nulls / Math.max(1, rows),
    least: Number.isFinite(least) ? least : null,
    greatest: Number.isFinite(greatest) ? greatest : null,
  };
}

/** The folder of dataset `id` under `home`; `latest` follows the pointer. Throws ConfigError when there is none. */
export function datasetFolder(home: string, id: string): string {
  const folder = join(home, "datasets");
  const name = id === "latest" ? readLatest(folder) : id;
  const path = join(folder, name);
  if (existsSync(join(path, manifestFile))) return path;
  throw new ConfigError(
    `dataset: ${path} is no dataset; run \`gogooku3 dataset build --from --to --features SET\` first`,
  );
}

/** Throws ArtifactError for a broken manifest or one of a newer version. */
export function readDatasetManifest(folder: string): DatasetManifest {
  const path = join(folder, manifestFile);
  const parsed = manifestSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
  if (!parsed.success) {
    throw new ArtifactError(`dataset: ${path}: ${z.prettifyError(parsed.error)}`);
  }
  if (parsed.data.version === datasetVersion) return parsed.data;
  throw new ArtifactError(
    `dataset: ${path} has version ${parsed.data.version}, this gogooku3 reads ${datasetVersion}; build the dataset again`,
  );
}

function readLatest(folder: string): string {
  const path = join(folder, latestFile);
  if (existsSync(path)) return readFileSync(path, "utf8").trim();
  throw new ConfigError(
    `dataset: there is no latest dataset under ${folder}; run \`gogooku3 dataset build --from --to --features SET\` first`,
  );
}
