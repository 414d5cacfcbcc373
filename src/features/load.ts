// Lake tables to market data: the raw panel on a split-proof basis, the universe as of each session, groups, series, events.

import type { DuckDBConnection } from "@duckdb/node-api";
import type { Calendar } from "../calendar/index.ts";
import { ConfigError } from "../errors.ts";
import { Panel } from "../panel/panel.ts";
import type { FeaturePlan } from "./plan.ts";
import { perStockClosure } from "./plan.ts";
import type { Registry } from "./registry.ts";
import { loadEvents } from "./load-events.ts";
import { loadPrices } from "./load-prices.ts";
import { loadMaster } from "./load-master.ts";
import { loadSectorSeries, loadSeries } from "./load-series.ts";
import { buildRows, type MarketData } from "./market-data.ts";
import { dayColumn, streamRows } from "./stream-rows.ts";
import { universeSql } from "./universe.ts";

/** A DuckDB connection with a view for each lake table, and the calendar that goes with it. */
export interface LakeView {
  readonly connection: DuckDBConnection;
  readonly calendar: Calendar;
}

export interface LoadOptions {
  /** Last session to load, as epoch day; default: the last one with daily bars. */
  readonly to?: number;
  /** Keep only codes that are in this list; default: the whole universe. */
  readonly among?: readonly string[];
  /** Raw inputs to load beside those that the plan reads. */
  readonly extraInputs?: readonly string[];
}

/** Loads what a plan reads, from the lake's first session on. Throws ConfigError when bars or the master list are missing. */
export async function loadMarketData(
  { connection, calendar }: LakeView,
  registry: Registry,
  plan: FeaturePlan,
  { to, among, extraInputs = [] }: LoadOptions = {},
): Promise<MarketData> {
  const span = await sessionSpan(connection, to);
  const sessions = calendar.sessionsBetween(span.first, span.last);
  const panel = new Panel(sessions, await universeCodes(connection, among));
  await createKeyTables(connection, panel);
  const inputs = new Set([...inputsOf(registry, plan), ...extraInputs]);
  await loadPrices(connection, panel, inputs);
  const { groups, listed } = await loadMaster(connection, panel, inputs);
  const close = panel.float64("close");
  const rows = buildRows(panel, (cell) => listed[cell] === 1 && close[cell] === close[cell]);
  return {
    panel,
    rows,
    groups,
    series: await loadSeries(connection, calendar, panel, inputs),
    sectorSeries: await loadSectorSeries(connection, panel, inputs),
    events: await loadEvents(connection, calendar, panel, registry, eventsOf(registry, plan)),
  };
}

/** Raw inputs that a plan reads. */
export function inputsOf(registry: Registry, plan: FeaturePlan): ReadonlySet<string> {
  const features = registry.closure(plan.selected);
  const inputs = features.flatMap((feature) => (feature.kind === "event" ? [] : feature.inputs));
  return new Set(inputs.filter((input) => !registry.has(input)));
}

/** Event sources that a plan reads. */
export function eventsOf(registry: Registry, plan: FeaturePlan): readonly string[] {
  const features = [
    ...registry.closure(plan.selected),
    ...perStockClosure(registry, plan.selected),
  ];
  const names = features.flatMap((feature) => (feature.kind === "event" ? [feature.events] : []));
  return [...new Set(names)];
}

interface Span {
  readonly first: number;
  readonly last: number;
}

async function sessionSpan(connection: DuckDBConnection, to: number | undefined): Promise<Span> {
  let span: Span | undefined;
  await streamRows(
    connection,
    `SELECT COALESCE(${dayColumn('min("Date")')}, -1), COALESCE(${dayColumn('max("Date")')}, -1) FROM equities_bars_daily`,
    ([first, last]) => {
      if (first[0] >= 0) span = { first: first[0], last: Math.min(last[0], to ?? last[0]) };
    },
  );
  if (span !== undefined && span.first <= span.last) return span;
  throw new ConfigError(
    "features: the lake has no daily bars; run `gogooku3 ingest --from --to`, or `gogooku3 import ohlcv PATH` for your own files",
  );
}

async function universeCodes(
  connection: DuckDBConnection,
  among: readonly string[] | undefined,
): Promise<readonly string[]> {
  const reader = await connection.runAndReadAll(
    `SELECT DISTINCT "Code" FROM equities_master WHERE ${universeSql} AND "Code" IN (SELECT DISTINCT "Code" FROM equities_bars_daily) ORDER BY 1`,
  );
  const codes = reader.getRows().map(([code]) => String(code));
  if (codes.length === 0) {
    throw new ConfigError(
      "features: the lake's list of issues (equities_master) names no stock that has daily bars; run `gogooku3 ingest` for /equities/master, it decides the universe",
    );
  }
  if (among === undefined) return codes;
  const wanted = new Set(among);
  return codes.filter((code) => wanted.has(code));
}

/** Temporary tables that turn codes and dates into positions. */
async function createKeyTables(connection: DuckDBConnection, panel: Panel): Promise<void> {
  const codes = panel.codes.map((code) => `'${code.replaceAll("'", "''")}'`).join(",");
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE feature_codes AS SELECT unnest([${codes}]) AS code, CAST(unnest(range(${panel.codes.length})) AS INTEGER) AS position`,
  );
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE feature_sessions AS SELECT CAST(DATE '1970-01-01' + CAST(unnest([${panel.dates.join(",")}]) AS INTEGER) AS DATE) AS day, CAST(unnest(range(${panel.dates.length})) AS INTEGER) AS position`,
  );
}
