// Market and sector series: one value a session, from the indices, TOPIX and the calendar itself.

import type { DuckDBConnection } from "@duckdb/node-api";
import { civilOfDay, type Calendar } from "../calendar/index.ts";
import { type Panel, sharedColumn } from "../panel/panel.ts";
import { sector33Codes, sectorIndexCode } from "./groupings.ts";
import { marketInputs, parseIndexInput } from "./raw-inputs.ts";
import { numberColumn, streamRows } from "./stream-rows.ts";

type Series = Float64Array<SharedArrayBuffer>;

const letters = { open: "O", high: "H", low: "L", close: "C" } as const;
const fields = ["O", "H", "L", "C"] as const;

/** The market series in `inputs`; sessions without a value are NaN. */
export async function loadSeries(
  connection: DuckDBConnection,
  calendar: Calendar,
  panel: Panel,
  inputs: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Series>> {
  const wanted = [...inputs].flatMap((name) => {
    const index = parseIndexInput(name);
    return index === undefined ? [] : [{ name, ...index }];
  });
  const indices = await readIndices(
    connection,
    panel,
    wanted.map(({ code }) => code),
  );
  const series = new Map<string, Series>();
  for (const { name, code, field } of wanted) series.set(name, indices.series(code, field));
  const topix = [...inputs].filter((name) => name.startsWith("topix_"));
  if (topix.length > 0) await readTopix(connection, panel, topix, series);
  for (const name of inputs) {
    if (marketInputs.has(name) && !series.has(name)) {
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
  const wanted = Object.entries(letters).filter(([word]) => inputs.has(`sector_index_${word}`));
  const codes = sector33Codes.map((_, sector) => sectorIndexCode(sector) ?? "");
  const indices = await readIndices(connection, panel, wanted.length > 0 ? codes : []);
  const sessions = panel.dates.length;
  const all = new Map<string, Series>();
  for (const [word, letter] of wanted) {
    const series = sharedColumn("f64", codes.length * sessions);
    codes.forEach((code, sector) => {
      if (code !== "") series.set(indices.series(code, letter), sector * sessions);
    });
    all.set(`sector_index_${word}`, series);
  }
  return all;
}

interface Indices {
  series(code: string, field: (typeof fields)[number]): Series;
}

/** All fields of the indices in one pass over the table. */
async function readIndices(
  connection: DuckDBConnection,
  panel: Panel,
  wanted: readonly string[],
): Promise<Indices> {
  const codes = [...new Set(wanted)].filter((code) => code !== "");
  const columns = codes.map(() => fields.map(() => sharedColumn("f64", panel.dates.length)));
  if (codes.length > 0) {
    const list = `[${codes.map((code) => `'${code}'`).join(",")}]`;
    const select = fields.map((field) => numberColumn(`t."${field}"`)).join(", ");
    await streamRows(
      connection,
      `SELECT CAST(list_position(${list}, t."Code") - 1 AS INTEGER), s.position, ${select} FROM indices_bars_daily t JOIN feature_sessions s ON t."Date" = s.day WHERE list_contains(${list}, t."Code")`,
      ([code, session, ...values], rowCount) => {
        for (let i = 0; i < rowCount; i += 1) {
          for (let f = 0; f < fields.length; f += 1) {
            columns[code[i]][f][session[i]] = values[f][i];
          }
        }
      },
    );
  }
  return { series: (code, field) => columns[codes.indexOf(code)][fields.indexOf(field)] };
}

async function readTopix(
  connection: DuckDBConnection,
  panel: Panel,
  names: readonly string[],
  into: Map<string, Series>,
): Promise<void> {
  const columns = names.map(() => sharedColumn("f64", panel.dates.length));
  const select = names.map((name) => numberColumn(`t."${name["topix_".length].toUpperCase()}"`));
  await streamRows(
    connection,
    `SELECT s.position, ${select.join(", ")} FROM indices_bars_daily_topix t JOIN feature_sessions s ON t."Date" = s.day`,
    ([session, ...values], rowCount) => {
      for (let i = 0; i < rowCount; i += 1) {
        for (let k = 0; k < columns.length; k += 1) columns[k][session[i]] = values[k][i];
      }
    },
  );
  names.forEach((name, k) => into.set(name, columns[k]));
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
