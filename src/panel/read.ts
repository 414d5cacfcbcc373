// Panels from DuckDB: a query with a code, a date and value columns becomes typed arrays, chunk by chunk, without row objects.

import { type DuckDBConnection, quotedIdentifier, quotedString } from "@duckdb/node-api";
import duckdb from "@duckdb/node-bindings";
import { SchemaError } from "../errors.ts";
import type { ColumnArray, ColumnType } from "./column.ts";
import { Panel } from "./panel.ts";

export interface QueryOptions {
  /** Dates of the panel (epoch days, ascending); default the query's own. */
  readonly dates?: ArrayLike<number>;
  /** Codes of the panel (ascending); default the query's own. */
  readonly codes?: readonly string[];
  /** What to do with rows whose date or code is not in the panel; default "error". */
  readonly outside?: "error" | "drop";
  /** Name of the code column; default `code`, whatever its case. */
  readonly codeColumn?: string;
  /** Name of the date column; default `date`, whatever its case. */
  readonly dateColumn?: string;
}

interface QueryColumn {
  readonly name: string;
  readonly sqlType: string;
}

interface ValueColumn {
  readonly name: string;
  readonly type: ColumnType;
}

interface QueryPlan {
  readonly source: string;
  readonly code: string;
  readonly date: string;
  readonly values: readonly ValueColumn[];
}

/**
 * Runs `sql` and fills a panel from it. DOUBLE and every other number become f64, FLOAT f32, INTEGER and smaller i32,
 * BOOLEAN and UTINYINT u8. NULL and absent cells are NaN, -1 and 0 in that order. Integers beyond 2^53 are rounded.
 * Throws SchemaError for a missing code or date column, a column that is not a number, a NULL code or date, a (code, date)
 * that comes twice, and, unless `outside` is "drop", a row that is not in `dates` × `codes`.
 */
export async function panelFromQuery(
  connection: DuckDBConnection,
  sql: string,
  options: QueryOptions = {},
): Promise<Panel> {
  const plan = await planQuery(connection, sql, options);
  const codes = options.codes ?? (await distinctCodes(connection, plan));
  const dates = options.dates ?? (await distinctDates(connection, plan));
  const panel = new Panel(dates, codes);
  const columns = plan.values.map(({ name, type }) => panel.addColumn(name, type));
  const rows = await connection.stream(selectOf(plan, codes));
  const cellOf = cellFinder(panel, options.outside ?? "error");
  const cells = new Int32Array(duckdb.vector_size());
  for (let chunk = await rows.fetchChunk(); chunk !== null; chunk = await rows.fetchChunk()) {
    const count = chunk.rowCount;
    if (count === 0) break;
    const view = (index: number, width: number): Uint8Array =>
      duckdb.vector_get_data(duckdb.data_chunk_get_vector(chunk.chunk, index), count * width);
    cellOf(int32View(view(0, 4)), int32View(view(1, 4)), cells);
    columns.forEach((column, i) => {
      scatter(viewLike(column, view(i + 2, column.BYTES_PER_ELEMENT)), cells, column);
    });
  }
  return panel;
}

/** A panel from one Parquet file, or from all that a glob pattern matches. */
export async function readPanelParquet(
  connection: DuckDBConnection,
  path: string,
  options: QueryOptions = {},
): Promise<Panel> {
  return panelFromQuery(connection, `FROM read_parquet(${quotedString(path)})`, options);
}

async function planQuery(
  connection: DuckDBConnection,
  sql: string,
  { codeColumn = "code", dateColumn = "date" }: QueryOptions,
): Promise<QueryPlan> {
  const source = `(${sql.trim().replace(/;$/, "")})`;
  const described = await connection.runAndReadAll(`DESCRIBE ${source}`);
  const columns = described
    .getRows()
    .map((row): QueryColumn => ({ name: String(row[0]), sqlType: String(row[1]) }));
  const find = (wanted: string): string => {
    const found = columns.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
    if (found !== undefined) return found.name;
    const names = columns.map(({ name }) => name).join(", ");
    throw new SchemaError(`panelFromQuery: expected a column ${wanted}, found ${names}`);
  };
  const code = find(codeColumn);
  const date = find(dateColumn);
  const values = columns
    .filter(({ name }) => name !== code && name !== date)
    .map(({ name, sqlType }): ValueColumn => ({ name, type: columnTypeOf(name, sqlType) }));
  return { source, code, date, values };
}

function columnTypeOf(name: string, sqlType: string): ColumnType {
  if (/^(DOUBLE|BIGINT|UBIGINT|HUGEINT|UHUGEINT|UINTEGER|DECIMAL\(.*\))$/.test(sqlType))
    return "f64";
  if (sqlType === "FLOAT") return "f32";
  if (/^(INTEGER|SMALLINT|TINYINT|USMALLINT)$/.test(sqlType)) return "i32";
  if (/^(BOOLEAN|UTINYINT)$/.test(sqlType)) return "u8";
  throw new SchemaError(
    `panelFromQuery: expected column ${name} to hold numbers, found ${sqlType}; ` +
      "cast it in the query, or leave it out",
  );
}

