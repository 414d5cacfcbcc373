// The one writer of a lake: staged rows merge into a month's Parquet file, which is published together with its manifest.

import { existsSync, readdirSync } from "node:fs";
import { readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { hashBytes, hashFile } from "../hash.ts";
import { removeTemporaries } from "../publish.ts";
import { acquireLock, type WriterLock } from "./lock.ts";
import {
  applyPending,
  readManifest,
  writeManifest,
  type DayCoverage,
  type Partition,
  type PendingPartitions,
  type SourceFile,
  type TableManifest,
} from "./manifest.ts";
import { copyTo, mergeQuery, remainingQuery, type Removal } from "./partition-sql.ts";
import { publishAll } from "./publish-all.ts";
import { Stage } from "./staged-rows.ts";
import { columnsHash, quoteText, type TableSchema } from "./table-schema.ts";

/** What is said about a fetched day; with its rows it becomes the day's coverage. */
export interface FetchedDay {
  readonly day: string;
  /** True when the day's publication is over: it is not asked for again. */
  readonly final: boolean;
}

export interface Change {
  /** Days whose answer is whole, of any months: what is stored of them is replaced when the answer has rows. */
  readonly days: readonly FetchedDay[];
  readonly source: string;
  readonly fetchedAt: string;
  readonly plan?: string | undefined;
  readonly files?: Readonly<Record<string, SourceFile>>;
  /** replace (default): a day's new rows take the place of its stored ones. merge: by key. */
  readonly mode?: "replace" | "merge";
}

export interface CommitResult {
  /** Months that the staged rows fall into. */
  readonly months: readonly string[];
  /** Those of them whose file is another than before. */
  readonly changed: readonly string[];
}

/** Holds the writer's lock from open to close. */
export class LakeWriter {
  readonly #folder: string;
  readonly #lock: WriterLock;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #manifests = new Map<string, TableManifest>();
  #stages = 0;

  private constructor(
    folder: string,
    lock: WriterLock,
    instance: DuckDBInstance,
    connection: DuckDBConnection,
  ) {
    this.#folder = folder;
    this.#lock = lock;
    this.#instance = instance;
    this.#connection = connection;
  }

  /** Takes the lock, finishes what a killed writer left. Throws ConfigError when another process writes. */
  static async open(folder: string, purpose: string): Promise<LakeWriter> {
    const lock = await acquireLock(folder, purpose);
    try {
      await removeTemporaries(folder);
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (entry.isDirectory()) await recoverTable(join(folder, entry.name), entry.name);
      }
      // One thread: the order of row groups, and so the bytes of a partition, must not depend on timing.
      const instance = await DuckDBInstance.create(":memory:", {
        threads: "1",
        memory_limit: "1GB",
        temp_directory: join(folder, ".tmp-spill"),
      });
      return new LakeWriter(folder, lock, instance, await instance.connect());
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** The writer's own DuckDB connection, for importers that prepare their rows in SQL. */
  get connection(): DuckDBConnection {
    return this.#connection;
  }

  manifest(table: string): TableManifest {
    const held = this.#manifests.get(table);
    if (held !== undefined) return held;
    const read = readManifest(join(this.#folder, table), table);
    this.#manifests.set(table, read);
    return read;
  }

  /** An empty stage for rows of `schema`. Drop it after its commits. */
  stage(schema: TableSchema): Stage {
    this.#stages += 1;
    return new Stage(this.#connection, `stage_${this.#stages}`, schema);
  }

  /**
   * Publishes staged rows, month by month, with the coverage of the fetched days. A reader sees each month before or after;
   * a writer that is killed leaves whole months only.
   */
  async commit(stage: Stage, change: Change): Promise<CommitResult> {
    const { schema } = stage;
    const counts = await stage.countByDay();
    const manifest = this.manifest(schema.table);
    const months = [...new Set([...counts.keys()].map((day) => day.slice(0, 7)))];
    const replaced =
      change.mode === "merge"
        ? []
        : change.days.map(({ day }) => day).filter((day) => counts.has(day));
    const queries = new Map(
      months.map((month) => {
        const stored =
          manifest.partitions[month] === undefined ? undefined : this.#path(schema, month);
        const days = replaced.filter((day) => day.startsWith(month));
        return [month, mergeQuery(stage, month, stored, days)];
      }),
    );
    const coverage = { days: coverageOf(change, counts), files: change.files ?? {} };
    const changed = await this.#replace(schema, manifest, queries, coverage);
    return { months, changed };
  }

  /** Rewrites one month without some rows and values, and forgets the coverage of `days`. Nothing left: no file. */
  async remove(schema: TableSchema, month: string, removal: Removal): Promise<void> {
    const manifest = this.manifest(schema.table);
    const forgotten = new Set(removal.days);
    const stamp = month.replace("-", "");
    const kept = {
      ...manifest,
      days: omit(manifest.days, (day) => forgotten.has(day)),
      files: omit(manifest.files, (key) => key.includes(stamp)),
    };
    const queries = new Map<string, string | null>();
    if (manifest.partitions[month] !== undefined) {
      const remaining = remainingQuery(schema, this.#path(schema, month), removal);
      const left = await this.#connection.runAndReadAll(`SELECT count(*) FROM (${remaining})`);
      queries.set(month, Number(left.getRows()[0][0]) === 0 ? null : remaining);
    }
    await this.#replace(schema, kept, queries, { days: {}, files: {} });
  }

  /**
   * Puts the files of some months in place (a null query removes one): all are written beside their places, then the manifest
   * says what is coming, then they are renamed, then the manifest says that they are there. Returns the months that changed.
   */
  async #replace(
    schema: TableSchema,
    manifest: TableManifest,
    queries: ReadonlyMap<string, string | null>,
    coverage: Pick<PendingPartitions, "days" | "files">,
  ): Promise<string[]> {
    const folder = join(this.#folder, schema.table);
    const partitions: Record<string, Partition | null> = {};
    const written: string[] = [];
    for (const [month, query] of queries) if (query === null) partitions[month] = null;
    await publishAll(folder, {
      names: [...queries]
        .filter(([, query]) => query !== null)
        .map(([month]) => `${month}.parquet`),
      write: async (name, temporary) => {
        const month = name.slice(0, 7);
        await this.#connection.run(copyTo(queries.get(month) ?? "", temporary));
        const partition = await describePartition(this.#connection, temporary, schema);
        if (partition.sha256 === manifest.partitions[month]?.sha256) return false;
        partitions[month] = partition;
        written.push(month);
        return true;
      },
      announce: async () => {
        if (Object.keys(partitions).length === 0) return;
        await this.#publish(folder, { ...manifest, pending: { partitions, ...coverage } });
      },
    });
    for (const [month, query] of queries) {
      if (query === null) await rm(this.#path(schema, month), { force: true });
    }
    await this.#publish(folder, applyPending(manifest, { partitions, ...coverage }));
    return written;
  }

  /** Notes that all bulk files of a table were compared with those taken in. */
  async markSwept(table: string, sweptAt: string): Promise<void> {
    await this.#publish(join(this.#folder, table), { ...this.manifest(table), sweptAt });
  }

  #path(schema: TableSchema, month: string): string {
    return join(this.#folder, schema.table, `${month}.parquet`);
  }

  async close(): Promise<void> {
    this.#connection.closeSync();
    this.#instance.closeSync();
    await this.#lock.release();
  }

  async #publish(folder: string, manifest: TableManifest): Promise<void> {
    await writeManifest(folder, manifest);
    this.#manifests.set(manifest.table, manifest);
  }
}

/** Rolls renamed partitions forward into their manifest, forgets those that were never renamed. */
async function recoverTable(folder: string, table: string): Promise<void> {
  await removeTemporaries(folder);
  const manifest = readManifest(folder, table);
  const { pending, ...settled } = manifest;
  if (pending === undefined) return;
  const arrived: Record<string, Partition | null> = {};
  for (const [month, partition] of Object.entries(pending.partitions)) {
    const path = join(folder, `${month}.parquet`);
    if (partition === null) await rm(path, { force: true });
    const isThere = existsSync(path) && (await hashFile(path)) === partition?.sha256;
    if (partition === null || isThere) arrived[month] = partition;
  }
  const isWhole = Object.keys(arrived).length === Object.keys(pending.partitions).length;
  const days = omit(pending.days, (day) => !(day.slice(0, 7) in arrived));
  const partly = { partitions: arrived, days, files: {} };
  await writeManifest(folder, applyPending(settled, isWhole ? pending : partly));
}

function omit<T>(
  record: Readonly<Record<string, T>>,
  isOut: (key: string) => boolean,
): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !isOut(key)));
}

function coverageOf(
  change: Change,
  counts: ReadonlyMap<string, number>,
): Record<string, DayCoverage> {
  return Object.fromEntries(
    change.days.map(({ day, final }): [string, DayCoverage] => {
      const rows = counts.get(day) ?? 0;
      const settled = rows > 0 ? "complete" : "empty";
      const { source, plan, fetchedAt } = change;
      return [
        day,
        {
          state: final ? settled : "open",
          rows,
          source,
          ...(plan === undefined ? {} : { plan }),
          fetchedAt,
        },
      ];
    }),
  );
}

async function describePartition(
  connection: DuckDBConnection,
  path: string,
  schema: TableSchema,
): Promise<Partition> {
  const reader = await connection.runAndReadAll(
    `SELECT num_rows FROM parquet_file_metadata(${quoteText(path)})`,
  );
  const { size } = await stat(path);
  return {
    rows: Number(reader.getRows()[0][0]),
    bytes: size,
    // A stream's buffers cost more than a small file: a month is rarely above a few megabytes.
    sha256: size < 1 << 24 ? hashBytes(await readFile(path)) : await hashFile(path),
    columns: columnsHash(schema),
  };
}
