// The one writer of a lake: staged rows merge into a month's Parquet file, which is published together with its manifest.

import { existsSync, readdirSync } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { dayOfCivil } from "../calendar/index.ts";
import { SchemaError } from "../errors.ts";
import { hashFile } from "../hash.ts";
import { publishWith, removeTemporaries } from "../publish.ts";
import { acquireLock, type WriterLock } from "./lock.ts";
import {
  applyPending,
  readManifest,
  writeManifest,
  type DayCoverage,
  type Partition,
  type PendingPartition,
  type SourceFile,
  type TableManifest,
} from "./manifest.ts";
import { appendSelect, type SqlSource } from "./stage-sql.ts";
import { appendRows, createStage, stageOrder, stageSelect } from "./stage.ts";
import {
  addedColumns,
  columnsHash,
  quoteName,
  quoteText,
  type RawRow,
  type TableSchema,
} from "./table-schema.ts";

/** What is said about a fetched day; with its rows it becomes the day's coverage. */
export interface FetchedDay {
  readonly day: string;
  /** True when the day's publication is over: it is not asked for again. */
  readonly final: boolean;
}

export interface PartitionChange {
  readonly month: string;
  /** Days whose answer is whole: what is stored of them is replaced when the answer has rows. */
  readonly days: readonly FetchedDay[];
  readonly source: string;
  readonly fetchedAt: string;
  readonly plan?: string | undefined;
  readonly files?: Readonly<Record<string, SourceFile>>;
  /** replace (default): a day's new rows take the place of its stored ones. merge: by key. */
  readonly mode?: "replace" | "merge";
}

export interface Removal {
  /** SQL over lake columns: rows that go. */
  readonly where: string;
  /** Days whose coverage goes. */
  readonly days: readonly string[];
  /** Columns whose values go. */
  readonly blank: readonly string[];
}

export interface CommitResult {
  /** Rows in the partition after the commit. */
  readonly rows: number;
  /** Staged rows of the month, duplicates included. */
  readonly staged: number;
  readonly changed: boolean;
}

/** Rows of one table, waiting to be committed month by month. */
export class Stage {
  readonly schema: TableSchema;
  readonly name: string;
  readonly #connection: DuckDBConnection;
  #rows = 0;

  constructor(connection: DuckDBConnection, name: string, schema: TableSchema) {
    this.#connection = connection;
    this.name = name;
    this.schema = schema;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Adds rows as the API delivers them. Throws SchemaError for a value that does not fit its column. */
  async add(rows: readonly RawRow[], source: string): Promise<void> {
    const firstOrder = this.#rows;
    await appendRows(this.#connection, this.name, this.schema, rows, { source, firstOrder });
    this.#rows += rows.length;
  }

  /** Adds the rows of a SELECT over files. */
  async addSelect({ select, source, label }: Omit<SqlSource, "firstOrder">): Promise<void> {
    const firstOrder = this.#rows;
    this.#rows += await appendSelect(this.#connection, this.name, this.schema, {
      select,
      source,
      label,
      firstOrder,
    });
  }

