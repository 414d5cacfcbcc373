// Results of some codes at a time on their way to rows: computed code by code, wanted session by session.

import type { MarketData } from "./market-data.ts";

/**
 * Codes whose results are moved to rows together: a run of so many rows is written in each session, on a page of its own.
 * Measured at 4,000 × 2,450: moving costs 7 ns a value with 64, 3.4 with 128, 2 with 256.
 */
export const tileCodes = 256;

/** Values of some codes, code by code, and where each goes. */
export interface RowTile {
  readonly columns: readonly Float32Array[];
  /** Places in `columns` of the tile's rows, session by session, then by code. */
  readonly places: Int32Array;
  /** For each session: its first row in the tile, and where its places begin. */
  readonly firstRow: Int32Array;
  readonly placeStart: Int32Array;
}

/** Room for `columns` columns of `tileCodes` codes. */
export function createTile({ panel }: MarketData, columns: number): RowTile {
  const sessions = panel.dates.length;
  const size = tileCodes * sessions;
  return {
    columns: Array.from({ length: columns }, () => new Float32Array(size)),
    places: new Int32Array(size),
    firstRow: new Int32Array(sessions),
    placeStart: new Int32Array(sessions + 1),
  };
}

/** Lists the rows of a tile's codes from session `from` on: within a session the rows of neighbouring codes lie side by side. */
export function listRows(
  { panel, rows }: MarketData,
  tile: RowTile,
  first: number,
  last: number,
  from = 0,
): void {
  const sessions = panel.dates.length;
  let cells = 0;
  for (let d = from; d < sessions; d += 1) {
    tile.placeStart[d] = cells;
    tile.firstRow[d] = -1;
    for (let code = first, place = d; code < last; code += 1, place += sessions) {
      const row = rows.rowOfCell[code * sessions + d];
      if (row < 0) continue;
      if (tile.firstRow[d] < 0) tile.firstRow[d] = row;
      tile.places[cells] = place;
      cells += 1;
    }
  }
  tile.placeStart[sessions] = cells;
}

/** Puts one code's values of positions `from` to before `end` at their sessions; `place` is the code's place in the tile. */
export function fillTile(
  column: Float32Array,
  values: Float64Array,
  sessions: Int32Array,
  { from, end }: { readonly from: number; readonly end: number },
  place: number,
  length: number,
): void {
  const start = place * length;
  for (let i = from; i < end; i += 1) column[start + sessions[i]] = values[i];
}

/** Moves a column of the tile to the rows that `listRows` listed from session `from` on. */
export function moveTile(
  { places, firstRow, placeStart }: RowTile,
  column: Float32Array,
  target: Float32Array,
  from = 0,
): void {
  for (let d = from; d < firstRow.length; d += 1) {
    const end = placeStart[d + 1];
    for (let i = placeStart[d], row = firstRow[d]; i < end; i += 1, row += 1) {
      target[row] = column[places[i]];
    }
  }
}
