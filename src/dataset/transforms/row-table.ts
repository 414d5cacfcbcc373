// Rows of a dataset, one a (session, stock), with columns that are computed when they are asked for.

import { SchemaError, ShapeError } from "../../errors.ts";

export interface RowIndex {
  /** (sessions) epoch days, ascending. */
  readonly dates: Int32Array;
  /** (rows) position of the row's session in `dates`, never descending. */
  readonly sessions: Int32Array;
  /** (rows) position of the row's stock. */
  readonly codes: Int32Array;
}

export interface RowTable {
  readonly index: RowIndex;
  readonly columnNames: readonly string[];
  /** (rows) NaN where missing. Throws SchemaError for an unknown name. Callers must not write to it. */
  column(name: string): Float32Array;
}

/** A table over columns in memory. Throws ShapeError when one is not as long as the index. */
export function rowTable(index: RowIndex, columns: ReadonlyMap<string, Float32Array>): RowTable {
  for (const [name, values] of columns) {
    if (values.length === index.sessions.length) continue;
    throw new ShapeError(
      `rowTable: column ${name}: expected ${index.sessions.length} rows, found ${values.length}`,
    );
  }
  return {
    index,
    columnNames: [...columns.keys()],
    column: (name) => columns.get(name) ?? unknownColumn(name, [...columns.keys()]),
  };
}

/** A view whose columns come from `read`. */
export function derivedTable(
  index: RowIndex,
  columnNames: readonly string[],
  read: (name: string) => Float32Array,
): RowTable {
  const known = new Set(columnNames);
  return {
    index,
    columnNames,
    column: (name) => (known.has(name) ? read(name) : unknownColumn(name, columnNames)),
  };
}

const sessionOffsetsOf = new WeakMap<Int32Array, Int32Array>();

/** Start of each session's rows and the row count at the end: (sessions + 1). Remembered for an index. */
export function sessionOffsets({ dates, sessions }: RowIndex): Int32Array {
  const known = sessionOffsetsOf.get(sessions);
  if (known !== undefined) return known;
  const offsets = new Int32Array(dates.length + 1);
  for (let row = 0; row < sessions.length; row += 1) offsets[sessions[row] + 1] += 1;
  for (let day = 0; day < dates.length; day += 1) offsets[day + 1] += offsets[day];
  sessionOffsetsOf.set(sessions, offsets);
  return offsets;
}

/** Rows of each stock, oldest first: those of stock c stand at `offsets[c]` to `offsets[c + 1]` − 1 of `rows`. */
export interface StockRows {
  readonly offsets: Int32Array;
  readonly rows: Int32Array;
}

const stockRowsOf = new WeakMap<Int32Array, StockRows>();

/** Groups the rows by stock; remembered for an index. */
export function stockRows({ codes }: RowIndex): StockRows {
  const known = stockRowsOf.get(codes);
  if (known !== undefined) return known;
  let stocks = 0;
  for (let row = 0; row < codes.length; row += 1) stocks = Math.max(stocks, codes[row] + 1);
  const offsets = new Int32Array(stocks + 1);
  for (let row = 0; row < codes.length; row += 1) offsets[codes[row] + 1] += 1;
  for (let code = 0; code < stocks; code += 1) offsets[code + 1] += offsets[code];
  const next = offsets.slice(0, stocks);
  const rows = new Int32Array(codes.length);
  for (let row = 0; row < codes.length; row += 1) rows[next[codes[row]]++] = row;
  const result = { offsets, rows };
  stockRowsOf.set(codes, result);
  return result;
}

function unknownColumn(name: string, known: readonly string[]): never {
  const some = known.slice(0, 12).join(", ");
  throw new SchemaError(
    `dataset has no column ${name}; it has ${some || "none"}${known.length > 12 ? ` and ${known.length - 12} more` : ""}`,
  );
}
