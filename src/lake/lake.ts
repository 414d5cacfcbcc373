// The lake as its readers see it: tables, content hash, calendar, and a DuckDB connection with a view for each table.

import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import {
  calendarFromRows,
  epochDay,
  isoDate,
  jpxCalendar,
  type Calendar,
  type CalendarRow,
} from "../calendar/index.ts";
import { ArtifactError, SchemaError } from "../errors.ts";
import { hashValue } from "../hash.ts";
import { tableName } from "../jquants/index.ts";
import { manifestName, readManifest, type TableManifest } from "./manifest.ts";
import { tableSchemas } from "./registry-schema.ts";
import {
  addedColumns,
  columnsHash,
  quoteName,
  quoteText,
  type RawRow,
  type TableSchema,
} from "./table-schema.ts";
import { LakeWriter, type CommitResult } from "./writer.ts";

/** Where rows came from; the instant of fetching stays in the manifest, out of the partition's bytes. */
export interface Provenance {
  readonly source: string;
  readonly fetchedAt: string;
  readonly plan?: string | undefined;
}

export interface ConnectOptions {
  /** DuckDB threads; default: all cores. */
  readonly threads?: number;
  /** DuckDB memory, as "2GB"; default: DuckDB's own. */
  readonly memoryLimit?: string;
  /** True for the partitions (table, YYYY-MM) that the views show; default: all. */
  readonly shows?: (table: string, month: string) => boolean;
}

/** Opens the lake under `home`; an absent one is empty. Throws ArtifactError for a lake of a newer version. */
export async function openLake(home: string): Promise<Lake> {
  const lake = new Lake(home, tableSchemas());
  for (const table of lake.stored()) lake.manifest(table);
  return lake;
}

export class Lake {
  readonly home: string;
  readonly folder: string;
  readonly #schemas: ReadonlyMap<string, TableSchema>;
  /** Manifests by table with the stamp of the file they were read from: those of ten years are long. */
  readonly #read = new Map<string, { readonly stamp: string; readonly manifest: TableManifest }>();

  constructor(home: string, schemas: readonly TableSchema[]) {
    this.home = home;
    this.folder = join(home, "lake");
    this.#schemas = new Map(schemas.map((schema) => [schema.table, schema]));
  }

  /** Tables that hold rows, by name. */
  tables(): readonly string[] {
    return this.stored().filter((table) => this.has(table));
  }

  /** Tables that have a manifest, with rows or with coverage alone. */
  stored(): readonly string[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .filter((name) => existsSync(join(this.folder, name, manifestName)))
      .toSorted();
  }

