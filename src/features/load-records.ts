// Records of an event source before they are joined to sessions: by key, then availability, day and fields.

import type { DuckDBConnection } from "@duckdb/node-api";
import type { Panel } from "../panel/panel.ts";
import type { EventSource } from "./event-sources.ts";
import { groupKeys } from "./groupings.ts";
import { dayColumn, numberColumn, streamRows, type ChunkColumn } from "./stream-rows.ts";

export interface Records {
  /** Records of key k are from keyStart[k] to keyStart[k + 1]; the arrays may have room behind the last one. */
  readonly keyStart: Int32Array<SharedArrayBuffer>;
  /** Epoch milliseconds at which the record became known. */
  readonly instant: Float64Array<SharedArrayBuffer>;
  /** Epoch day that it is about. */
  readonly day: Int32Array<SharedArrayBuffer>;
  /** In the order of the source's fields. */
  readonly fields: readonly Float64Array<SharedArrayBuffer>[];
}

export function recordCount({ keyStart }: Records): number {
  return keyStart[keyStart.length - 1];
}

/** Reads a source's query, and leaves room; the connection has the tables of codes, sessions and splits. */
export async function readRecords(
  connection: DuckDBConnection,
  panel: Panel,
  source: EventSource,
  room = 0,
): Promise<Records> {
  const keyStart = sharedInts(keyCount(source, panel) + 1);
  const columns = ["instant", "day", ...source.fields].map(() => new GrowingFloats());
  await streamRows(connection, querySql(source), ([keys, ...values], rowCount) => {
    for (let i = 0; i < rowCount; i += 1) keyStart[keys[i] + 1] += 1;
    values.forEach((column, index) => columns[index].append(column, rowCount));
  });
  for (let key = 1; key < keyStart.length; key += 1) keyStart[key] += keyStart[key - 1];
  const records = { keyStart, ...roomFor(keyStart[keyStart.length - 1] + room, source) };
  columnsOf(records).forEach((into, index) => into.set(columns[index].values()));
  return records;
}

/** Arrays for so many records, in shared memory. */
export function roomFor(count: number, { fields }: EventSource): Omit<Records, "keyStart"> {
  const floats = (): Float64Array<SharedArrayBuffer> =>
    new Float64Array(new SharedArrayBuffer(count * 8));
  return { instant: floats(), day: sharedInts(count), fields: fields.map(floats) };
}

export function sharedInts(count: number): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(count * 4));
}

/** All records of both, in order. `early` has room for those of `late` behind its own, and is spent. */
export function mergeRecords(early: Records, late: Records): Records {
  const keyStart = sharedInts(early.keyStart.length);
  for (let key = 0; key < keyStart.length; key += 1) {
    keyStart[key] = early.keyStart[key] + late.keyStart[key];
  }
  const merged = { ...early, keyStart };
  const [into, then] = [merged, late].map(columnsOf);
  for (let key = merged.keyStart.length - 2; key >= 0; key -= 1) {
    const at = merged.keyStart[key];
    const end = merged.keyStart[key + 1];
    const [from, to] = [early.keyStart[key], early.keyStart[key + 1]];
    const middle = at + to - from;
    for (let c = 0; c < into.length; c += 1) {
      if (at > from) into[c].copyWithin(at, from, to);
      if (middle < end) {
        into[c].set(then[c].subarray(late.keyStart[key], late.keyStart[key + 1]), middle);
      }
    }
    if (at < middle && middle < end && compareRecords(into, middle - 1, middle) > 0) {
      sortRecords(into, at, end);
    }
  }
  return merged;
}

type Columns = readonly (Float64Array | Int32Array)[];

/** Columns in the order in which records are compared. */
function columnsOf({ instant, day, fields }: Records): Columns {
  return [instant, day, ...fields];
}

function sortRecords(columns: Columns, start: number, end: number): void {
  const order = Array.from({ length: end - start }, (_, i) => start + i);
  order.sort((a, b) => compareRecords(columns, a, b));
  for (const column of columns) {
    const sorted = order.map((record) => column[record]);
    column.set(sorted, start);
  }
}

/** As DuckDB orders: NaN after every number. */
function compareRecords(columns: Columns, a: number, b: number): number {
  for (const column of columns) {
    const [left, right] = [column[a], column[b]];
    if (left < right) return -1;
    if (left > right) return 1;
    const byNaN = Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    if (byNaN !== 0) return byNaN;
  }
  return 0;
}

/** Numbers appended a chunk at a time. */
class GrowingFloats {
  #values = new Float64Array(2048);
  #count = 0;

  append(chunk: ChunkColumn, count: number): void {
    const end = this.#count + count;
    if (end > this.#values.length) {
      const grown = new Float64Array(Math.max(end, this.#values.length * 2));
      grown.set(this.#values.subarray(0, this.#count));
      this.#values = grown;
    }
    this.#values.set(count < chunk.length ? chunk.subarray(0, count) : chunk, this.#count);
    this.#count = end;
  }

  values(): Float64Array {
    return this.#values.subarray(0, this.#count);
  }
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
