// What the engine computes on: the raw panel, which cells are rows, groups, series and event records, all in shared memory.

import { SchemaError } from "../errors.ts";
import type { Panel } from "../panel/panel.ts";
import type { Domain, EventRecords, Grouping } from "./feature.ts";

/** Rows of the dataset: the cells of the universe that traded, by date, then code. */
export interface Rows {
  readonly count: number;
  /** Rows of session d are from dayStart[d] to dayStart[d + 1]. */
  readonly dayStart: Int32Array<SharedArrayBuffer>;
  readonly codeOfRow: Int32Array<SharedArrayBuffer>;
  /** Row of cell code × sessions + session, -1 where the cell is no row. */
  readonly rowOfCell: Int32Array<SharedArrayBuffer>;
}

/** Records of an event source, by key, then availability. */
export interface EventTable {
  readonly by: Domain;
  /** Records of key k are from keyStart[k] to keyStart[k + 1]. */
  readonly keyStart: Int32Array<SharedArrayBuffer>;
  readonly session: Int32Array<SharedArrayBuffer>;
  readonly day: Int32Array<SharedArrayBuffer>;
  readonly fields: ReadonlyMap<string, Float64Array<SharedArrayBuffer>>;
}

export interface MarketData {
  /** Columns: the stock inputs of `raw-inputs.ts`, and `sector33`, `sector17`, `section` group numbers. */
  readonly panel: Panel;
  readonly rows: Rows;
  readonly groups: ReadonlyMap<Grouping, Uint8Array<SharedArrayBuffer>>;
  /** One value a session. */
  readonly series: ReadonlyMap<string, Float64Array<SharedArrayBuffer>>;
  /** Group-major: the value of group g in session d is at g × sessions + d. */
  readonly sectorSeries: ReadonlyMap<string, Float64Array<SharedArrayBuffer>>;
  readonly events: ReadonlyMap<string, EventTable>;
}

/** The rows of the cells for which `isRow` holds. */
export function buildRows(panel: Panel, isRow: (cell: number) => boolean): Rows {
  const sessions = panel.dates.length;
  const dayStart = new Int32Array(new SharedArrayBuffer((sessions + 1) * 4));
  const rowOfCell = new Int32Array(new SharedArrayBuffer(panel.size * 4)).fill(-1);
  for (let cell = 0; cell < panel.size; cell += 1) {
    if (!isRow(cell)) continue;
    rowOfCell[cell] = 0;
    dayStart[(cell % sessions) + 1] += 1;
  }
  for (let d = 0; d < sessions; d += 1) dayStart[d + 1] += dayStart[d];
  const count = dayStart[sessions];
  const codeOfRow = new Int32Array(new SharedArrayBuffer(count * 4));
  const next = dayStart.slice(0, sessions);
  for (let code = 0; code < panel.codes.length; code += 1) {
    for (let d = 0; d < sessions; d += 1) {
      const cell = code * sessions + d;
      if (rowOfCell[cell] < 0) continue;
      const row = next[d];
      next[d] += 1;
      rowOfCell[cell] = row;
      codeOfRow[row] = code;
    }
  }
  return { count, dayStart, codeOfRow, rowOfCell };
}

/** One key's records of an event table: views, not copies. */
export function recordsOf(table: EventTable, key: number): EventRecords {
  const start = table.keyStart[key];
  const end = table.keyStart[key + 1];
  return {
    count: end - start,
    session: table.session.subarray(start, end),
    day: table.day.subarray(start, end),
  };
}

/** A map's entry. Throws SchemaError that says what the data lacks. */
export function requireEntry<V>(map: ReadonlyMap<string, V>, name: string, what: string): V {
  const value = map.get(name);
  if (value !== undefined) return value;
  throw new SchemaError(
    `features: the data hold no ${what} ${name}; loaded: ${[...map.keys()].join(", ") || "none"}`,
  );
}
