// Decoded data of the lake's settled months, kept under `<home>/cache/decoded` so that a daily load decodes the last months only.

import { existsSync, readdirSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { version as duckdbVersion } from "@duckdb/node-api";
import { hashValue } from "../../hash.ts";
import type { Lake } from "../../lake/index.ts";
import { isTemporary } from "../../publish.ts";
import { KeptFile, writeKept, type KeptContent } from "./kept-file.ts";

/** What a file is made from: the tables' months before `boundary` (YYYY-MM), whole tables, and the text of a query. */
export interface Origin {
  readonly name: string;
  readonly boundary: string;
  readonly tables: readonly string[];
  readonly whole?: readonly string[];
  readonly text?: string;
}

export interface LoadCacheOptions {
  /** Settled daily bars below which nothing is kept: reading the lake takes no longer. */
  readonly fewestBars?: number;
}

const ending = ".kept";

/** A temporary file this much older than a new one was left by a killed writer. */
const abandonedMs = 3_600_000;

export class LoadCache {
  readonly lake: Lake;
  readonly folder: string;
  readonly fewestBars: number;
  readonly #code: string;

  /** @param code - version of the code that decodes: files of another one are not read. */
  constructor(lake: Lake, code: string, { fewestBars = 500_000 }: LoadCacheOptions = {}) {
    this.lake = lake;
    this.fewestBars = fewestBars;
    this.folder = join(lake.home, "cache", "decoded");
    this.#code = code;
  }

  /** Hash of all that decides a file's content; undefined while a table is being written. */
  identity({ name, boundary, tables, whole = [], text = "" }: Origin): string | undefined {
    const contents = [...tables, ...whole].map((table) => {
      const { partitions, pending } = this.lake.manifest(table);
      if (pending !== undefined) return undefined;
      const months = Object.entries(partitions)
        .filter(([month]) => month < boundary || whole.includes(table))
        .map(([month, { rows, sha256 }]) => [month, rows, sha256])
        .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
      return [table, months];
    });
    if (contents.includes(undefined)) return undefined;
    return hashValue([this.#code, duckdbVersion(), name, boundary, text, contents]);
  }

  /** The file of an origin, when it was made from the lake as it is now. */
  async open(origin: Origin): Promise<KeptFile | undefined> {
    const identity = this.identity(origin);
    return identity === undefined ? undefined : KeptFile.open(this.#path(origin), identity);
  }

  /** Writes a file, unless the lake has changed since it had the hash `lakeHash`: then the data may be of either. */
  async save(
    origin: Origin,
    lakeHash: string,
    content: Omit<KeptContent, "identity">,
  ): Promise<void> {
    const identity = this.identity(origin);
    if (identity === undefined || this.lake.hash() !== lakeHash) return;
    await writeKept(this.#path(origin), { identity, ...content });
  }

  /** Boundaries for which there is a file of that name, the latest first. */
  boundaries(name: string): readonly string[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder)
      .filter((entry) => entry.startsWith(`${name}-`) && entry.endsWith(ending))
      .map((entry) => entry.slice(name.length + 1, -ending.length))
      .toSorted()
      .toReversed();
  }

  /** Removes every file but that of an origin, and what killed writers left. */
  async clear(origin: Origin): Promise<void> {
    if (!existsSync(this.folder)) return;
    const kept = this.#path(origin);
    const newest = writtenMs(kept);
    for (const entry of readdirSync(this.folder)) {
      const path = join(this.folder, entry);
      const isOld = isTemporary(entry) ? newest - writtenMs(path) > abandonedMs : path !== kept;
      if (isOld) await rm(path, { force: true });
    }
  }

  #path({ name, boundary }: Origin): string {
    return join(this.folder, `${name}-${boundary}${ending}`);
  }
}

/** When a file was written; NaN when there is none. */
function writtenMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.NaN;
}