  /** Tables that the lake knows how to hold. */
  schemas(): readonly TableSchema[] {
    return [...this.#schemas.values()];
  }

  /** True when the table holds at least one row. */
  has(table: string): boolean {
    return Object.values(this.manifest(table).partitions).some(({ rows }) => rows > 0);
  }

  /** The shape of a table, by table name or endpoint path. Throws SchemaError for an unknown one. */
  schema(name: string): TableSchema {
    const table = name.startsWith("/") ? tableName(name) : name;
    const schema = this.#schemas.get(table);
    if (schema !== undefined) return schema;
    throw new SchemaError(
      `lake: no table ${name}; known tables: ${[...this.#schemas.keys()].join(", ")}`,
    );
  }

  manifest(table: string): TableManifest {
    const folder = join(this.folder, table);
    const stamp = stampOf(join(folder, manifestName));
    const held = this.#read.get(table);
    if (held !== undefined && held.stamp === stamp) return held.manifest;
    const manifest = readManifest(folder, table);
    this.#read.set(table, { stamp, manifest });
    return manifest;
  }

  /** Hash over the content of every partition; equal lakes have equal hashes whenever they were fetched. */
  hash(): string {
    const content = this.tables().map((table) => [
      table,
      Object.entries(this.manifest(table).partitions)
        .map(([month, { rows, sha256 }]) => [month, rows, sha256])
        .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    ]);
    return hashValue(content);
  }

  /** The API's calendar when the lake holds it, else the JPX calendar of the holiday tables. */
  async calendar(): Promise<Calendar> {
    if (!this.has("markets_calendar")) return jpxCalendar();
    const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
    const connection = await instance.connect();
    try {
      await this.#createView(connection, this.schema("markets_calendar"));
      const reader = await connection.runAndReadAll(
        `SELECT CAST("Date" AS VARCHAR), "HolDiv" FROM markets_calendar ORDER BY "Date"`,
      );
      return withRuleBetween(
        reader
          .getRows()
          .map(([date, division]) => ({ Date: String(date), HolDiv: String(division) })),
      );
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  }

  /** A DuckDB connection with a view for each table; a table without data is an empty, typed view. */
  async connect(options: ConnectOptions = {}): Promise<DuckDBConnection> {
    const { threads, memoryLimit, shows } = options;
    const settings: Record<string, string> = {};
    if (threads !== undefined) settings["threads"] = String(threads);
    if (memoryLimit !== undefined) settings["memory_limit"] = memoryLimit;
    const instance = await DuckDBInstance.create(":memory:", settings);
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'Asia/Tokyo'");
    for (const schema of this.#schemas.values()) await this.#createView(connection, schema, shows);
    return connection;
  }

  /** Takes the writer's lock. Throws ConfigError when another process writes. */
  async writer(purpose: string): Promise<LakeWriter> {
    mkdirSync(this.folder, { recursive: true });
    for (const table of this.stored()) this.manifest(table);
    return LakeWriter.open(this.folder, purpose);
  }

  /** Merges rows of one month into a table, under the writer's lock; the days that have rows become complete. */
  async write(
    table: string,
    month: string,
    rows: readonly RawRow[],
    { source, fetchedAt, plan }: Provenance,
  ): Promise<CommitResult> {
    const writer = await this.writer(`write ${table}`);
    try {
      const stage = writer.stage(this.schema(table));
      await stage.add(rows, source);
      const days = [...(await stage.countByDay()).keys()].map((day) => ({ day, final: true }));
      const stray = days.find(({ day }) => !day.startsWith(month));
      if (stray !== undefined) {
        throw new SchemaError(
          `lake.write: ${table} of ${month} expected, found a row of ${stray.day}`,
        );
      }
      const result = await writer.commit(stage, { days, source, fetchedAt, plan });
      await stage.drop();
      return result;
    } finally {
      await writer.close();
    }
  }

  async #createView(
    connection: DuckDBConnection,
    schema: TableSchema,
    shows?: ConnectOptions["shows"],
  ): Promise<void> {
    try {
      await connection.run(this.#viewOf(schema, shows));
    } catch (error) {
      const [reason] = (error instanceof Error ? error.message : String(error)).split("\n", 1);
      throw new ArtifactError(
        `lake: a file of ${schema.table} is not readable (${reason}); gogooku3 lake verify names it`,
        { cause: error },
      );
    }
  }

  #viewOf(schema: TableSchema, shows: ConnectOptions["shows"]): string {
    const folder = join(this.folder, schema.table);
    const partitions = Object.entries(this.manifest(schema.table).partitions)
      .filter(([month]) => shows?.(schema.table, month) ?? true)
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
    const view = `CREATE VIEW ${quoteName(schema.table)} AS`;
    const empty = `SELECT ${emptyColumns(schema)} WHERE false`;
    if (partitions.length === 0) return `${view} ${empty}`;
    const files = partitions.map(([month]) => quoteText(join(folder, `${month}.parquet`)));
    const list = `[${files.join(", ")}]`;
    const current = columnsHash(schema);
    const isUniform = partitions.every(([, { columns }]) => columns === current);
    // A view of the whole opens every file to see that it is readable; one of some months need not when all have one shape.
    if (isUniform && shows !== undefined) return `${view} SELECT * FROM read_parquet(${list})`;
    const read = `SELECT * FROM read_parquet(${list}, union_by_name = true)`;
    return isUniform ? `${view} ${read}` : `${view} ${empty} UNION ALL BY NAME ${read}`;
  }
}

/** Tells a published file from the one before it: every publication is a new file under the old name. */
function stampOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? "absent" : `${found.ino} ${found.mtimeNs} ${found.size}`;
}

/** Days that the API's rows leave out, before, between and after them, follow the rule. */
function withRuleBetween(rows: readonly CalendarRow[]): Calendar {
  const last = rows.at(-1)?.Date ?? "";
  const base = jpxCalendar({ to: last > "2027-12-31" ? last : "2027-12-31" });
  const byDay = new Map(rows.map((row) => [epochDay(row.Date), row]));
  const days: CalendarRow[] = [];
  for (let day = base.firstDay; day <= base.lastDay; day += 1) {
    days.push(byDay.get(day) ?? { Date: isoDate(day), HolDiv: base.holidayDivision(day) });
  }
  return calendarFromRows(days);
}

function emptyColumns(schema: TableSchema): string {
  return [
    ...schema.columns.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${quoteName(name)}`),
    ...addedColumns.map(({ name, sql }) => `CAST(NULL AS ${sql}) AS ${quoteName(name)}`),
  ].join(", ");
}
