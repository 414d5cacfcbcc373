// One run of the leak audit: the features of some codes on the lake as it is, cut off at a session, or with all later rows spoiled.

import type { DuckDBConnection } from "@duckdb/node-api";
import { closeInstantMs, isoDate, type Calendar } from "../calendar/index.ts";
import {
  domainOf,
  executePlan,
  expandToRows,
  loadMarketData,
  type FeaturePlan,
  type MarketData,
  type Registry,
} from "../features/index.ts";
import { quoteName, type Lake, type TableSchema } from "../lake/index.ts";

export type AuditMode = "truncate" | "perturb";

/** Columns as one float a row. */
export type Columns = ReadonlyMap<string, Float32Array<SharedArrayBuffer>>;

export interface Run {
  readonly data: MarketData;
  readonly columns: Columns;
}

export interface Auditor {
  readonly lake: Lake;
  readonly registry: Registry;
  readonly plan: FeaturePlan;
  readonly calendar: Calendar;
  /** DuckDB threads; default all. */
  readonly threads?: number;
}

/** Where a lake is cut, and how what lies behind is treated. */
export interface Cut {
  readonly mode: AuditMode;
  /** Epoch day of the last session that is left alone. */
  readonly day: number;
  /** The only table to spoil; default all. */
  readonly only?: string;
}

/** Computes the plan's columns for `codes`, on the whole lake or on one that is cut. */
export async function computeRun(
  auditor: Auditor,
  codes: readonly string[],
  cut?: Cut,
): Promise<Run> {
  const { lake, registry, plan, calendar, threads } = auditor;
  const connection = await lake.connect(threads === undefined ? {} : { threads });
  try {
    if (cut !== undefined) await spoil(connection, auditor, cut);
    const data = await loadMarketData({ connection, calendar }, registry, plan, { among: codes });
    const columns = new Map<string, Float32Array<SharedArrayBuffer>>();
    await executePlan(registry, plan, data, (feature, values) => {
      const rows = expandToRows(data, domainOf(feature), values);
      const column = new Float32Array(new SharedArrayBuffer(rows.length * 4));
      column.set(rows);
      columns.set(feature.name, column);
    });
    return { data, columns };
  } finally {
    connection.closeSync();
  }
}

/** Tables whose rows are known at the close of their own date: there, later means a later date. */
const knownAtClose: ReadonlySet<string> = new Set([
  "equities_bars_daily",
  "equities_master",
  "indices_bars_daily",
  "indices_bars_daily_topix",
]);

/** Public in advance, and the same in every run. */
export const leftAlone: ReadonlySet<string> = new Set(["markets_calendar"]);

async function spoil(
  connection: DuckDBConnection,
  { lake, calendar }: Auditor,
  { mode, day, only }: Cut,
): Promise<void> {
  const close = Temporal.Instant.fromEpochMilliseconds(closeInstantMs(calendar, day)).toString();
  for (const table of lake.tables()) {
    if (leftAlone.has(table) || (only !== undefined && only !== table)) continue;
    const schema = lake.schema(table);
    const later = knownAtClose.has(table)
      ? `${quoteName(schema.day)} > DATE '${isoDate(day)}'`
      : `available_at >= TIMESTAMPTZ '${close}'`;
    const whole = quoteName(`${table}__whole`);
    await connection.run(`ALTER VIEW ${quoteName(table)} RENAME TO ${whole}`);
    const select =
      mode === "truncate"
        ? `SELECT * FROM ${whole} WHERE NOT (${later})`
        : `SELECT * REPLACE (${spoiledColumns(schema, later)}) FROM ${whole} WHERE NOT (${later}) OR hash(${quoteName(schema.key[0])}, ${quoteName(schema.day)}) % 7 <> 0`;
    await connection.run(`CREATE VIEW ${quoteName(table)} AS ${select}`);
  }
}

/** Later numbers are multiplied by something between ½ and 1½ that depends on the row and the column. */
function spoiledColumns(schema: TableSchema, later: string): string {
  const numbers = schema.columns.filter(({ type }) => type === "DOUBLE" || type === "BIGINT");
  const list = numbers.map(({ name, type }, index) => {
    const column = quoteName(name);
    const factor = `(0.5 + (hash(${column}, ${quoteName(schema.day)}, ${index}) % 1000) / 1000.0)`;
    return `CASE WHEN ${later} THEN CAST(${column} * ${factor} AS ${type}) ELSE ${column} END AS ${column}`;
  });
  return list.length > 0 ? list.join(", ") : `available_at AS available_at`;
}
