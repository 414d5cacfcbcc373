// Reads a DuckDB query chunk by chunk as typed arrays; no row object is ever made.

import type { DuckDBConnection, DuckDBDataChunk } from "@duckdb/node-api";
import { SchemaError } from "../errors.ts";

export type ChunkColumn = Int32Array | Float64Array | Float32Array | Uint8Array;

/**
 * Calls `take` with the columns of each chunk, all of `rowCount` values. Columns must be INTEGER, UTINYINT, FLOAT or DOUBLE
 * and never null: COALESCE doubles to NaN in the query. Throws SchemaError for another type.
 */
export async function streamRows(
  connection: DuckDBConnection,
  sql: string,
  take: (columns: readonly ChunkColumn[], rowCount: number) => void,
): Promise<void> {
  const result = await connection.stream(sql);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    take(columnsOf(chunk), chunk.rowCount);
  }
}

/** SQL that makes a number column safe to stream: DOUBLE, NaN for null. */
export function numberColumn(expression: string): string {
  return `COALESCE(CAST(${expression} AS DOUBLE), 'NaN'::DOUBLE)`;
}

/** SQL of a DATE's epoch day as INTEGER. */
export function dayColumn(expression: string): string {
  return `CAST(${expression} - DATE '1970-01-01' AS INTEGER)`;
}

/** The vectors' own memory: the library's public accessors go value by value. */
function columnsOf(chunk: DuckDBDataChunk): ChunkColumn[] {
  return Array.from({ length: chunk.columnCount }, (_, index) => {
    const vector = chunk.getColumnVector(index);
    const items: unknown = Reflect.get(vector, "items");
    if (
      items instanceof Int32Array ||
      items instanceof Float64Array ||
      items instanceof Float32Array ||
      items instanceof Uint8Array
    ) {
      return items;
    }
    throw new SchemaError(
      `streamRows: column ${index} is a ${vector.constructor.name}; expected INTEGER, UTINYINT, FLOAT or DOUBLE`,
    );
  });
}
