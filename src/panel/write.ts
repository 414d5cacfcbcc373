// Panels into DuckDB and Parquet: whole vectors are copied through one reused data chunk, never values one by one.

import {
  type DuckDBAppender,
  type DuckDBConnection,
  DATE,
  DOUBLE,
  DuckDBDataChunk,
  type DuckDBEnumType,
  type DuckDBType,
  DuckDBTypeId,
  ENUM,
  FLOAT,
  INTEGER,
  quotedIdentifier,
  quotedString,
  UTINYINT,
} from "@duckdb/node-api";
import duckdb from "@duckdb/node-bindings";
import { randomUUID } from "node:crypto";
import { ShapeError } from "../errors.ts";
import { publishWith } from "../publish.ts";
import type { ColumnArray, IndexRange } from "./column.ts";
import type { Panel } from "./panel.ts";

export interface RowOptions {
  /** Columns to write; default all, in the panel's order. */
  readonly columns?: readonly string[];
  /** Positions of the dates to write; default all. */
  readonly dates?: IndexRange;
  /** A `u8` column: only cells where it is not 0 become rows; default every cell. */
  readonly where?: string;
}

export interface ParquetOptions extends RowOptions {
  /** Text pairs for the file's footer. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Rows of a row group; default 122,880. */
  readonly rowGroupSize?: number;
}

/**
 * Creates `table` (or replaces it) with `code`, `date` and the panel's columns, and fills it, codes in order and dates within
 * them. NaN and `i32` -1 become NULL. Gives the number of rows. The code is an ENUM of the panel's codes, which compares
 * and joins as text.
 */
export async function writePanelTable(
  connection: DuckDBConnection,
  panel: Panel,
  table: string,
  options: RowOptions = {},
): Promise<number> {
  const names = options.columns ?? panel.columnNames;
  const columns = names.map((name) => panel.column(name));
  const codeType = ENUM(codesOf(panel));
  const types = [codeType, DATE, ...columns.map(duckdbTypeOf)];
  const definitions = ["code", "date", ...names].map(
    (name, i) => `${quotedIdentifier(name)} ${types[i].toString()}`,
  );
  await connection.run(
    `CREATE OR REPLACE TABLE ${quotedIdentifier(table)} (${definitions.join(", ")})`,
  );
  const appender = await connection.createAppender(table);
  const writer = new ChunkWriter(appender, codeType, types);
  const isKept = options.where === undefined ? undefined : panel.column(options.where);
  const { start, end } = panel.requireRange("dates", options.dates);
  for (let code = 0; code < panel.codes.length; code += 1) {
    const first = code * panel.dates.length;
    for (let date = start; date < end; date += 1) {
      if (isKept === undefined || isKept[first + date] !== 0) writer.add(code, date, first + date);
      if (writer.isFull) writer.flush(panel.dates, columns);
    }
  }
  writer.flush(panel.dates, columns);
  appender.closeSync();
  return writer.rows;
}

/**
 * Publishes a panel as one Parquet file (zstd) with `code` as text, `date` and the panel's columns, in the order of codes and
 * dates; gives the number of rows. The file appears whole or not at all. Staged in DuckDB first: write long panels by month.
 */
export async function writePanelParquet(
  connection: DuckDBConnection,
  panel: Panel,
  path: string,
  options: ParquetOptions = {},
): Promise<number> {
  const table = `panel_${randomUUID()}`;
  const staged = quotedIdentifier(table);
  const settings = [
    "FORMAT parquet",
    "COMPRESSION zstd",
    "PARQUET_VERSION v2",
    `ROW_GROUP_SIZE ${options.rowGroupSize ?? 122_880}`,
    ...metadataSetting(options.metadata),
  ].join(", ");
  try {
    const rows = await writePanelTable(connection, panel, table, options);
    await publishWith(path, async (temporary) => {
      await connection.run(
        `COPY (SELECT * REPLACE (CAST(code AS VARCHAR) AS code) FROM ${staged}) ` +
          `TO ${quotedString(temporary)} (${settings})`,
      );
    });
    return rows;
  } finally {
    await connection.run(`DROP TABLE IF EXISTS ${staged}`);
  }
}

/** Gathers rows (code, date, cell) and appends them as one chunk when it is full. */
class ChunkWriter {
  rows: number = 0;
  readonly #appender: DuckDBAppender;
  readonly #chunk: DuckDBDataChunk;
  readonly #codeType: DuckDBEnumType;
  readonly #capacity: number = duckdb.vector_size();
  readonly #cells: Int32Array = new Int32Array(this.#capacity);
  readonly #codes: Int32Array = new Int32Array(this.#capacity);
  readonly #dates: Int32Array = new Int32Array(this.#capacity);
  readonly #validity: Uint8Array<ArrayBuffer> = new Uint8Array(this.#capacity / 8);
  readonly #scratch: ScratchArrays;
  #count: number = 0;