  /** The months that the staged rows fall into, ascending. */
  async months(): Promise<string[]> {
    const day = quoteName(this.schema.day);
    const reader = await this.#connection.runAndReadAll(
      `SELECT DISTINCT strftime(DATE '1970-01-01' + ${day}, '%Y-%m') AS m FROM ${quoteName(this.name)} ORDER BY m`,
    );
    return reader.getRows().map((row) => String(row[0]));
  }

  /** Rows a day of the staged table, by day as YYYY-MM-DD. */
  async countByDay(month?: string): Promise<Map<string, number>> {
    const where = month === undefined ? "" : `WHERE ${monthFilter(this.schema, month)}`;
    const day = quoteName(this.schema.day);
    const reader = await this.#connection.runAndReadAll(
      `SELECT strftime(DATE '1970-01-01' + ${day}, '%Y-%m-%d') AS d, count(*) FROM ${quoteName(this.name)} ${where} GROUP BY d ORDER BY d`,
    );
    return new Map(reader.getRows().map((row) => [String(row[0]), Number(row[1])]));
  }

  async drop(): Promise<void> {
    await this.#connection.run(`DROP TABLE IF EXISTS ${quoteName(this.name)}`);
  }
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

  /** An empty staging table for `schema`. Drop it after its commits. */
  async stage(schema: TableSchema): Promise<Stage> {
    this.#stages += 1;
    const name = `stage_${this.#stages}`;
    await createStage(this.#connection, name, schema);
    return new Stage(this.#connection, name, schema);
  }

  /** Publishes the staged rows of one month and the coverage of its days, all or nothing. */
  async commit(stage: Stage, change: PartitionChange): Promise<CommitResult> {
    const { schema } = stage;
    const counts = await stage.countByDay(change.month);
    const staged = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const manifest = this.manifest(schema.table);
    const days = coverageOf(change, counts);
    const files = change.files ?? {};
    const folder = join(this.#folder, schema.table);
    const current = manifest.partitions[change.month];
    if (staged === 0) {
      await this.cover(schema, change);
      return { rows: current?.rows ?? 0, staged, changed: false };
    }
    const path = join(folder, `${change.month}.parquet`);
    const replaced =
      change.mode === "merge"
        ? []
        : change.days.map(({ day }) => day).filter((day) => counts.has(day));
    let pending: PendingPartition | undefined;
    await publishWith(path, async (temporary) => {
      const merge = mergeQuery(
        stage,
        change.month,
        current === undefined ? undefined : path,
        replaced,
      );
      await this.#connection.run(copyTo(merge, temporary));
      const partition = await describePartition(this.#connection, temporary, schema);
      pending = { month: change.month, partition, days, files };
      await this.#publish(folder, { ...manifest, pending });
    });
    if (pending === undefined) throw new SchemaError(`lake: ${path} was not written`);
    await this.#publish(folder, applyPending(manifest, pending));
    const partition = pending.partition;
    return {
      rows: partition?.rows ?? 0,
      staged,
      changed: partition?.sha256 !== current?.sha256,
    };
  }

  /** Notes days that brought no rows, of any months, in one publication. */
  async cover(schema: TableSchema, change: Omit<PartitionChange, "month">): Promise<void> {
    const manifest = this.manifest(schema.table);
    await this.#publish(join(this.#folder, schema.table), {
      ...manifest,
      days: { ...manifest.days, ...coverageOf(change, new Map()) },
      files: { ...manifest.files, ...change.files },
    });
  }

  /** Rewrites one month without some rows and values, and forgets the coverage of `days`. Nothing left: no file. */
  async remove(schema: TableSchema, month: string, removal: Removal): Promise<void> {
    const folder = join(this.#folder, schema.table);
    const path = join(folder, `${month}.parquet`);
    const manifest = this.manifest(schema.table);
    const forgotten = new Set(removal.days);
    const kept = {
      ...manifest,
      days: Object.fromEntries(
        Object.entries(manifest.days).filter(([day]) => !forgotten.has(day)),
      ),
      files: Object.fromEntries(
        Object.entries(manifest.files).filter(([key]) => !key.includes(month.replace("-", ""))),
      ),
    };
    if (manifest.partitions[month] === undefined) {
      await this.#publish(folder, kept);
      return;
    }
    const remaining = remainingQuery(schema, path, removal);
    const left = await this.#connection.runAndReadAll(`SELECT count(*) FROM (${remaining})`);
    if (Number(left.getRows()[0][0]) === 0) {
      const pending = { month, partition: null, days: {}, files: {} };
      await this.#publish(folder, { ...kept, pending });
      await rm(path, { force: true });
      await this.#publish(folder, applyPending(kept, pending));
      return;
    }
    let pending: PendingPartition | undefined;
    await publishWith(path, async (temporary) => {
      await this.#connection.run(copyTo(remaining, temporary));
      const partition = await describePartition(this.#connection, temporary, schema);
      pending = { month, partition, days: {}, files: {} };
      await this.#publish(folder, { ...kept, pending });
    });
    if (pending !== undefined) await this.#publish(folder, applyPending(kept, pending));
  }

  /** Notes that all bulk files of a table were compared with those taken in. */
  async markSwept(table: string, sweptAt: string): Promise<void> {
    await this.#publish(join(this.#folder, table), { ...this.manifest(table), sweptAt });
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

/** Rolls a renamed partition forward into its manifest, drops one that was never renamed. */
async function recoverTable(folder: string, table: string): Promise<void> {
  await removeTemporaries(folder);
  const manifest = readManifest(folder, table);
  const { pending, ...settled } = manifest;
  if (pending === undefined) return;
  const path = join(folder, `${pending.month}.parquet`);
  if (pending.partition === null) {
    await rm(path, { force: true });
    await writeManifest(folder, applyPending(manifest, pending));
  } else {
    const arrived = existsSync(path) && (await hashFile(path)) === pending.partition.sha256;
    await writeManifest(folder, arrived ? applyPending(manifest, pending) : settled);
  }
}

function coverageOf(
  change: Omit<PartitionChange, "month">,
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

/** Stored rows that stay, then staged rows; of rows with one key the last; in key order. */
function mergeQuery(
  stage: Stage,
  month: string,
  existing: string | undefined,
  replacedDays: readonly string[],
): string {
  const { schema } = stage;
  const keys = schema.key.map(quoteName).join(", ");
  const staged = `SELECT ${stageSelect(schema)}, ${quoteName(stageOrder)} FROM ${quoteName(stage.name)} WHERE ${monthFilter(schema, month)}`;
  const replaced = replacedDays.map((day) => `DATE '${day}'`).join(", ");
  const where = replaced === "" ? "" : `WHERE ${quoteName(schema.day)} NOT IN (${replaced})`;
  const stored =
    existing === undefined
      ? ""
      : `SELECT *, -1::DOUBLE AS ${quoteName(stageOrder)} FROM read_parquet(${quoteText(existing)}) ${where} UNION ALL BY NAME `;
  const names = [...schema.columns, ...addedColumns].map(({ name }) => quoteName(name));
  const order = [keys, quoteName(stageOrder)].join(", ");
  // Rows in key order need only be compared with the next one: a streaming LEAD instead of a second sort.
  const isLastOfKey = schema.key
    .map(quoteName)
    .map((name) => `lead(${name}) OVER () IS DISTINCT FROM ${name}`)
    .join(" OR ");
  return `SELECT ${names.join(", ")} FROM (SELECT * FROM (${stored}${staged}) ORDER BY ${order}) QUALIFY ${isLastOfKey}`;
}

function remainingQuery(schema: TableSchema, path: string, { where, blank }: Removal): string {
  const typeOf = new Map(schema.columns.map(({ name, type }) => [name, type]));
  const blanks = blank
    .map((name) => `CAST(NULL AS ${typeOf.get(name) ?? "VARCHAR"}) AS ${quoteName(name)}`)
    .join(", ");
  const columns = blanks === "" ? "*" : `* REPLACE (${blanks})`;
  const keys = schema.key.map(quoteName).join(", ");
  return `SELECT ${columns} FROM read_parquet(${quoteText(path)}) WHERE NOT (${where}) ORDER BY ${keys}`;
}

function copyTo(query: string, path: string): string {
  return `COPY (${query}) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)`;
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
    sha256: await hashFile(path),
    columns: columnsHash(schema),
  };
}

function monthFilter(schema: TableSchema, month: string): string {
  const [year, monthOfYear] = month.split("-").map(Number);
  const from = dayOfCivil(year, monthOfYear, 1);
  const until =
    monthOfYear === 12 ? dayOfCivil(year + 1, 1, 1) : dayOfCivil(year, monthOfYear + 1, 1);
  return `${quoteName(schema.day)} >= ${from} AND ${quoteName(schema.day)} < ${until}`;
}
