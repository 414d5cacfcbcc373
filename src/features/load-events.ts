// Event records with the session from which each may be used: the first one whose close comes after it became known.

import { closeInstantMs, type Calendar } from "../calendar/index.ts";
import type { Panel } from "../panel/panel.ts";
import type { EventSource } from "./event-sources.ts";
import { earlyRecords } from "./load-cache/kept-records.ts";
import type { LoadSource } from "./load-source.ts";
import {
  mergeRecords,
  readRecords,
  recordCount,
  sharedInts,
  type Records,
} from "./load-records.ts";
import type { EventTable } from "./market-data.ts";
import type { Registry } from "./registry.ts";

/** The records of each named source. */
export async function loadEvents(
  from: LoadSource,
  calendar: Calendar,
  panel: Panel,
  registry: Registry,
  names: readonly string[],
): Promise<ReadonlyMap<string, EventTable>> {
  const closes = Float64Array.from(panel.dates, (day) => closeInstantMs(calendar, day));
  const tables = new Map<string, EventTable>();
  for (const name of names) {
    const source = registry.events(name);
    tables.set(name, tableOf(source, await recordsOf(from, panel, source), closes));
  }
  return tables;
}

async function recordsOf(
  { whole, late, early }: LoadSource,
  panel: Panel,
  source: EventSource,
): Promise<Records> {
  const { keepable } = source;
  if (early === undefined || keepable === undefined) return readRecords(whole, panel, source);
  const recent = await readRecords(late, panel, source);
  const room = recordCount(recent);
  const settled = await earlyRecords({ early, panel, room }, source, keepable);
  return settled === undefined ? readRecords(whole, panel, source) : mergeRecords(settled, recent);
}

/** Records that some session may use, each with the first one: the others are the last of their key. */
function tableOf(source: EventSource, records: Records, closes: Float64Array): EventTable {
  const session = sharedInts(records.day.length);
  const keyStart = fillSessions(records, closes, session);
  const count = keyStart[keyStart.length - 1];
  const { day, fields } = records;
  if (count < recordCount(records))
    closeGaps([session, day, ...fields], records.keyStart, keyStart);
  return {
    by: source.by,
    keyStart,
    session: session.subarray(0, count),
    day: day.subarray(0, count),
    fields: new Map(
      source.fields.map(({ name }, index) => [name, fields[index].subarray(0, count)]),
    ),
  };
}

/**
 * Writes the position of the first session whose close lies strictly after the instant at which a record became known. Returns key
 * starts without the records that no session may use.
 */
function fillSessions(
  { keyStart, instant }: Records,
  closes: Float64Array,
  sessions: Int32Array,
): Int32Array<SharedArrayBuffer> {
  const usable = sharedInts(keyStart.length);
  for (let key = 0; key + 1 < keyStart.length; key += 1) {
    let session = 0;
    let record = keyStart[key];
    for (; record < keyStart[key + 1]; record += 1) {
      session = firstAfter(closes, instant[record], session);
      if (session === closes.length) break;
      sessions[record] = session;
    }
    usable[key + 1] = usable[key] + record - keyStart[key];
  }
  return usable;
}

/** Position of the first close after an instant, at `from` or behind it; looks ahead in doubling steps. */
function firstAfter(closes: Float64Array, instantMs: number, from: number): number {
  let low = from;
  let step = 1;
  while (low + step <= closes.length && closes[low + step - 1] <= instantMs) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step - 1, closes.length);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (closes[middle] <= instantMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function closeGaps(
  columns: readonly (Int32Array | Float64Array)[],
  from: Int32Array,
  to: Int32Array,
): void {
  for (let key = 0; key + 1 < to.length; key += 1) {
    const end = from[key] + to[key + 1] - to[key];
    for (const column of columns) column.copyWithin(to[key], from[key], end);
  }
}
