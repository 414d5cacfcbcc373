// Rows as bulk files hold them: gzip CSV with a header row, missing values as empty cells, nested fields flattened or as JSON.

import type { Endpoint, Field, Plan } from "../../jquants/index.ts";
import type { FieldValue, MarketRow } from "../market/types.ts";
import { includes, numberWriter } from "./json-rows.ts";

export interface CsvWriter {
  readonly header: string;
  /** One line, without its end. */
  line(row: MarketRow): string;
}

/** Writes the columns of `endpoint`'s bulk files that `plan` is served. */
export function csvWriter(endpoint: Endpoint, plan: Plan): CsvWriter {
  const columns = endpoint.bulkColumns.filter((column) =>
    isServed(endpoint.fields.get(column.split(".")[0]), plan),
  );
  const cells = columns.map((column) => ({
    path: column.split("."),
    writeNumber: numberWriter(endpoint, column),
  }));
  return {
    header: columns.join(","),
    line: (row) =>
      cells.map(({ path, writeNumber }) => writeCell(valueAt(row, path), writeNumber)).join(","),
  };
}

function isServed(field: Field | undefined, plan: Plan): boolean {
  return field !== undefined && includes(plan, field);
}

function valueAt(row: MarketRow, [name, inner]: readonly string[]): FieldValue {
  const value = row[name];
  if (inner === undefined) return value;
  return isObject(value) ? value[inner] : null;
}

function isObject(value: FieldValue): value is MarketRow {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function writeCell(value: FieldValue | undefined, writeNumber: (value: number) => string): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return writeNumber(value);
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
