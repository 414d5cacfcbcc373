// Generated columns kept on disk between runs: raw little-endian arrays behind a JSON header, one file a config and version.

import { existsSync } from "node:fs";
import { type FileHandle, mkdir, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { ArtifactError } from "../../errors.ts";
import { hashBytes, hashValue } from "../../hash.ts";
import { publishWith } from "../../publish.ts";
import type { Anchor } from "./anchors.ts";
import type { FlowWeek } from "./flows.ts";
import { oracleHorizons } from "./oracle.ts";
import { type CapitalEvent, type PriceColumn, PriceTable } from "./price-table.ts";
import type { MarketConfig } from "./types.ts";

/** What is slow to generate. */
export interface Columns {
  readonly prices: PriceTable;
  readonly weeks: readonly FlowWeek[];
  readonly anchors: readonly Anchor[];
  readonly expected: ReadonlyMap<number, Float32Array> | undefined;
}

interface Header {
  readonly issues: number;
  readonly sessions: number;
  readonly hasExpected: boolean;
  readonly anchors: readonly Anchor[];
  readonly events: readonly CapitalEvent[];
  readonly weeks: readonly {
    readonly first: number;
    readonly last: number;
    readonly publicationDay: number;
    readonly pressures: readonly number[];
  }[];
}

/** Markets kept in the folder; the oldest go first. */
const keptFiles = 3;

/** Path of a config's file: it changes with the config and with any source that the columns depend on. */
export async function cachePath(folder: string, config: MarketConfig): Promise<string> {
  const root = join(import.meta.dirname, "..", "..");
  const sources = [
    await sourcesIn(import.meta.dirname),
    await sourcesIn(join(root, "calendar")),
    await sourcesIn(root, "rng."),
  ];
  return join(folder, `market-${hashValue({ config, sources }).slice(0, 24)}.bin`);
}

async function sourcesIn(folder: string, prefix = ""): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && entry.name.startsWith(prefix))
    .map(({ name }) => name);
  return Promise.all(
    names.sort().map(async (name) => `${name} ${hashBytes(await readFile(join(folder, name)))}`),
  );
}

/** The columns under `path`; undefined when there is no such file. */
export async function loadColumns(path: string): Promise<Columns | undefined> {
  if (!existsSync(path)) return undefined;
  const file = await open(path, "r");
  try {
    const header = await readHeader(file);
    const prices = new PriceTable(header.issues, header.sessions);
    prices.events = header.events;
    for (const column of prices.columns().values()) await fill(file, column);
    const weeks = header.weeks.map((week) => ({
      ...week,
      pressures: Float64Array.from(week.pressures),
    }));
    return {
      prices,
      weeks,
      anchors: header.anchors,
      expected: header.hasExpected ? await readExpected(file, header) : undefined,
    };
  } finally {
    await file.close();
  }
}

/** Publishes the columns under `path` and removes the oldest files of the folder. */
export async function saveColumns(folder: string, path: string, columns: Columns): Promise<void> {
  const { anchors, expected, prices, weeks } = columns;
  const header: Header = {
    issues: prices.issues,
    sessions: prices.sessions,
    hasExpected: expected !== undefined,
    events: prices.events,
    anchors,
    weeks: weeks.map((week) => ({ ...week, pressures: [...week.pressures] })),
  };
  await mkdir(folder, { recursive: true });
  await publishWith(path, async (temporary) => {
    const file = await open(temporary, "w");
    try {
      const text = Buffer.from(JSON.stringify(header));
      const length = new Uint32Array([text.length]);
      await file.writeFile(new Uint8Array(length.buffer));
      await file.writeFile(text);
      for (const column of prices.columns().values()) await file.writeFile(bytesOf(column));
      for (const horizon of oracleHorizons) {
        const column = expected?.get(horizon);
        if (column !== undefined) await file.writeFile(bytesOf(column));
      }
    } finally {
      await file.close();
    }
  });
  await removeOldest(folder);
}

async function readHeader(file: FileHandle): Promise<Header> {
  const length = new Uint32Array(1);
  await fill(file, length);
  const text = new Uint8Array(length[0]);
  await fill(file, text);
  return JSON.parse(new TextDecoder().decode(text)) as Header;
}

async function readExpected(
  file: FileHandle,
  { issues, sessions }: Header,
): Promise<Map<number, Float32Array>> {
  const expected = new Map<number, Float32Array>();
  for (const horizon of oracleHorizons) {
    const column = new Float32Array(issues * sessions);
    await fill(file, column);
    expected.set(horizon, column);
  }
  return expected;
}

async function fill(
  file: FileHandle,
  column: PriceColumn | Float32Array | Uint32Array,
): Promise<void> {
  const bytes = bytesOf(column);
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done);
    if (bytesRead === 0)
      throw new ArtifactError(
        `market cache: expected ${bytes.length} bytes of a column, found ${done}; delete the file to generate it again`,
      );
    done += bytesRead;
  }
}

function bytesOf(column: PriceColumn | Float32Array | Uint32Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}

async function removeOldest(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^market-[0-9a-f]+\.bin$/.test(name));
  const files = await Promise.all(
    names.map(async (name) => ({ name, written: (await stat(join(folder, name))).mtimeMs })),
  );
  files.sort((a, b) => b.written - a.written);
  for (const { name } of files.slice(keptFiles)) await rm(join(folder, name), { force: true });
}
