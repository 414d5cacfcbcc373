// The shape of a lake table: the API's field names, typed for Parquet, with its key, its day column and its availability.

import { hashValue } from "../hash.ts";

export type ColumnType = "DATE" | "DOUBLE" | "BIGINT" | "VARCHAR";

export interface LakeColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** Texts that stand for "no value" beside null and the empty text. */
  readonly missing: readonly string[];
}

/** A field of a row as the source wrote it. */
export type RawValue = unknown;
export type RawRow = Readonly<Record<string, RawValue>>;

export interface TableSchema {
  /** Folder and view name: the endpoint's path with `/` and `-` as `_`. */
  readonly table: string;
  /** Path of the endpoint, with its leading slash. */
  readonly path: string;
  readonly columns: readonly LakeColumn[];
  readonly key: readonly string[];
  /** The DATE column whose month is the partition and whose day is the unit of coverage. */
  readonly day: string;
  /** Fields served that the lake does not keep, because they restate the past. */
  readonly dropped: ReadonlySet<string>;
  /** Columns that the publication rule reads. */
  readonly availabilityInputs: readonly string[];
  /** Epoch milliseconds of the instant at which the row became known. */
  availableAt(row: RawRow): number;
}

/** Columns that the lake adds behind the API's own. */
export const addedColumns = [
  { name: "available_at", sql: "TIMESTAMPTZ" },
  { name: "ingested_from", sql: "VARCHAR" },
  { name: "extra", sql: "VARCHAR" },
] as const;

/** Hash of names and types: it tells a partition written under an older registry. */
export function columnsHash(schema: TableSchema): string {
  return hashValue(schema.columns.map(({ name, type }) => [name, type]));
}

/** A SQL identifier. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A SQL text literal. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
