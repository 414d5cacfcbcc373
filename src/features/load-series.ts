// Market and sector series: one value a session, from the indices, TOPIX and the calendar itself.

import type { DuckDBConnection } from "@duckdb/node-api";
import { civilOfDay, type Calendar } from "../calendar/index.ts";
import { Panel, sharedColumn } from "../panel/panel.ts";
import { sector33Codes, sectorIndexCode } from "./groupings.ts";
import { loadPanel } from "./load-cache/kept-panel.ts";
import type { LoadSource } from "./load-source.ts";
import { marketInputs, parseIndexInput, type IndexInput } from "./raw-inputs.ts";
import { numberColumn, streamRows } from "./stream-rows.ts";

type Series = Float64Array<SharedArrayBuffer>;

const letters = { open: "O", high: "H", low: "L", close: "C" } as const;
const fields = ["O", "H", "L", "C"] as const;

/** The indices that series in `inputs` read, by code: columns O, H, L and C, NaN on sessions without a value. */
export async function loadIndices(
  source: LoadSource,
  { dates }: Panel,
  inputs: ReadonlySet<string>,
): Promise<Panel> {
  const ofSectors = sectorFields(inputs).length > 0 ? sectorCodes() : [];
  const codes = [...ofSectors, ...indexInputs(inputs).map(({ code }) => code)];
  const wanted = [...new Set(codes)].filter((code) => code !== "");
  const indices = new Panel(dates, wanted.toSorted());
  if (wanted.length === 0) return indices;
  const columns = fields.map((name) => ({
    name,
    values: indices.addColumn(name, "f64"),
    blank: Number.NaN,
  }));
  const part = { name: "indices", table: "indices_bars_daily", columns };
  await loadPanel(source, indices, part, {
    read: (connection) => readIndices(connection, indices),
    finish: () => undefined,
  });
  return indices;
}

/** The market series in `inputs`; sessions without a value are NaN. */
export async function loadSeries(
  connection: DuckDBConnection,
  calendar: Calendar,
  indices: Panel,
  inputs: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Series>> {
  const series = new Map<string, Series>();
  for (const { name, code, field } of indexInputs(inputs)) {
    const values = sharedColumn("f64", indices.dates.length);
    values.set(indices.series(field, indices.codeIndex(code)));
    series.set(name, values);
  }
  const topix = [...inputs].filter((name) => name.startsWith("topix_"));
  if (topix.length > 0) await readTopix(connection, indices, topix, series);
  for (const name of inputs) {
    if (marketInputs.has(name) && !series.has(name)) {
      series.set(name, calendarSeries(calendar, indices, name));
    }
  }
  return series;
}

/** The sector series in `inputs`, group-major. */
export function sectorSeries(
  indices: Panel,
  inputs: ReadonlySet<string>,
): ReadonlyMap<string, Series> {
  const codes = sectorCodes();
  const sessions = indices.dates.length;
  const all = new Map<string, Series>();
  for (const [word, letter] of sectorFields(inputs)) {
    const series = sharedColumn("f64", codes.length * sessions);
    codes.forEach((code, sector) => {
      if (code !== "") {
        series.set(indices.series(letter, indices.codeIndex(code)), sector * sessions);
      }
    });
    all.set(`sector_index_${word}`, series);
  }
  return all;
}

function indexInputs(inputs: ReadonlySet<string>): readonly (IndexInput & { name: string })[] {
  return [...inputs].flatMap((name) => {
    const index = parseIndexInput(name);
    return index === undefined ? [] : [{ name, ...index }];
  });
}

/** Words and letters of the fields of sector indices in `inputs`. */
function sectorFields(inputs: ReadonlySet<string>): readonly (readonly [string, string])[] {
  return Object.entries(letters).filter(([word]) => inputs.has(`sector_index_${word}`));
}

/** Index of each of the 33 sectors; "" for one that has none. */
function sectorCodes(): readonly string[] {
  return sector33Codes.map((_, sector) => sectorIndexCode(sector) ?? "");
}

/** All fields of the indices in one pass over the table. */
async function readIndices(connection: DuckDBConnection, indices: Panel): Promise<void> {
  const list = `[${indices.codes.map((code) => `'${code}'`).join(",")}]`;
  const select = fields.map((field) => numberColumn(`t."${field}"`)).join(", ");
  const columns = fields.map((field) => indices.float64(field));
  const sessions = indices.dates.length;
  await streamRows(
    connection,
    `SELECT CAST(list_position(${list}, t."Code") - 1 AS INTEGER), s.position, ${select} FROM indices_bars_daily t JOIN feature_sessions s ON t."Date" = s.day WHERE list_contains(${list}, t."Code")`,
    ([code, session, ...values], rowCount) => {
      for (let i = 0; i < rowCount; i += 1) {
        const cell = code[i] * sessions + session[i];
        for (let f = 0; f < columns.length; f += 1) columns[f][cell] = values[f][i];
      }
    },
  );
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