async function distinctCodes(
  connection: DuckDBConnection,
  { source, code }: QueryPlan,
): Promise<string[]> {
  const reader = await connection.runAndReadAll(
    `SELECT DISTINCT CAST(${quotedIdentifier(code)} AS VARCHAR) FROM ${source} ORDER BY 1`,
  );
  return reader.getRows().map(([value]) => {
    if (typeof value === "string") return value;
    throw new SchemaError(`panelFromQuery: expected a code in every row of ${code}, found NULL`);
  });
}

async function distinctDates(
  connection: DuckDBConnection,
  { source, date }: QueryPlan,
): Promise<number[]> {
  const day = `CAST(${quotedIdentifier(date)} AS DATE) - DATE '1970-01-01'`;
  const reader = await connection.runAndReadAll(
    `SELECT DISTINCT CAST(${day} AS INTEGER) FROM ${source} ORDER BY 1`,
  );
  return reader.getRows().map(([value]) => {
    if (typeof value === "number") return value;
    throw new SchemaError(`panelFromQuery: expected a date in every row of ${date}, found NULL`);
  });
}

const missingLiterals: Readonly<Record<ColumnType, string>> = {
  f64: "'NaN'::DOUBLE",
  f32: "'NaN'::FLOAT",
  i32: "-1::INTEGER",
  u8: "0::UTINYINT",
};

const sqlTypes: Readonly<Record<ColumnType, string>> = {
  f64: "DOUBLE",
  f32: "FLOAT",
  i32: "INTEGER",
  u8: "UTINYINT",
};

/** Code and date come as positions that DuckDB computed, values without NULL: the chunks hold plain arrays. */
function selectOf({ source, code, date, values }: QueryPlan, codes: readonly string[]): string {
  const codeText = `CAST(${quotedIdentifier(code)} AS VARCHAR)`;
  const position =
    codes.length === 0
      ? "-1"
      : `COALESCE(enum_code(TRY_CAST(${codeText} AS ENUM(${codes.map(quotedString).join(", ")}))), -1)`;
  const day = `COALESCE(CAST(${quotedIdentifier(date)} AS DATE) - DATE '1970-01-01', ${noDay})`;
  const columns = values.map(({ name, type }) => {
    const value = quotedIdentifier(name);
    return `COALESCE(CAST(${value} AS ${sqlTypes[type]}), ${missingLiterals[type]}) AS ${value}`;
  });
  const list = [`CAST(${position} AS INTEGER)`, `CAST(${day} AS INTEGER)`, ...columns].join(", ");
  return `SELECT ${list} FROM ${source}`;
}

const noDay = -2_147_483_648;

type CellFinder = (codeIndexes: Int32Array, days: Int32Array, cells: Int32Array) => void;

/** Writes the cell of each row into `cells`, -1 for a row to drop. */
function cellFinder(panel: Panel, outside: "error" | "drop"): CellFinder {
  const { dates, codes, size } = panel;
  const firstDay = dates[0] ?? 0;
  const span = dates.length === 0 ? 0 : dates[dates.length - 1] - firstDay + 1;
  const dateIndexes = new Int32Array(span).fill(-1);
  dates.forEach((day, index) => (dateIndexes[day - firstDay] = index));
  const isSeen = new Uint8Array(size);
  return (codeIndexes, days, cells) => {
    for (let i = 0; i < codeIndexes.length; i += 1) {
      const offset = days[i] - firstDay;
      const dateIndex = offset >= 0 && offset < span ? dateIndexes[offset] : -1;
      if (codeIndexes[i] < 0 || dateIndex < 0) {
        if (outside === "error") throw rowOutside(panel, codeIndexes[i], days[i]);
        cells[i] = -1;
        continue;
      }
      const cell = codeIndexes[i] * dates.length + dateIndex;
      if (isSeen[cell] === 1) {
        throw new SchemaError(
          `panelFromQuery: expected one row a code and date, found two for ` +
            `${codes[codeIndexes[i]]} on ${dayName(days[i])}`,
        );
      }
      isSeen[cell] = 1;
      cells[i] = cell;
    }
  };
}

function rowOutside({ codes }: Panel, codeIndex: number, day: number): SchemaError {
  const code = codeIndex < 0 ? "a code that is not among the panel's" : codes[codeIndex];
  return new SchemaError(
    `panelFromQuery: expected rows of the panel's codes and dates, found ${code} on ${dayName(day)}; ` +
      'filter them in the query, or pass outside: "drop"',
  );
}

function dayName(day: number): string {
  if (day === noDay) return "no date";
  return Temporal.PlainDate.from("1970-01-01").add({ days: day }).toString();
}

function int32View(bytes: Uint8Array): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

function viewLike(column: ColumnArray, bytes: Uint8Array): ColumnArray {
  const { buffer, byteOffset, byteLength } = bytes;
  if (column instanceof Float64Array) return new Float64Array(buffer, byteOffset, byteLength / 8);
  if (column instanceof Float32Array) return new Float32Array(buffer, byteOffset, byteLength / 4);
  if (column instanceof Int32Array) return new Int32Array(buffer, byteOffset, byteLength / 4);
  return bytes;
}

function scatter(values: ColumnArray, cells: Int32Array, column: ColumnArray): void {
  for (let i = 0; i < values.length; i += 1) {
    if (cells[i] >= 0) column[cells[i]] = values[i];
  }
}
