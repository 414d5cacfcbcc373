// Graphs on disk: one file a month, in a folder named by everything that its edges depend on.

import { isoMonth } from "../calendar/index.ts";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ArtifactError, ConfigError } from "../errors.ts";
import { hashValue } from "../hash.ts";
import type { Panel } from "../panel/index.ts";
import { publishFile } from "../publish.ts";
import {
  type CorrelationGraph,
  correlationGraph,
  type CorrelationGraphOptions,
  resolveGraphOptions,
} from "./correlation.ts";

export interface GraphSource {
  /** Returns and groups by date and code. */
  readonly panel: Panel;
  /** Column of returns, NaN where a stock did not trade. */
  readonly returns: string;
  /** Columns of group codes, NaN or negative unknown; without one no edge is flagged. */
  readonly sector?: string;
  readonly section?: string;
  /** Hash of the data that the panel holds. */
  readonly dataHash: string;
}

export interface GraphShardOptions extends CorrelationGraphOptions {
  /** Sessions from one graph to the next, counted from the panel's first; default 5. */
  readonly every?: number;
}

/** The graph of the session `date` (epoch day); it reads that session and those before it. */
export interface GraphSnapshot {
  readonly date: number;
  readonly graph: CorrelationGraph;
}

const formatVersion = 1;

/** Hash of the parameters, the columns, the codes and the data: graphs of one key are the same graphs. */
export function graphKey(
  source: GraphSource,
  { every = 5, ...options }: GraphShardOptions,
): string {
  const { panel, returns, sector = null, section = null, dataHash } = source;
  const { halfLife, ...resolved } = resolveGraphOptions(options);
  return hashValue({
    formatVersion,
    every,
    ...resolved,
    halfLife: String(halfLife),
    columns: [returns, sector, section],
    codes: hashValue(panel.codes),
    firstDate: panel.dates[0] ?? null,
    dataHash,
  }).slice(0, 16);
}

/** Correlation graph of the session at `dateIndex` and the sessions before it. Throws ConfigError before a full window. */
export function graphAt(
  source: GraphSource,
  dateIndex: number,
  options: CorrelationGraphOptions = {},
): CorrelationGraph {
  const { panel } = source;
  const { window } = resolveGraphOptions(options);
  if (dateIndex + 1 < window) {
    throw new ConfigError(
      `graph: session ${dateIndex} has ${dateIndex + 1} sessions of history, a window needs ${window}`,
    );
  }
  const stocks = panel.codes.length;
  const returns = new Float64Array(stocks * window);
  const range = { start: dateIndex + 1 - window, end: dateIndex + 1 };
  for (let stock = 0; stock < stocks; stock += 1) {
    returns.set(panel.series(source.returns, stock, range), stock * window);
  }
  const sector = groupsOf(panel, source.sector, dateIndex);
  const section = groupsOf(panel, source.section, dateIndex);
  return correlationGraph({ returns, stocks, sector, section }, options);
}

/** The snapshots of a month (`YYYY-MM`), read from `<home>/cache/graphs/<key>/`, else computed and published there. */
export async function graphShard(
  home: string,
  source: GraphSource,
  month: string,
  options: GraphShardOptions = {},
): Promise<readonly GraphSnapshot[]> {
  const folder = join(home, "cache", "graphs", graphKey(source, options));
  const path = join(folder, `month=${month}.graph`);
  const wanted = snapshotSessions(source.panel, month, options);
  if (existsSync(path)) {
    const stored = decode(path, await readFile(path));
    const isWhole = wanted.every((session, i) => stored[i]?.date === source.panel.dates[session]);
    if (isWhole && stored.length === wanted.length) return stored;
  }
  const snapshots = wanted.map((session) => ({
    date: source.panel.dates[session],
    graph: graphAt(source, session, options),
  }));
  await publishFile(path, encode(snapshots));
  return snapshots;
}

/** The latest snapshot at or before `date` (epoch day) that is at most `every` sessions old; undefined before the first window. */
export async function graphAsOf(
  home: string,
  source: GraphSource,
  date: number,
  options: GraphShardOptions = {},
): Promise<GraphSnapshot | undefined> {
  const { panel } = source;
  const { every = 5 } = options;
  const last = panel.dateRange(panel.dates[0] ?? 0, date).end - 1;
  for (let session = last; session >= 0 && session > last - every; session -= 1) {
    if (!isSnapshot(session, options)) continue;
    const month = isoMonth(panel.dates[session]);
    const shard = await graphShard(home, source, month, options);
    return shard.find((snapshot) => snapshot.date === panel.dates[session]);
  }
  return undefined;
}

function isSnapshot(session: number, { every = 5, ...options }: GraphShardOptions): boolean {
  const first = resolveGraphOptions(options).window - 1;
  return session >= first && (session - first) % every === 0;
}

function snapshotSessions(panel: Panel, month: string, options: GraphShardOptions): number[] {
  return Array.from(panel.dates.keys()).filter(
    (session) => isoMonth(panel.dates[session]) === month && isSnapshot(session, options),
  );
}

function groupsOf(panel: Panel, column: string | undefined, dateIndex: number): Int32Array {
  if (column === undefined) return new Int32Array(panel.codes.length).fill(-1);
  const values = panel.column(column);
  return Int32Array.from(panel.codes, (_, stock) => {
    const value = values[stock * panel.dates.length + dateIndex];
    return Number.isFinite(value) ? value : -1;
  });
}

const headerSchema = z.strictObject({
  version: z.literal(formatVersion),
  snapshots: z.array(
    z.strictObject({ date: z.int(), stocks: z.int().min(0), edges: z.int().min(0) }),
  ),
});

/** A line of JSON, then for each snapshot its offsets, neighbours (int32) and attributes (float32), little endian. */
function encode(snapshots: readonly GraphSnapshot[]): Uint8Array {
  const header = {
    version: formatVersion,
    snapshots: snapshots.map(({ date, graph }) => ({
      date,
      stocks: graph.stocks,
      edges: graph.neighbours.length,
    })),
  };
  const arrays = snapshots.flatMap(({ graph }) => [
    graph.offsets,
    graph.neighbours,
    graph.attributes,
  ]);
  const bytes = arrays.map((array) =>
    Buffer.from(array.buffer, array.byteOffset, array.byteLength),
  );
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...bytes]);
}

function decode(path: string, file: Buffer): GraphSnapshot[] {
  const line = file.indexOf("\n");
  const parsed = headerSchema.safeParse(parseHeader(path, file.toString("utf8", 0, line)));
  if (!parsed.success) {
    throw new ArtifactError(`${path}: ${z.prettifyError(parsed.error)}; delete it`);
  }
  const body = new Uint8Array(file.subarray(line + 1)).buffer;
  const words = parsed.data.snapshots.reduce(
    (sum, { stocks, edges }) => sum + stocks + 1 + edges * 4,
    0,
  );
  if (body.byteLength !== words * 4) {
    throw new ArtifactError(
      `${path}: expected ${words * 4} bytes of graphs, found ${body.byteLength}; delete it`,
    );
  }
  let at = 0;
  const take = (count: number): number => {
    const start = at;
    at += count * 4;
    return start;
  };
  return parsed.data.snapshots.map(({ date, stocks, edges }) => ({
    date,
    graph: {
      stocks,
      offsets: new Int32Array(body, take(stocks + 1), stocks + 1),
      neighbours: new Int32Array(body, take(edges), edges),
      attributes: new Float32Array(body, take(edges * 3), edges * 3),
    },
  }));
}

function parseHeader(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ArtifactError(`${path}: not a graph file; delete it`, { cause });
  }
}
