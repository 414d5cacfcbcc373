// Rows of one table on their way into the lake, as the writer hands them out to be filled.

import type { DuckDBAppender, DuckDBConnection } from "@duckdb/node-api";
import { selectPart, type SqlSource } from "./stage-sql.ts";
import { appendRows, createPart, shapeOf, type StagePart } from "./stage.ts";
import { addedColumns, quoteName, type RawRow, type TableSchema } from "./table-schema.ts";

/** Rows of one table, waiting to be committed. Rows of one shape and source share a part, so that absent columns cost nothing. */
export class Stage {
  readonly schema: TableSchema;
  readonly #name: string;
  readonly #connection: DuckDBConnection;
  readonly #parts = new Map<string, StagePart>();
  /** Open appenders by table: closing one after each page would cost a third of the time. */
  readonly #appenders = new Map<string, DuckDBAppender>();
  #rows = 0;

  constructor(connection: DuckDBConnection, name: string, schema: TableSchema) {
    this.#connection = connection;
    this.#name = name;
    this.schema = schema;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Adds rows as the API delivers them. Throws SchemaError for a value that does not fit its column. */
  async add(rows: readonly RawRow[], source: string): Promise<void> {
    if (rows.length === 0) return;
    const shape = shapeOf(this.schema, rows);
    const names = shape.columns.map(({ name }) => name);
    const key = JSON.stringify([source, shape.hasUnknown, names]);
    const part =
      this.#parts.get(key) ??
      (await createPart(this.#connection, this.#nextTable(), shape, source));
    this.#parts.set(key, part);
    const firstOrder = this.#rows;
    const appender =
      this.#appenders.get(part.table) ?? (await this.#connection.createAppender(part.table));
    this.#appenders.set(part.table, appender);
    appendRows(appender, this.schema, { rows, shape, firstOrder });
    this.#rows += rows.length;
  }

  /** Adds the rows of a SELECT over files. */
  async addSelect(source: Omit<SqlSource, "firstOrder">): Promise<void> {
    const table = this.#nextTable();
    const { part, rows } = await selectPart(this.#connection, table, this.schema, {
      ...source,
      firstOrder: this.#rows,
    });
    this.#parts.set(table, part);
    this.#rows += rows;
  }

  /** All staged rows as lake rows, with their order number; no ORDER BY. */
  get select(): string {
    this.#settle();
    const columns = [
      ...this.schema.columns.map(({ name, type }) => ({ name, sql: type })),
      ...addedColumns,
      { name: "_order", sql: "DOUBLE" },
    ].map(({ name, sql }) => `CAST(NULL AS ${sql}) AS ${quoteName(name)}`);
    const parts = [...this.#parts.values()].map(({ select }) => select);
    return [`SELECT ${columns.join(", ")} WHERE false`, ...parts].join(" UNION ALL BY NAME ");
  }

  /** Rows a day, by day as YYYY-MM-DD, ascending. */
  async countByDay(): Promise<Map<string, number>> {
    const reader = await this.#connection.runAndReadAll(
      `SELECT strftime(${quoteName(this.schema.day)}, '%Y-%m-%d') AS d, count(*) FROM (${this.select}) GROUP BY d ORDER BY d`,
    );
    return new Map(reader.getRows().map((row) => [String(row[0]), Number(row[1])]));
  }

  async drop(): Promise<void> {
    this.#settle();
    for (const { table } of this.#parts.values()) {
      await this.#connection.run(`DROP TABLE IF EXISTS ${quoteName(table)}`);
    }
  }

  #settle(): void {
    for (const appender of this.#appenders.values()) appender.closeSync();
    this.#appenders.clear();
  }

  #nextTable(): string {
    return `${this.#name}_${this.#parts.size + 1}`;
  }
}
