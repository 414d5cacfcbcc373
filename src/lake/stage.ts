// Rows on their way into a partition: checked, typed and given their instant of availability, in a DuckDB table.

import {
  DOUBLE,
  DuckDBDataChunk,
  INTEGER,
  VARCHAR,
  type DuckDBAppender,
  type DuckDBConnection,
  type DuckDBType,
} from "@duckdb/node-api";
import { epochDay } from "../calendar/index.ts";
import { SchemaError } from "../errors.ts";
import { canonicalJson } from "../hash.ts";
import {
  quoteName,
  quoteText,
  type LakeColumn,
  type RawRow,
  type TableSchema,
} from "./table-schema.ts";

const chunkRows = 2048;
const noDay = -2147483648;

/** Column that numbers staged rows: of two with one key, the higher wins. */
export const stageOrder = "_order";

/** A table of staged rows and the SELECT that gives them as lake rows, columns that none of them has left out. */
export interface StagePart {
  readonly table: string;
  readonly select: string;
}

/** The columns that some of the rows have, and whether any has a field that the schema does not know. */
export interface RowShape {
  readonly columns: readonly LakeColumn[];
  readonly hasUnknown: boolean;
}

/** Looks at the keys of every row. */
export function shapeOf(schema: TableSchema, rows: readonly RawRow[]): RowShape {
  const seen = new Set<string>();
  for (const row of rows) for (const key in row) seen.add(key);
  const columns = schema.columns.filter(
    ({ name }) => seen.has(name) || seen.has(outerName(name)) || isRequired(name, schema),
  );
  const known = knownNames(schema);
  return { columns, hasUnknown: [...seen].some((name) => !known.has(name)) };
}

/** Creates an empty part for rows of one shape and source: days as epoch days, missing as NaN or ''. */
export async function createPart(
  connection: DuckDBConnection,
  table: string,
  { columns, hasUnknown }: RowShape,
  source: string,
): Promise<StagePart> {
  const definitions = [
    ...columns.map((column) => `${quoteName(column.name)} ${stageSqlType(column)}`),
    `"_available" DOUBLE`,
    `${quoteName(stageOrder)} DOUBLE`,
    ...(hasUnknown ? [`"_extra" VARCHAR`] : []),
  ];
  await connection.run(`CREATE TEMP TABLE ${quoteName(table)} (${definitions.join(", ")})`);
  const values = columns.map((column) => `${stageExpression(column)} AS ${quoteName(column.name)}`);
  const select = `SELECT ${values.join(", ")}, to_timestamp("_available" / 1000) AS "available_at", ${quoteText(source)} AS "ingested_from",
    ${hasUnknown ? `nullif("_extra", '')` : "CAST(NULL AS VARCHAR)"} AS "extra", ${quoteName(stageOrder)} FROM ${quoteName(table)}`;
  return { table, select };
}

/** Appends API rows to a part of their shape; they are in its table once the appender is closed. Throws SchemaError that names the column and the value it could not read. */
export function appendRows(
  appender: DuckDBAppender,
  schema: TableSchema,
  { rows, shape, firstOrder }: { rows: readonly RawRow[]; shape: RowShape; firstOrder: number },
): void {
  const readers = [
    ...shape.columns.map((column) => columnReader(column, schema)),
    ...tailReaders(schema, shape, firstOrder),
  ];
  const types = stageTypes(shape);
  for (let offset = 0; offset < rows.length; offset += chunkRows) {
    const count = Math.min(chunkRows, rows.length - offset);
    const chunk = DuckDBDataChunk.create(types, count);
    for (let at = 0; at < readers.length; at += 1) {
      const vector = chunk.getColumnVector(at);
      const read = readers[at];
      for (let i = 0; i < count; i += 1) vector.setItem(i, read(rows[offset + i], offset + i));
      vector.flush();
    }
    appender.appendDataChunk(chunk);
  }
}

type Reader = (row: RawRow, index: number) => number | string;

function stageExpression(column: LakeColumn): string {
  const name = quoteName(column.name);
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

function stageTypes({ columns, hasUnknown }: RowShape): DuckDBType[] {
  const types = columns.map((column) => {
    if (column.type === "DATE") return INTEGER;
    return column.type === "VARCHAR" ? VARCHAR : DOUBLE;
  });
  return [...types, DOUBLE, DOUBLE, ...(hasUnknown ? [VARCHAR] : [])];
}

function isRequired(name: string, schema: TableSchema): boolean {
  return schema.key.includes(name) || schema.day === name;
}

function outerName(name: string): string {
  return name.split(".", 1)[0];
}

function knownNames(schema: TableSchema): ReadonlySet<string> {
  const names = [...schema.columns.map((column) => column.name), ...schema.dropped];
  return new Set(names.flatMap((name) => [name, outerName(name)]));
}

function columnReader(column: LakeColumn, schema: TableSchema): Reader {
  const { name } = column;
  const valueOf = fieldReader(name);
  const missing = new Set<unknown>(["", null, undefined, ...column.missing]);
  const requireValue = isRequired(name, schema) && column.type === "DATE";
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

function tailReaders(schema: TableSchema, { hasUnknown }: RowShape, firstOrder: number): Reader[] {
  const known = knownNames(schema);
  const readers: Reader[] = [(row) => schema.availableAt(row), (_row, index) => firstOrder + index];
  return hasUnknown ? [...readers, (row) => unknownFields(row, known)] : readers;
}

function unknownFields(row: RawRow, known: ReadonlySet<string>): string {
  let found: Record<string, unknown> | undefined;
  for (const key in row) {
    if (!known.has(key)) (found ??= {})[key] = row[key];
  }
  return found === undefined ? "" : canonicalJson(found);
}
