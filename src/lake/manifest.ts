// What a table of the lake holds, by content: its partitions with rows and hash, and for each day whether it is final.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ArtifactError } from "../errors.ts";
import { publishFile } from "../publish.ts";

/** Written into every manifest; a lake with a higher number was made by a newer gogooku3. */
export const lakeVersion = 1;

export interface Partition {
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
  /** Hash of the column names and types that the file holds. */
  readonly columns: string;
}

/** complete: rows, final. empty: no rows, final. open: fetched before it was final. */
export type DayState = "complete" | "empty" | "open";

export interface DayCoverage {
  readonly state: DayState;
  readonly rows: number;
  readonly source: string;
  readonly plan?: string | undefined;
  readonly fetchedAt: string;
}

/** The mark that tells a corrected bulk file. */
export interface SourceFile {
  readonly lastModified: string;
  readonly size: number;
}

/** Partitions about to be renamed into place: rolled forward or dropped by the next writer. Null removes the file. */
export interface PendingPartitions {
  readonly partitions: Readonly<Record<string, Partition | null>>;
  readonly days: Readonly<Record<string, DayCoverage>>;
  readonly files: Readonly<Record<string, SourceFile>>;
}

export interface TableManifest {
  readonly version: number;
  readonly table: string;
  /** By month, YYYY-MM. */
  readonly partitions: Readonly<Record<string, Partition>>;
  /** By day, YYYY-MM-DD. */
  readonly days: Readonly<Record<string, DayCoverage>>;
  /** Bulk files taken in, by key. */
  readonly files: Readonly<Record<string, SourceFile>>;
  /** When all bulk files were last compared with those taken in. */
  readonly sweptAt?: string | undefined;
  readonly pending?: PendingPartitions | undefined;
}

const count = z.int().nonnegative();

const partitionSchema: z.ZodType<Partition> = z.object({
  rows: count,
  bytes: count,
  sha256: z.string(),
  columns: z.string(),
});

const daysSchema: z.ZodType<Record<string, DayCoverage>> = z.record(
  z.string(),
  z.object({
    state: z.enum(["complete", "empty", "open"]),
    rows: count,
    source: z.string(),
    plan: z.string().optional(),
    fetchedAt: z.string(),
  }),
);

const filesSchema: z.ZodType<Record<string, SourceFile>> = z.record(
  z.string(),
  z.object({ lastModified: z.string(), size: count }),
);

const manifestSchema: z.ZodType<TableManifest> = z.object({
  version: z.int(),
  table: z.string(),
  partitions: z.record(z.string(), partitionSchema),
  days: daysSchema,
  files: filesSchema,
  sweptAt: z.string().optional(),
  pending: z
    .object({
      partitions: z.record(z.string(), partitionSchema.nullable()),
      days: daysSchema,
      files: filesSchema,
    })
    .optional(),
});

export const manifestName = "manifest.json";

export function emptyManifest(table: string): TableManifest {
  return { version: lakeVersion, table, partitions: {}, days: {}, files: {} };
}

/** Reads a table's manifest; an absent one is empty. Throws ArtifactError for a broken or newer manifest. */
export function readManifest(folder: string, table: string): TableManifest {
  const path = join(folder, manifestName);
  if (!existsSync(path)) return emptyManifest(table);
  const tree = parseJson(path);
  const version = z.object({ version: z.int() }).safeParse(tree);
  if (version.success && version.data.version > lakeVersion) {
    throw new ArtifactError(
      `lake: ${path} has version ${version.data.version}, this gogooku3 reads up to ${lakeVersion}; install the newer gogooku3 that wrote it`,
    );
  }
  const parsed = manifestSchema.safeParse(tree);
  if (parsed.success) return parsed.data;
  throw new ArtifactError(`lake: ${path} is not a manifest: ${z.prettifyError(parsed.error)}`);
}

/** Publishes a table's manifest with its keys in order, so that equal content gives equal bytes. */
export async function writeManifest(folder: string, manifest: TableManifest): Promise<void> {
  const ordered = {
    ...manifest,
    partitions: sortKeys(manifest.partitions),
    days: sortKeys(manifest.days),
    files: sortKeys(manifest.files),
  };
  await publishFile(join(folder, manifestName), `${JSON.stringify(ordered)}\n`);
}

/** The manifest after `pending` came into force. */
export function applyPending(manifest: TableManifest, pending: PendingPartitions): TableManifest {
  const { pending: _done, ...rest } = manifest;
  const partitions = { ...manifest.partitions };
  for (const [month, partition] of Object.entries(pending.partitions)) {
    if (partition === null) delete partitions[month];
    else partitions[month] = partition;
  }
  return {
    ...rest,
    partitions,
    days: { ...manifest.days, ...pending.days },
    files: { ...manifest.files, ...pending.files },
  };
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new ArtifactError(`lake: ${path} is not JSON; restore it or ingest into a new home`, {
      cause: error,
    });
  }
}

function sortKeys<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
