// Rows on their way into a partition: checked, typed and given their instant of availability, in a DuckDB table.

import {
  DOUBLE,
  DuckDBDataChunk,
  INTEGER,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBType,
} from "@duckdb/node-api";
import { epochDay } from "../calendar/index.ts";
import { SchemaError } from "../errors.ts";
import { canonicalJson } from "../hash.ts";
import { quoteName, type LakeColumn, type RawRow, type TableSchema } from "./table-schema.ts";

const chunkRows = 2048;
const noDay = -2147483648;

/** Column that numbers staged rows: of two with one key, the higher wins. */
export const stageOrder = "_order";

/** Creates the staging table `name` for rows of `schema`: days as epoch days, missing as NaN or ''. */
export async function createStage(
  connection: DuckDBConnection,
  name: string,
  schema: TableSchema,
): Promise<void> {
  const columns = [
    ...schema.columns.map((column) => `${quoteName(column.name)} ${stageSqlType(column)}`),
    `"_available" DOUBLE`,
    `"_source" VARCHAR`,
    `"_extra" VARCHAR`,
    `"_order" DOUBLE`,
  ];
  await connection.run(`CREATE OR REPLACE TABLE ${quoteName(name)} (${columns.join(", ")})`);
}

export interface AppendOptions {
  readonly source: string;
  /** Order number of the first row: of two rows with one key, the later wins. */
  readonly firstOrder: number;
}

/** Appends API rows to a staging table. Throws SchemaError that names the column and the value it could not read. */
export async function appendRows(
  connection: DuckDBConnection,
  name: string,
  schema: TableSchema,
  rows: readonly RawRow[],
  options: AppendOptions,
): Promise<void> {
  if (rows.length === 0) return;
  const types = stageTypes(schema);
  const columns = schema.columns.map((column) => columnReader(column, schema));
  const tail = tailReaders(schema, options);
  const appender = await connection.createAppender(name);
  for (let offset = 0; offset < rows.length; offset += chunkRows) {
    const count = Math.min(chunkRows, rows.length - offset);
    const chunk = DuckDBDataChunk.create(types, count);
    const readers = [...columns, ...tail];
    for (let at = 0; at < readers.length; at += 1) {
      const vector = chunk.getColumnVector(at);
      const read = readers[at];
      for (let i = 0; i < count; i += 1) vector.setItem(i, read(rows[offset + i], offset + i));
      vector.flush();
    }
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

/** The SELECT list that turns a staging row into a lake row. */
export function stageSelect(schema: TableSchema): string {
  const columns = schema.columns.map((column) => {
    const name = quoteName(column.name);
    return `${stageExpression(column, name)} AS ${name}`;
  });
  return [
    ...columns,
    `to_timestamp("_available" / 1000) AS "available_at"`,
    `"_source" AS "ingested_from"`,
    `nullif("_extra", '') AS "extra"`,
  ].join(", ");
}

type Reader = (row: RawRow, index: number) => number | string;

function stageExpression(column: LakeColumn, name: string): string {
  switch (column.type) {
    case "DATE":
      return `CASE WHEN ${name} = ${noDay} THEN NULL ELSE DATE '1970-01-01' + ${name} END`;
    case "DOUBLE":
      return `CASE WHEN isnan(${name}) THEN NULL ELSE ${name} END`;
    case "BIGINT":
      return `CASE WHEN isnan(${name}) THEN NULL ELSE CAST(${name} AS BIGINT) END`;
    case "VARCHAR":
      return `nullif(${name}, '')`;
  }
}

function stageSqlType(column: LakeColumn): string {
  if (column.type === "DATE") return "INTEGER";
  return column.type === "VARCHAR" ? "VARCHAR" : "DOUBLE";
}

function stageTypes(schema: TableSchema): DuckDBType[] {
  const columns = schema.columns.map((column) => {
    if (column.type === "DATE") return INTEGER;
    return column.type === "VARCHAR" ? VARCHAR : DOUBLE;
  });
  return [...columns, DOUBLE, VARCHAR, VARCHAR, DOUBLE];
}

function columnReader(column: LakeColumn, schema: TableSchema): Reader {
  const { name } = column;
  const valueOf = fieldReader(name);
  const missing = new Set<unknown>(["", null, undefined, ...column.missing]);
  const required = schema.key.includes(name) || schema.day === name;
  const requireValue = required && column.type === "DATE";
  const failing = (value: unknown, expected: string): SchemaError =>
    new SchemaError(
      `${schema.path}: column ${name} expects ${expected}, found ${JSON.stringify(value)}`,
    );
  switch (column.type) {
    case "DATE":
      return dayReader(valueOf, missing, (value) => {
        if (missing.has(value) && !requireValue) return noDay;
        throw failing(value, "a date as YYYY-MM-DD");
      });
    case "DOUBLE":
    case "BIGINT":
      return (row) => {
        const value = valueOf(row);
        if (typeof value === "number") return value;
        if (missing.has(value)) return Number.NaN;
        const number = typeof value === "string" ? Number(value) : Number.NaN;
        if (Number.isNaN(number)) throw failing(value, "a number");
        return number;
      };
    case "VARCHAR":
      return (row) => {
        const value = valueOf(row);
        if (missing.has(value)) return "";
        return typeof value === "string" ? value : canonicalJson(value);
      };
  }
}

/** Reads `name`, or for `Object.Field` the field of a nested object when the row is not flat. */
function fieldReader(name: string): (row: RawRow) => unknown {
  const dot = name.indexOf(".");
  if (dot < 0) return (row) => row[name];
  const outer = name.slice(0, dot);
  const inner = name.slice(dot + 1);
  return (row) => {
    const nested: unknown = row[outer];
    if (typeof nested !== "object" || nested === null) return row[name];
    return Object.entries(nested).find(([key]) => key === inner)?.[1];
  };
}

function dayReader(
  valueOf: (row: RawRow) => unknown,
  missing: ReadonlySet<unknown>,
  fail: (value: unknown) => number,
): Reader {
  const known = new Map<unknown, number>();
  return (row) => {
    const value = valueOf(row);
    const day = known.get(value);
    if (day !== undefined) return day;
    const parsed = missing.has(value) ? undefined : parseDay(value);
    const found = parsed ?? fail(value);
    known.set(value, found);
    return found;
  };
}

function parseDay(value: unknown): number | undefined {
  try {
    return typeof value === "string" ? epochDay(value) : undefined;
  } catch {
    return undefined;
  }
}

function tailReaders(schema: TableSchema, { source, firstOrder }: AppendOptions): Reader[] {
  const names = [...schema.columns.map((column) => column.name), ...schema.dropped];
  const known = new Set(names.flatMap((name) => [name, name.split(".", 1)[0]]));
  return [
    (row) => schema.availableAt(row),
    () => source,
    (row) => unknownFields(row, known),
    (_row, index) => firstOrder + index,
  ];
}

function unknownFields(row: RawRow, known: ReadonlySet<string>): string {
  let found: Record<string, unknown> | undefined;
  for (const key in row) {
    if (!known.has(key)) (found ??= {})[key] = row[key];
  }
  return found === undefined ? "" : canonicalJson(found);
}
