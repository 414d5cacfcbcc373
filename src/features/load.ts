// Lake tables to market data: the raw panel on a split-proof basis, the universe as of each session, groups, series, events.

import type { DuckDBConnection } from "@duckdb/node-api";
import type { Calendar } from "../calendar/index.ts";
import { ConfigError } from "../errors.ts";
import { Panel } from "../panel/panel.ts";
import type { FeaturePlan } from "./plan.ts";
import { perStockClosure } from "./plan.ts";
import type { Registry } from "./registry.ts";
import { universeOf, type LakeBase } from "./load-base.ts";
import type { LoadCache } from "./load-cache/load-cache.ts";
import { loadEvents } from "./load-events.ts";
import { loadPrices } from "./load-prices.ts";
import { loadMaster } from "./load-master.ts";
import { loadIndices, loadSeries, sectorSeries } from "./load-series.ts";
import { buildRows, type MarketData } from "./market-data.ts";
import { closeSource, openSource, prepareSource } from "./load-source.ts";

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
  /** Where decoded data of settled months are kept, for the whole universe; default: everything is read from the lake. The data are the same. */
  readonly cache?: LoadCache;
}

/** Loads what a plan reads, from the lake's first session on. Throws ConfigError when bars or the master list are missing. */
export async function loadMarketData(
  { connection, calendar }: LakeView,
  registry: Registry,
  plan: FeaturePlan,
  { to, among, extraInputs = [], cache }: LoadOptions = {},
): Promise<MarketData> {
  const kept = among === undefined ? cache : undefined;
  const source = await openSource(connection, { to, among, cache: kept });
  try {
    const { first, last } = spanOf(source.base, to);
    const sessions = calendar.sessionsBetween(first, last);
    const panel = new Panel(sessions, codesOf(source.base, among));
    await prepareSource(source, panel);
    const inputs = new Set([...inputsOf(registry, plan), ...extraInputs]);
    await loadPrices(source, panel, inputs);
    const { groups, listed } = await loadMaster(source, panel, inputs);
    const indices = await loadIndices(source, panel, inputs);
    const close = panel.float64("close");
    const rows = buildRows(panel, (cell) => listed[cell] === 1 && close[cell] === close[cell]);
    return {
      panel,
      rows,
      groups,
      series: await loadSeries(connection, calendar, indices, inputs),
      sectorSeries: sectorSeries(indices, inputs),
      events: await loadEvents(source, calendar, panel, registry, eventsOf(registry, plan)),
    };
  } finally {
    closeSource(source);
  }
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

function spanOf({ first, last }: LakeBase, to: number = Infinity): Span {
  if (first <= Math.min(last, to)) return { first, last: Math.min(last, to) };
  throw new ConfigError(
    "features: the lake has no daily bars; run `gogooku3 ingest --from --to`, or `gogooku3 import ohlcv PATH` for your own files",
  );
}

function codesOf(base: LakeBase, among: readonly string[] | undefined): readonly string[] {
  const codes = universeOf(base);
  if (codes.length === 0) {
    throw new ConfigError(
      "features: the lake's list of issues (equities_master) names no stock that has daily bars; run `gogooku3 ingest` for /equities/master, it decides the universe",
    );
  }
  if (among === undefined) return codes;
  const wanted = new Set(among);
  return codes.filter((code) => wanted.has(code));
}
