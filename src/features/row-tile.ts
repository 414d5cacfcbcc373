// Results of a few codes at a time on their way to rows: written code by code they would touch a cache line each.

import type { MarketData } from "./market-data.ts";

/** Codes whose results are moved to rows together, so that whole cache lines are written. */
export const tileCodes = 16;

/** Values of a few codes, session by session, and where each goes. */
export interface RowTile {
  readonly columns: readonly Float32Array[];
  readonly rows: Int32Array;
  readonly places: Int32Array;
}

/** Room for `columns` columns of `tileCodes` codes. */
export function createTile({ panel }: MarketData, columns: number): RowTile {
  const size = tileCodes * panel.dates.length;
  return {
    columns: Array.from({ length: columns }, () => new Float32Array(size)),
    rows: new Int32Array(size),
    places: new Int32Array(size),
  };
}

/** Lists the rows of a tile's codes in ascending order; returns how many there are. */
export function tileCells(
  { panel, rows }: MarketData,
  tile: RowTile,
  first: number,
  last: number,
): number {
  const sessions = panel.dates.length;
  let cells = 0;
  for (let d = 0; d < sessions; d += 1) {
    for (let code = first; code < last; code += 1) {
      const row = rows.rowOfCell[code * sessions + d];
      if (row < 0) continue;
      tile.rows[cells] = row;
      tile.places[cells] = d * tileCodes + code - first;
      cells += 1;
    }
  }
  return cells;
}

/** Puts one code's values at their sessions; `offset` is the code's place in the tile. */
export function fillTile(
  column: Float32Array,
  values: Float64Array,
  sessions: Int32Array,
  count: number,
  offset: number,
): void {
  for (let i = 0; i < count; i += 1) column[sessions[i] * tileCodes + offset] = values[i];
}

/** Moves a column of the tile to the rows that `tileCells` listed. */
export function moveTile(
  { rows, places }: RowTile,
  column: Float32Array,
  target: Float32Array,
  cells: number,
): void {
  for (let i = 0; i < cells; i += 1) target[rows[i]] = column[places[i]];
}
