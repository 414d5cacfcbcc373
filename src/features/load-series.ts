// Market and sector series: one value a session, from the indices, TOPIX and the calendar itself.

import type { DuckDBConnection } from "@duckdb/node-api";
import { civilOfDay, type Calendar } from "../calendar/index.ts";
import { type Panel, sharedColumn } from "../panel/panel.ts";
import { sector33Codes, sectorIndexCode } from "./groupings.ts";
import { marketInputs, parseIndexInput, sectorInputs } from "./raw-inputs.ts";
import { numberColumn, streamRows } from "./stream-rows.ts";

type Series = Float64Array<SharedArrayBuffer>;

const letters = { open: "O", high: "H", low: "L", close: "C" } as const;

/** The market series in `inputs`; sessions without a value are NaN. */
export async function loadSeries(
  connection: DuckDBConnection,
  calendar: Calendar,
  panel: Panel,
  inputs: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Series>> {
  const series = new Map<string, Series>();
  for (const name of inputs) {
    const index = parseIndexInput(name);
    if (index !== undefined) {
      series.set(name, await indexSeries(connection, panel, index.code, index.field));
    } else if (name.startsWith("topix_")) {
      series.set(name, await topixSeries(connection, panel, name));
    } else if (marketInputs.has(name)) {
      series.set(name, calendarSeries(calendar, panel, name));
    }
  }
  return series;
}

/** The sector series in `inputs`, group-major. */
export async function loadSectorSeries(
  connection: DuckDBConnection,
  panel: Panel,
  inputs: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Series>> {
  const sessions = panel.dates.length;
  const all = new Map<string, Series>();
  for (const [word, letter] of Object.entries(letters)) {
    const name = `sector_index_${word}`;
    if (!inputs.has(name) || !sectorInputs.has(name)) continue;
    const series = sharedColumn("f64", sector33Codes.length * sessions);
    for (let sector = 0; sector < sector33Codes.length; sector += 1) {
      const code = sectorIndexCode(sector);
      if (code === undefined) continue;
      series.set(await indexSeries(connection, panel, code, letter), sector * sessions);
    }
    all.set(name, series);
  }
  return all;
}

async function topixSeries(
  connection: DuckDBConnection,
  panel: Panel,
  name: string,
): Promise<Series> {
  const letter = name.slice("topix_".length, "topix_".length + 1).toUpperCase();
  return read(
    connection,
    panel,
    `SELECT s.position, ${numberColumn(`t."${letter}"`)} FROM indices_bars_daily_topix t JOIN feature_sessions s ON t."Date" = s.day`,
  );
}

async function indexSeries(
  connection: DuckDBConnection,
  panel: Panel,
  code: string,
  letter: string,
): Promise<Series> {
  return read(
    connection,
    panel,
    `SELECT s.position, ${numberColumn(`t."${letter}"`)} FROM indices_bars_daily t JOIN feature_sessions s ON t."Date" = s.day WHERE t."Code" = '${code}'`,
  );
}

async function read(connection: DuckDBConnection, panel: Panel, sql: string): Promise<Series> {
  const series = sharedColumn("f64", panel.dates.length);
  await streamRows(connection, sql, ([session, values], rowCount) => {
    for (let i = 0; i < rowCount; i += 1) series[session[i]] = values[i];
  });
  return series;
}

function calendarSeries(calendar: Calendar, panel: Panel, name: string): Series {
  const series = sharedColumn("f64", panel.dates.length);
  panel.dates.forEach((day, d) => {
    if (name === "session_day") series[d] = day;
    else if (name === "half_day") series[d] = calendar.isHalfDay(day) ? 1 : 0;
    else series[d] = sessionsLeftInMonth(calendar, day);
  });
  return series;
}

function sessionsLeftInMonth(calendar: Calendar, day: number): number {
  const { month } = civilOfDay(day);
  let last = day;
  while (civilOfDay(last + 1).month === month) last += 1;
  return calendar.countSessions(day, last) - 1;
}
