// The synthetic market: everything generated once from a seed, rows built when they are asked for.

import { type Endpoint, endpointOf, servedAtMs } from "../../jquants/index.ts";
import { ConfigError } from "../../errors.ts";
import { buildContext } from "./build-context.ts";
import type { MarketContext, RowQuery } from "./context.ts";
import { rowSources } from "./row-sources.ts";
import type {
  FieldValue,
  Market,
  MarketConfig,
  MarketOptions,
  MarketRow,
  PublishedRow,
  RowRange,
} from "./types.ts";

/**
 * Generates the market of `config`: the same config gives the same bytes on every machine. Throws ConfigError for a span
 * outside 2008 to 2027 or a number of stocks outside 1 to 8,000.
 */
export async function createMarket(
  config: MarketConfig,
  options: MarketOptions = {},
): Promise<Market> {
  const { context, oracle } = await buildContext(config, options);
  const { issues, prices, sessions } = context;
  return {
    config,
    sessions,
    issues,
    prices,
    oracle,
    paths: [...rowSources.keys()],
    rows: (path, range) => rowsOf(context, path, range),
  };
}

function rowsOf(context: MarketContext, path: string, range: RowRange): readonly PublishedRow[] {
  const source = rowSources.get(path);
  if (source === undefined) {
    throw new ConfigError(
      `market: ${path} has no rows; expected one of ${[...rowSources.keys()].join(", ")}`,
    );
  }
  return publish(context, endpointOf(path), source(context, queryOf(context, range)));
}

function queryOf({ issueOf, issues, sessions }: MarketContext, range: RowRange): RowQuery {
  const { code, fromDay, toDay } = range;
  const known = code === undefined ? -1 : issueOf(code);
  return {
    fromDay,
    toDay,
    ...sessions.within(fromDay, toDay),
    code,
    issues: code === undefined ? issues : known < 0 ? [] : [issues[known]],
    asOf: range.asOfDay === undefined ? sessions.count - 1 : sessions.from(range.asOfDay + 1) - 1,
  };
}

/** Rows of one date share their instant unless the rule reads a time of day. */
function publish(
  { sessions }: MarketContext,
  endpoint: Endpoint,
  rows: readonly MarketRow[],
): readonly PublishedRow[] {
  const rule = endpoint.publication;
  if (rule === null) return rows.map((row) => ({ availableAtMs: Number.NEGATIVE_INFINITY, row }));
  const served = (row: MarketRow): number =>
    servedAtMs(endpoint, row, sessions.calendar, "premium");
  if (rule.kind === "disclosed") return rows.map((row) => ({ availableAtMs: served(row), row }));
  const known = new Map<string, number>();
  return rows.map((row) => {
    const date = keyOf(row[rule.date]);
    const key = rule.kind === "margin" ? `${date}/${keyOf(row[rule.published])}` : date;
    const instant = known.get(key) ?? served(row);
    known.set(key, instant);
    return { availableAtMs: instant, row };
  });
}

function keyOf(value: FieldValue | undefined): string {
  return typeof value === "string" ? value : "";
}
