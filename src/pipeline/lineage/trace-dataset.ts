// A dataset back to the lake: its month files by checksum, then each partition that it was built from by SHA-256.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import {
  datasetFolder,
  type DatasetManifest,
  monthFileName,
  readDatasetManifest,
} from "../../dataset/index.ts";
import { type Lake, openLake, type TableManifest } from "../../lake/index.ts";
import { type FileNode, type LineageNode, type Verifier, worst } from "./node.ts";

const parts = [
  ["features", "."],
  ["labels", "labels"],
  ["market", "market"],
] as const;

/** The tree of a dataset. Throws ConfigError when there is no such dataset. */
export async function traceDataset(verifier: Verifier, id: string): Promise<LineageNode> {
  const folder = datasetFolder(verifier.home, id);
  const manifest = readDatasetManifest(folder);
  const files = manifest.months.flatMap((month) =>
    parts.map(([part, place]) =>
      monthFile(verifier, join(folder, place), month.month, month[part]),
    ),
  );
  const lake = await openLake(verifier.home);
  const from: LineageNode[] = [];
  for (const table of Object.keys(manifest.sources)) {
    from.push(await traceTable(verifier, lake, table, manifest));
  }
  const { rows, codes, sessions, selection, synthetic, codeVersion } = manifest;
  const data = synthetic ? ", simulated" : "";
  return {
    kind: "dataset",
    id: manifest.id,
    status: worst(files),
    detail: `${selection.slice(0, 40)}, ${rows} rows, ${codes} codes × ${sessions} sessions${data}, code ${codeVersion}`,
    files,
    from,
  };
}

function monthFile(
  verifier: Verifier,
  folder: string,
  month: string,
  { bytes, crc32: checksum }: { readonly bytes: number; readonly crc32: number },
): FileNode {
  const path = join(folder, monthFileName(month));
  const mark = (size: number, crc: number): string => `${size} bytes, crc32 ${crc.toString(16)}`;
  const content = existsSync(path) ? readFileSync(path) : null;
  const found = content === null ? null : mark(content.length, crc32(content));
  return verifier.compared(path, mark(bytes, checksum), found);
}

async function traceTable(
  verifier: Verifier,
  lake: Lake,
  table: string,
  { sources }: DatasetManifest,
): Promise<LineageNode> {
  const present = lake.manifest(table);
  const months = Object.entries(sources[table] ?? {});
  const files: FileNode[] = [];
  for (const [month, expected] of months) {
    const file = await verifier.file(join(lake.folder, table, `${month}.parquet`), expected);
    const isReplaced =
      file.status === "changed" && file.found === present.partitions[month]?.sha256;
    files.push(isReplaced ? { ...file, status: "superseded" } : file);
  }
  const status = worst(files);
  return {
    kind: "table",
    id: table,
    status,
    detail: `${months.length} months, ${origin(present, new Set(months.map(([month]) => month)))}`,
    files,
    from: [],
  };
}

/** Where the rows of some months came from, and when. */
function origin({ days }: TableManifest, months: ReadonlySet<string>): string {
  const own = Object.entries(days).filter(([day]) => months.has(day.slice(0, 7)));
  const sources = [...new Set(own.map(([, { source }]) => source))].toSorted();
  const fetched = own.map(([, { fetchedAt }]) => fetchedAt).toSorted();
  if (fetched.length === 0) return "no coverage kept";
  return `from ${sources.join(", ")}, fetched ${fetched[0].slice(0, 10)} to ${fetched[fetched.length - 1].slice(0, 10)}`;
}
