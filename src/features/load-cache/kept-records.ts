// Event records of the settled months.

import { z } from "zod";
import type { Panel } from "../../panel/panel.ts";
import type { EventSource, Keepable } from "../event-sources.ts";
import { readRecords, recordCount, roomFor, sharedInts, type Records } from "../load-records.ts";
import type { EarlyMonths } from "./early-months.ts";
import { bytesOf, type KeptFile, type Pieces } from "./kept-file.ts";
import { otherCodes, placesOf } from "./kept-panel.ts";

interface Meta {
  /** Codes of the keys, and codes of other early rows; both empty for a source that is not by stock. */
  readonly codes: readonly string[];
  readonly others: readonly string[];
}

const metaSchema: z.ZodType<Meta> = z.object({
  codes: z.array(z.string()),
  others: z.array(z.string()),
});

export interface EarlyRecords {
  readonly early: EarlyMonths;
  readonly panel: Panel;
  /** Records to leave room for. */
  readonly room: number;
}

/**
 * A source's records of the early months: from the file, else from the lake, and then kept. Undefined when a record names a
 * later day for its splits: those to come may change it. The arrays have room for more behind the records.
 */
export async function earlyRecords(
  { early, panel, room }: EarlyRecords,
  source: EventSource,
  keepable: Keepable,
): Promise<Records | undefined> {
  const origin = early.originOf(`event-${source.name}`, source.tables, source.sql);
  const file = await early.cache.open(origin);
  const kept = file === undefined ? undefined : await restore(file, panel, source, room);
  await file?.close();
  if (kept !== undefined) return kept;
  const connection = await early.connection();
  const records = await readRecords(connection, panel, source, room);
  if (!isSettled(records, source, keepable, early.day)) return undefined;
  const meta = await metaOf(early, panel, source, keepable);
  await early.save(origin, { meta, arrays: arraysOf(records, source) });
  return records;
}

async function metaOf(
  early: EarlyMonths,
  panel: Panel,
  { by }: EventSource,
  { table }: Keepable,
): Promise<Meta> {
  if (by !== "stock") return { codes: [], others: [] };
  return { codes: panel.codes, others: await otherCodes(early, panel, table) };
}

function isSettled(
  records: Records,
  source: EventSource,
  { splitsTo }: Keepable,
  day: number,
): boolean {
  if (splitsTo === undefined) return true;
  const place = source.fields.findIndex(({ name }) => name === splitsTo);
  const days = splitsTo === "day" ? records.day : records.fields[place];
  for (let i = 0; i < recordCount(records); i += 1) if (days[i] >= day) return false;
  return true;
}

async function restore(
  file: KeptFile,
  panel: Panel,
  source: EventSource,
  room: number,
): Promise<Records | undefined> {
  const { codes, others } = metaSchema.parse(file.meta);
  const places = source.by === "stock" ? placesOf(panel, codes, others) : undefined;
  if (source.by === "stock" && places === undefined) return undefined;
  const keyStart = sharedInts(file.bytes("key_start") / Int32Array.BYTES_PER_ELEMENT);
  if (!(await file.read({ name: "key_start", pieces: [bytesOf(keyStart)] }))) return undefined;
  const records = { keyStart, ...roomFor(keyStart[keyStart.length - 1] + room, source) };
  const done = await Promise.all(arraysOf(records, source).map((array) => file.read(array)));
  if (!done.every(Boolean)) return undefined;
  if (places !== undefined) records.keyStart = spread(keyStart, places, panel);
  return records;
}

/** Key starts by the positions of today's codes; codes keep their order, so records stay where they are. */
function spread(
  keyStart: Int32Array,
  places: readonly number[],
  { codes }: Panel,
): Records["keyStart"] {
  const starts = sharedInts(codes.length + 1);
  places.forEach((place, key) => {
    starts[place + 1] = keyStart[key + 1] - keyStart[key];
  });
  for (let key = 1; key < starts.length; key += 1) starts[key] += starts[key - 1];
  return starts;
}

function arraysOf(records: Records, source: EventSource): Pieces[] {
  const count = recordCount(records);
  const { keyStart, instant, day, fields } = records;
  return [
    { name: "key_start", pieces: [bytesOf(keyStart)] },
    { name: "instant", pieces: [bytesOf(instant.subarray(0, count))] },
    { name: "day", pieces: [bytesOf(day.subarray(0, count))] },
    ...source.fields.map(({ name }, index) => ({
      name: `field ${name}`,
      pieces: [bytesOf(fields[index].subarray(0, count))],
    })),
  ];
}
