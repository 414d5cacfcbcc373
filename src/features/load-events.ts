// Event records with the session from which each may be used: the first one whose close comes after it became known.

import type { DuckDBConnection } from "@duckdb/node-api";
import { closeInstantMs, type Calendar } from "../calendar/index.ts";
import { lowerBound, type Panel, sharedColumn } from "../panel/panel.ts";
import type { EventSource } from "./event-sources.ts";
import { groupKeys } from "./groupings.ts";
import type { EventTable } from "./market-data.ts";
import type { Registry } from "./registry.ts";
import { dayColumn, numberColumn, streamRows } from "./stream-rows.ts";

/** The records of each named source. */
export async function loadEvents(
  connection: DuckDBConnection,
  calendar: Calendar,
  panel: Panel,
  registry: Registry,
  names: readonly string[],
): Promise<ReadonlyMap<string, EventTable>> {
  const closes = Float64Array.from(panel.dates, (day) => closeInstantMs(calendar, day));
  const tables = new Map<string, EventTable>();
  for (const name of names) {
    tables.set(name, await loadTable(connection, panel, closes, registry.events(name)));
  }
  return tables;
}

/** Position of the first session whose close lies strictly after `instantMs`; the number of sessions when there is none. */
export function firstSessionKnowing(closes: Float64Array, instantMs: number): number {
  const index = lowerBound(closes, instantMs);
  return closes[index] === instantMs ? index + 1 : index;
}

interface Growing {
  keys: number[];
  sessions: number[];
  days: number[];
  fields: number[][];
}

async function loadTable(
  connection: DuckDBConnection,
  panel: Panel,
  closes: Float64Array,
  source: EventSource,
): Promise<EventTable> {
  const growing: Growing = {
    keys: [],
    sessions: [],
    days: [],
    fields: source.fields.map(() => []),
  };
  await streamRows(connection, querySql(source), ([key, instant, day, ...fields], rowCount) => {
    for (let i = 0; i < rowCount; i += 1) {
      const session = firstSessionKnowing(closes, instant[i]);
      if (session >= closes.length) continue;
      growing.keys.push(key[i]);
      growing.sessions.push(session);
      growing.days.push(day[i]);
      fields.forEach((values, index) => growing.fields[index].push(values[i]));
    }
  });
  return tableOf(source, growing, keyCount(source, panel));
}

function tableOf(source: EventSource, growing: Growing, keys: number): EventTable {
  const count = growing.keys.length;
  const keyStart = new Int32Array(new SharedArrayBuffer((keys + 1) * 4));
  for (const key of growing.keys) keyStart[key + 1] += 1;
  for (let key = 0; key < keys; key += 1) keyStart[key + 1] += keyStart[key];
  const session = sharedColumn("i32", count);
  const day = sharedColumn("i32", count);
  session.set(growing.sessions);
  day.set(growing.days);
  const fields = source.fields.map(({ name }, index) => {
    const values = sharedColumn("f64", count);
    values.set(growing.fields[index]);
    return [name, values] as const;
  });
  return { by: source.by, keyStart, session, day, fields: new Map(fields) };
}

function keyCount(source: EventSource, panel: Panel): number {
  if (source.by === "stock") return panel.codes.length;
  return source.by === "market" ? 1 : groupKeys(source.by).length;
}

/** Key position, availability in epoch milliseconds, day, fields: by key, then availability, day and fields. */
function querySql({ by, fields, sql }: EventSource): string {
  const columns = [
    "CAST(epoch_ms(e.available_at) AS DOUBLE)",
    dayColumn("e.day"),
    ...fields.map(({ name }) => numberColumn(`e."${name}"`)),
  ].join(", ");
  if (by === "market") return `SELECT CAST(0 AS INTEGER), ${columns} FROM (${sql}) e ORDER BY ALL`;
  const [key, join] =
    by === "stock"
      ? ["c.position", "JOIN feature_codes c ON e.key = c.code"]
      : [
          `CAST(list_position([${groupKeys(by)
            .map((name) => `'${name}'`)
            .join(",")}], e.key) - 1 AS INTEGER)`,
          `WHERE e.key IN (${groupKeys(by)
            .map((name) => `'${name}'`)
            .join(",")})`,
        ];
  return `SELECT ${key}, ${columns} FROM (${sql}) e ${join} ORDER BY ALL`;
}
