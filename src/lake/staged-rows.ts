// Rows of one table on their way into the lake, as the writer hands them out to be filled.

import type { DuckDBConnection } from "@duckdb/node-api";
import { appendSelect, type SqlSource } from "./stage-sql.ts";
import { appendRows } from "./stage.ts";
import { quoteName, type RawRow, type TableSchema } from "./table-schema.ts";

/** Rows of one table, waiting to be committed month by month. */
export class Stage {
  readonly schema: TableSchema;
  readonly name: string;
  readonly #connection: DuckDBConnection;
  #rows = 0;

  constructor(connection: DuckDBConnection, name: string, schema: TableSchema) {
    this.#connection = connection;
    this.name = name;
    this.schema = schema;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Adds rows as the API delivers them. Throws SchemaError for a value that does not fit its column. */
  async add(rows: readonly RawRow[], source: string): Promise<void> {
    const firstOrder = this.#rows;
    await appendRows(this.#connection, this.name, this.schema, rows, { source, firstOrder });
    this.#rows += rows.length;
  }

  /** Adds the rows of a SELECT over files. */
  async addSelect({ select, source, label }: Omit<SqlSource, "firstOrder">): Promise<void> {
    const firstOrder = this.#rows;
    this.#rows += await appendSelect(this.#connection, this.name, this.schema, {
      select,
      source,
      label,
      firstOrder,
    });
  }

  /** Rows a day, by day as YYYY-MM-DD, ascending. */
  async countByDay(): Promise<Map<string, number>> {
    const day = quoteName(this.schema.day);
    const reader = await this.#connection.runAndReadAll(
      `SELECT strftime(DATE '1970-01-01' + ${day}, '%Y-%m-%d') AS d, count(*) FROM ${quoteName(this.name)} GROUP BY d ORDER BY d`,
    );
    return new Map(reader.getRows().map((row) => [String(row[0]), Number(row[1])]));
  }

  async drop(): Promise<void> {
    await this.#connection.run(`DROP TABLE IF EXISTS ${quoteName(this.name)}`);
  }
}
