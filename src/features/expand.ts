// Any column as one float32 a row of the dataset.

import type { Domain, Grouping } from "./feature.ts";
import { noGroup } from "./groupings.ts";
import { requireEntry, type MarketData } from "./market-data.ts";

/** What a column has one value of: a row, a session, a group in a session, or (panel) a cell. */
export type Layout = Domain | "panel";

export interface SessionRange {
  readonly firstSession: number;
  readonly endSession: number;
}

/**
 * One value a row of the sessions in `range` (default: all): stock columns as they are; market series by session; group series
 * by the row's group, NaN without one; panel columns by cell. Group numbers of 255 become NaN.
 */
export function expandToRows(
  data: MarketData,
  layout: Layout,
  values: Float32Array | Float64Array | Uint8Array,
  { firstSession, endSession }: SessionRange = {
    firstSession: 0,
    endSession: data.panel.dates.length,
  },
): Float32Array {
  const { dayStart, codeOfRow } = data.rows;
  const [firstRow, endRow] = [dayStart[firstSession], dayStart[endSession]];
  if (layout === "stock" && values instanceof Float32Array) {
    return values.subarray(firstRow, endRow);
  }
  const sessions = data.panel.dates.length;
  const out = new Float32Array(endRow - firstRow);
  for (let day = firstSession; day < endSession; day += 1) {
    const part = out.subarray(dayStart[day] - firstRow, dayStart[day + 1] - firstRow);
    if (layout === "market") part.fill(values[day]);
    else {
      const codes = codeOfRow.subarray(dayStart[day], dayStart[day + 1]);
      if (layout === "panel" || layout === "stock") takeCells(values, codes, sessions, day, part);
      else {
        const groups = requireEntry(data.groups, layout, "grouping");
        takeGroups(values, groups, codes, sessions, day, part);
      }
    }
  }
  return out;
}

/** Group of each row of the sessions, 255 without one. */
export function groupOfRows(
  data: MarketData,
  grouping: Grouping,
  { firstSession, endSession }: SessionRange,
): Uint8Array {
  const { dayStart, codeOfRow } = data.rows;
  const groups = requireEntry(data.groups, grouping, "grouping");
  const sessions = data.panel.dates.length;
  const first = dayStart[firstSession];
  const out = new Uint8Array(dayStart[endSession] - first);
  for (let day = firstSession; day < endSession; day += 1) {
    for (let row = dayStart[day]; row < dayStart[day + 1]; row += 1) {
      out[row - first] = groups[codeOfRow[row] * sessions + day];
    }
  }
  return out;
}

function takeCells(
  values: Float32Array | Float64Array | Uint8Array,
  codes: Int32Array,
  sessions: number,
  day: number,
  out: Float32Array,
): void {
  const isGroup = values instanceof Uint8Array;
  for (let i = 0; i < out.length; i += 1) {
    const value = values[codes[i] * sessions + day];
    out[i] = isGroup && value === noGroup ? Number.NaN : value;
  }
}

function takeGroups(
  values: Float32Array | Float64Array | Uint8Array,
  groups: Uint8Array,
  codes: Int32Array,
  sessions: number,
  day: number,
  out: Float32Array,
): void {
  for (let i = 0; i < out.length; i += 1) {
    const group = groups[codes[i] * sessions + day];
    out[i] = group === noGroup ? Number.NaN : values[group * sessions + day];
  }
}
