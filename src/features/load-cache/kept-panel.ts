// Panel columns of the settled months: the cells of each code, one after the other.

import type { DuckDBConnection } from "@duckdb/node-api";
import { z } from "zod";
import type { Panel } from "../../panel/panel.ts";
import { bytesOf, type KeptFile, type Pieces } from "./kept-file.ts";
import type { EarlyMonths } from "./early-months.ts";
import type { LoadSource } from "../load-source.ts";

export interface PanelColumn {
  readonly name: string;
  readonly values: Float64Array | Uint8Array;
  /** Value of a cell of which the lake says nothing. */
  readonly blank: number;
}

/** Columns that come out of one lake table. */
export interface PanelPart {
  readonly name: string;
  readonly table: string;
  readonly columns: readonly PanelColumn[];
}

interface Meta {
  readonly codes: readonly string[];
  /** Codes that the table's early months name beside `codes`. */
  readonly others: readonly string[];
  readonly dates: readonly number[];
}

const metaSchema: z.ZodType<Meta> = z.object({
  codes: z.array(z.string()),
  others: z.array(z.string()),
  dates: z.array(z.number()),
});

export interface PanelReading {
  /** Writes the cells of the rows that a connection shows. */
  readonly read: (connection: DuckDBConnection) => Promise<void>;
  /** Completes the cells of sessions `from` to `to` − 1, when those before are complete. */
  readonly finish: (from: number, to: number) => void;
}

/** Fills the columns of a panel: early sessions from what is kept of them, else from the lake, then to be kept. */
export async function loadPanel(
  { late, early }: LoadSource,
  panel: Panel,
  part: PanelPart,
  { read, finish }: PanelReading,
): Promise<void> {
  const sessions = panel.dates.length;
  const start = early === undefined ? 0 : earlySessions(early, panel).length;
  if (early === undefined || !(await restorePanel(early, panel, part))) {
    for (const { values, blank } of part.columns) values.fill(blank);
    if (early !== undefined) {
      await read(await early.connection());
      finish(0, start);
      await savePanel(early, panel, part);
    }
  }
  await read(late);
  finish(start, sessions);
}

/** Fills the columns' early cells from the file; false, and cells of any content, when there is none that fits. */
async function restorePanel(
  early: EarlyMonths,
  panel: Panel,
  { name, table, columns }: PanelPart,
): Promise<boolean> {
  const file = await early.cache.open(early.originOf(name, [table]));
  const isRestored = file !== undefined && (await readColumns(file, early, panel, columns));
  await file?.close();
  return isRestored;
}

async function readColumns(
  file: KeptFile,
  early: EarlyMonths,
  panel: Panel,
  columns: readonly PanelColumn[],
): Promise<boolean> {
  const { codes, others, dates } = metaSchema.parse(file.meta);
  const places = placesOf(panel, codes, others);
  const kept = earlySessions(early, panel);
  if (places === undefined || dates.length !== kept.length) return false;
  if (dates.some((day, d) => day !== kept[d])) return false;
  const done = await Promise.all(
    columns.map((column) => file.read(piecesOf(panel, column, places, kept.length))),
  );
  if (!done.every(Boolean)) return false;
  for (const column of columns) blankRest(panel, column, places, kept.length);
  return true;
}

/** Keeps the columns' early cells as they are now. */
async function savePanel(
  early: EarlyMonths,
  panel: Panel,
  { name, table, columns }: PanelPart,
): Promise<void> {
  const dates = [...earlySessions(early, panel)];
  const others = await otherCodes(early, panel, table);
  const places = panel.codes.map((_, place) => place);
  await early.save(early.originOf(name, [table]), {
    meta: { codes: panel.codes, others, dates } satisfies Meta,
    arrays: columns.map((column) => piecesOf(panel, column, places, dates.length)),
  });
}

/** Sessions of the panel before the boundary. */
function earlySessions(early: EarlyMonths, { dates }: Panel): Int32Array {
  const end = dates.findIndex((day) => day >= early.day);
  return end < 0 ? dates : dates.subarray(0, end);
}

/**
 * Positions of kept codes in the panel; undefined when one has left it, or when the panel has a code of whose early rows nothing was
 * kept.
 */
export function placesOf(
  panel: Panel,
  codes: readonly string[],
  others: readonly string[],
): readonly number[] | undefined {
  if (others.some((code) => panel.codeIndex(code) >= 0)) return undefined;
  const places = codes.map((code) => panel.codeIndex(code));
  return places.includes(-1) ? undefined : places;
}

/** Codes of a table's early rows that are not in the panel. */
export async function otherCodes(
  early: EarlyMonths,
  panel: Panel,
  table: string,
): Promise<readonly string[]> {
  const codes = await early.codesIn(table);
  return codes.filter((code) => panel.codeIndex(code) < 0);
}

function piecesOf(
  panel: Panel,
  { name, values }: PanelColumn,
  places: readonly number[],
  sessions: number,
): Pieces {
  const bytes = bytesOf(values);
  const size = values.BYTES_PER_ELEMENT;
  const pieces = places.map((place) => {
    const start = place * panel.dates.length * size;
    return bytes.subarray(start, start + sessions * size);
  });
  return { name, pieces };
}

/** Cells that no file holds: sessions that are not early, and codes that were not there. */
function blankRest(
  panel: Panel,
  { values, blank }: PanelColumn,
  places: readonly number[],
  sessions: number,
): void {
  const known = new Set(places);
  for (let code = 0; code < panel.codes.length; code += 1) {
    const start = code * panel.dates.length;
    const from = known.has(code) ? start + sessions : start;
    values.fill(blank, from, start + panel.dates.length);
  }
}
