// Rows that DuckDB reads itself (bulk CSV, imported files) on their way into a partition: typed, checked, made available.

import { DOUBLE, DuckDBDataChunk, VARCHAR, type DuckDBConnection } from "@duckdb/node-api";
import { SchemaError } from "../errors.ts";
import {
  quoteName,
  quoteText,
  type LakeColumn,
  type RawRow,
  type TableSchema,
} from "./table-schema.ts";
import { stageOrder, type StagePart } from "./stage.ts";

export interface SqlSource {
  /** A SELECT whose columns carry the API's field names; columns it lacks stay missing. */
  readonly select: string;
  readonly source: string;
  /** Order number of the first row: of two rows with one key, the later wins. */
  readonly firstOrder: number;
  /** What a message calls the source: a file name. */
  readonly label: string;
}

/**
 * Makes a part, the table `name`, of a SELECT's rows. Throws SchemaError when a required column is absent or a value
 * does not convert.
 */
export async function selectPart(
  connection: DuckDBConnection,
  name: string,
  schema: TableSchema,
  source: SqlSource,
): Promise<{ part: StagePart; rows: number }> {
  const input = `${name}_input`;
  try {
    await connection.run(`CREATE OR REPLACE TEMP TABLE ${quoteName(input)} AS ${source.select}`);
    const found = await columnsOf(connection, input);
    requireColumns(schema, found, source.label);
    await createAvailability(connection, input, schema, found);
    return await createTypedPart(connection, name, schema, found, source);
  } catch (error) {
    if (error instanceof SchemaError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new SchemaError(`${source.label}: not readable as ${schema.path}: ${firstLine(reason)}`, {
      cause: error,
    });
  } finally {
    await connection.run(`DROP TABLE IF EXISTS ${quoteName(input)}`);
    await connection.run(`DROP TABLE IF EXISTS ${quoteName(availabilityOf(input))}`);
  }
}

/** A SELECT over a gzip or plain CSV file with a header row, every cell as text. */
export function csvSelect(path: string): string {
  return `SELECT * FROM read_csv(${quoteText(path)}, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"', auto_detect = true, sample_size = 1000, null_padding = false, strict_mode = true)`;
}

type SourceColumns = ReadonlyMap<string, string>;

async function columnsOf(connection: DuckDBConnection, table: string): Promise<SourceColumns> {
  const reader = await connection.runAndReadAll(`DESCRIBE ${quoteName(table)}`);
  return new Map(reader.getRows().map((row) => [String(row[0]), String(row[1])]));
}

function requireColumns(schema: TableSchema, found: SourceColumns, label: string): void {
  const absent = [...new Set([...schema.key, schema.day])].filter((name) => !found.has(name));
  if (absent.length > 0) {
    throw new SchemaError(
      `${label}: columns ${absent.join(", ")} of ${schema.path} are missing, found ${[...found.keys()].join(", ")}`,
    );
  }
}

async function createAvailability(
  connection: DuckDBConnection,
  input: string,
  schema: TableSchema,
  found: SourceColumns,
): Promise<void> {
  const table = availabilityOf(input);
  const inputs = schema.availabilityInputs.filter((name) => found.has(name));
  const distinct = await connection.runAndReadAll(
    `SELECT DISTINCT ${availabilityKey(inputs)}, ${inputs.map((name) => `CAST(${quoteName(name)} AS VARCHAR)`).join(", ")} FROM ${quoteName(input)}`,
  );
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE ${quoteName(table)} (k VARCHAR, known DOUBLE)`,
  );
  const appender = await connection.createAppender(table);
  const rows = distinct.getRows();
  for (let offset = 0; offset < rows.length; offset += 2048) {
    const part = rows.slice(offset, offset + 2048);
    const chunk = DuckDBDataChunk.create([VARCHAR, DOUBLE], part.length);
    const keys = chunk.getColumnVector(0);
    const instants = chunk.getColumnVector(1);
    part.forEach(([key, ...values], i) => {
      const row: RawRow = Object.fromEntries(inputs.map((column, at) => [column, values[at]]));
      keys.setItem(i, key);
      instants.setItem(i, schema.availableAt(row));
    });
    keys.flush();
    instants.flush();
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

async function createTypedPart(
  connection: DuckDBConnection,
  name: string,
  schema: TableSchema,
  found: SourceColumns,
  { source, firstOrder }: SqlSource,
): Promise<{ part: StagePart; rows: number }> {
  const input = `${name}_input`;
  const inputs = schema.availabilityInputs.filter((column) => found.has(column));
  const columns = schema.columns.flatMap((column) => {
    const sourceType = found.get(column.name);
    return sourceType === undefined ? [] : [typedColumn(column, sourceType)];
  });
  const known = new Set([...schema.columns.map((column) => column.name), ...schema.dropped]);
  const unknown = [...found.keys()].filter((column) => !known.has(column)).toSorted();
  await connection.run(
    `CREATE TEMP TABLE ${quoteName(name)} AS SELECT ${columns.join(", ")}, to_timestamp(a.known / 1000) AS "available_at",
      ${quoteText(source)} AS "ingested_from", ${extraExpression(unknown)} AS "extra", (${firstOrder} + i.rowid)::DOUBLE AS ${quoteName(stageOrder)}
     FROM ${quoteName(input)} i JOIN ${quoteName(availabilityOf(input))} a ON a.k = ${availabilityKey(inputs)}`,
  );
  const reader = await connection.runAndReadAll(`SELECT count(*) FROM ${quoteName(name)}`);
  const part = { table: name, select: `SELECT * FROM ${quoteName(name)}` };
  return { part, rows: Number(reader.getRows()[0][0]) };
}

function typedColumn(column: LakeColumn, sourceType: string): string {
  const name = quoteName(column.name);
  const value = sourceType === "VARCHAR" ? withoutMarkers(column, name) : name;
  return `CAST(${value} AS ${column.type}) AS ${name}`;
}

function withoutMarkers(column: LakeColumn, name: string): string {
  return ["", ...column.missing].reduce(
    (value, marker) => `nullif(${value}, ${quoteText(marker)})`,
    name,
  );
}

function extraExpression(unknown: readonly string[]): string {
  if (unknown.length === 0) return "CAST(NULL AS VARCHAR)";
  const fields = unknown.map((name) => `${quoteText(name)}, ${quoteName(name)}`).join(", ");
  // A merge patch drops members that are null: an empty cell is no field.
  return `nullif(CAST(json_merge_patch('{}', json_object(${fields})) AS VARCHAR), '{}')`;
}

function availabilityKey(inputs: readonly string[]): string {
  if (inputs.length === 0) return "''";
  const parts = inputs.map((name) => `coalesce(CAST(${quoteName(name)} AS VARCHAR), '')`);
  return parts.join(` || '|' || `);
}

function availabilityOf(input: string): string {
  return `${input}_available`;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0];
}