  constructor(appender: DuckDBAppender, codeType: DuckDBEnumType, types: readonly DuckDBType[]) {
    this.#appender = appender;
    this.#codeType = codeType;
    this.#chunk = DuckDBDataChunk.create(types);
    this.#scratch = scratchArrays(this.#capacity);
  }

  get isFull(): boolean {
    return this.#count === this.#capacity;
  }

  add(code: number, date: number, cell: number): void {
    this.#codes[this.#count] = code;
    this.#dates[this.#count] = date;
    this.#cells[this.#count] = cell;
    this.#count += 1;
  }

  flush(days: Int32Array, columns: readonly ColumnArray[]): void {
    if (this.#count === 0) return;
    this.#chunk.reset();
    this.#chunk.rowCount = this.#count;
    this.#copy(0, this.#ordinals());
    const { i32 } = this.#scratch;
    for (let i = 0; i < this.#count; i += 1) i32[i] = days[this.#dates[i]];
    this.#copy(1, i32);
    columns.forEach((column, i) => this.#copyColumn(i + 2, column));
    this.#appender.appendDataChunk(this.#chunk);
    this.rows += this.#count;
    this.#count = 0;
  }

  /** Positions of codes in the width that DuckDB stores an ENUM of as many values in. */
  #ordinals(): ScratchArray {
    const { u8, u16, i32 } = this.#scratch;
    const { internalTypeId } = this.#codeType;
    const ordinals =
      internalTypeId === DuckDBTypeId.UTINYINT
        ? u8
        : internalTypeId === DuckDBTypeId.USMALLINT
          ? u16
          : i32;
    for (let i = 0; i < this.#count; i += 1) ordinals[i] = this.#codes[i];
    return ordinals;
  }

  #copyColumn(index: number, column: ColumnArray): void {
    const scratch = this.#scratchOf(column);
    const cells = this.#cells;
    for (let i = 0; i < this.#count; i += 1) scratch[i] = column[cells[i]];
    this.#copy(index, scratch);
    if (!(column instanceof Uint8Array)) this.#copyValidity(index, scratch, column);
  }

  #scratchOf(column: ColumnArray): ScratchArray {
    if (column instanceof Float64Array) return this.#scratch.f64;
    if (column instanceof Float32Array) return this.#scratch.f32;
    return column instanceof Int32Array ? this.#scratch.i32 : this.#scratch.u8;
  }

  #copyValidity(index: number, values: ScratchArray, column: ColumnArray): void {
    const isCategory = column instanceof Int32Array;
    let missing = 0;
    this.#validity.fill(0xff);
    for (let i = 0; i < this.#count; i += 1) {
      const value = values[i];
      if (isCategory ? value === -1 : value !== value) {
        this.#validity[i >> 3] &= ~(1 << (i & 7));
        missing += 1;
      }
    }
    if (missing === 0) return;
    const vector = duckdb.data_chunk_get_vector(this.#chunk.chunk, index);
    duckdb.vector_ensure_validity_writable(vector);
    const { buffer, byteLength } = this.#validity;
    duckdb.copy_data_to_vector_validity(vector, 0, buffer, 0, byteLength);
  }

  #copy(index: number, { buffer, BYTES_PER_ELEMENT }: ScratchArray): void {
    const vector = duckdb.data_chunk_get_vector(this.#chunk.chunk, index);
    duckdb.copy_data_to_vector(vector, 0, buffer, 0, this.#count * BYTES_PER_ELEMENT);
  }
}

interface ScratchArrays {
  readonly f64: Float64Array<ArrayBuffer>;
  readonly f32: Float32Array<ArrayBuffer>;
  readonly i32: Int32Array<ArrayBuffer>;
  readonly u16: Uint16Array<ArrayBuffer>;
  readonly u8: Uint8Array<ArrayBuffer>;
}

type ScratchArray = ScratchArrays[keyof ScratchArrays];

function scratchArrays(length: number): ScratchArrays {
  return {
    f64: new Float64Array(length),
    f32: new Float32Array(length),
    i32: new Int32Array(length),
    u16: new Uint16Array(length),
    u8: new Uint8Array(length),
  };
}

function duckdbTypeOf(column: ColumnArray): DuckDBType {
  if (column instanceof Float64Array) return DOUBLE;
  if (column instanceof Float32Array) return FLOAT;
  return column instanceof Int32Array ? INTEGER : UTINYINT;
}

function codesOf({ codes }: Panel): readonly string[] {
  if (codes.length > 0) return codes;
  throw new ShapeError("writePanelTable: expected at least one code, found none");
}

function metadataSetting(metadata: Readonly<Record<string, string>> | undefined): string[] {
  if (metadata === undefined) return [];
  const pairs = Object.entries(metadata).map(
    ([key, value]) => `${quotedIdentifier(key)}: ${quotedString(value)}`,
  );
  return pairs.length === 0 ? [] : [`KV_METADATA {${pairs.join(", ")}}`];
}
