// The SQL that makes one month's file: stored rows merged with staged ones, or stored rows without some.

import { stageOrder } from "./stage.ts";
import type { Stage } from "./staged-rows.ts";
import { addedColumns, quoteName, quoteText, type TableSchema } from "./table-schema.ts";

export interface Removal {
  /** SQL over lake columns: rows that go. */
  readonly where: string;
  /** Days whose coverage goes. */
  readonly days: readonly string[];
  /** Columns whose values go. */
  readonly blank: readonly string[];
}

/** Stored rows that stay, then staged rows; of rows with one key the last; in key order. */
export function mergeQuery(
  stage: Stage,
  month: string,
  existing: string | undefined,
  replacedDays: readonly string[],
): string {
  const { schema } = stage;
  const keys = schema.key.map(quoteName).join(", ");
  const staged = `SELECT * FROM (${stage.select}) WHERE ${monthFilter(schema, month)}`;
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

/** Stored rows that stay, some of their values gone. */
export function remainingQuery(
  schema: TableSchema,
  path: string,
  { where, blank }: Removal,
): string {
  const typeOf = new Map(schema.columns.map(({ name, type }) => [name, type]));
  const blanks = blank
    .map((name) => `CAST(NULL AS ${typeOf.get(name) ?? "VARCHAR"}) AS ${quoteName(name)}`)
    .join(", ");
  const columns = blanks === "" ? "*" : `* REPLACE (${blanks})`;
  const keys = schema.key.map(quoteName).join(", ");
  return `SELECT ${columns} FROM read_parquet(${quoteText(path)}) WHERE NOT (${where}) ORDER BY ${keys}`;
}

/** Writes a query's rows as Parquet. */
export function copyTo(query: string, path: string): string {
  return `COPY (${query}) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)`;
}

function monthFilter(schema: TableSchema, month: string): string {
  const [year, monthOfYear] = month.split("-").map(Number);
  const next =
    monthOfYear === 12 ? `${year + 1}-01` : `${year}-${String(monthOfYear + 1).padStart(2, "0")}`;
  const day = quoteName(schema.day);
  return `${day} >= DATE '${month}-01' AND ${day} < DATE '${next}-01'`;
}
