// The list of issues as of each session: who is listed, and in which sector and section.

import type { DuckDBConnection } from "@duckdb/node-api";
import type { Panel } from "../panel/panel.ts";
import type { Grouping } from "./feature.ts";
import { loadPanel } from "./load-cache/kept-panel.ts";
import type { LoadSource } from "./load-source.ts";
import { universeSql } from "./universe.ts";
import {
  groupKeys,
  noGroup,
  scaleNames,
  sectionNames,
  sectionOfMarket,
  sector17Codes,
  sector33Codes,
} from "./groupings.ts";
import { streamRows } from "./stream-rows.ts";

export interface MasterData {
  readonly groups: ReadonlyMap<Grouping, Uint8Array<SharedArrayBuffer>>;
  /** 1 where the code was listed in the universe. */
  readonly listed: Uint8Array<SharedArrayBuffer>;
}

/**
 * Reads the snapshots; a session without one takes the last one before it. Adds `margin_class` and `scale_id` to the panel, and
 * `sector33_id`, `sector17_id` and `section_id` when asked for.
 */
export async function loadMaster(
  source: LoadSource,
  panel: Panel,
  inputs: ReadonlySet<string>,
): Promise<MasterData> {
  const columns = [
    ...names.map((name) => ({ name, blank: noGroup })),
    { name: "listed", blank: 0 },
  ];
  const cells = columns.map((column) => ({ ...column, values: shared(panel.size) }));
  const values = cells.map((column) => column.values);
  const hasSnapshot = new Uint8Array(panel.dates.length);
  await loadPanel(
    source,
    panel,
    { name: "master", table: "equities_master", columns: cells },
    {
      read: (connection) => readSnapshots(connection, panel, values, hasSnapshot),
      finish: (from, to) => {
        for (let d = Math.max(from, 1); d < to; d += 1) {
          if (hasSnapshot[d] === 0)
            for (const column of values) carry(column, d, panel.dates.length);
        }
      },
    },
  );
  const [sector33, sector17, section, margin, scale, listed] = values;
  const groups = new Map<Grouping, Uint8Array<SharedArrayBuffer>>([
    ["sector33", sector33],
    ["sector17", sector17],
    ["section", section],
  ]);
  for (const [grouping, places] of groups) {
    if (inputs.has(`${grouping}_id`))
      addNumbers(panel, `${grouping}_id`, places, groupKeys(grouping).length);
  }
  if (inputs.has("margin_class")) addNumbers(panel, "margin_class", margin, 4);
  else panel.setColumn("margin_class", margin);
  panel.setColumn("scale_id", scale);
  return { groups, listed };
}

/** Columns of the snapshots beside `listed`, in the order of the query. */
const names = ["sector33", "sector17", "section", "margin", "scale"] as const;

async function readSnapshots(
  connection: DuckDBConnection,
  panel: Panel,
  columns: readonly Uint8Array[],
  hasSnapshot: Uint8Array,
): Promise<void> {
  const sessions = panel.dates.length;
  await streamRows(connection, masterSql, ([code, session, ...values], rowCount) => {
    for (let i = 0; i < rowCount; i += 1) {
      const cell = code[i] * sessions + session[i];
      hasSnapshot[session[i]] = 1;
      for (let k = 0; k < columns.length; k += 1) columns[k][cell] = values[k][i];
    }
  });
}

const sectionCases = [...sectionOfMarket].map(
  ([code, name]) => `WHEN '${code}' THEN ${sectionNames.indexOf(name)}`,
);

/** A snapshot of a day without a session is first used on the next session. */
const masterSql = `SELECT c.position, s.position,
  ${placeIn(sector33Codes, "S33")}, ${placeIn(sector17Codes, "S17")},
  CAST(CASE "Mkt" ${sectionCases.join(" ")} ELSE ${noGroup} END AS UTINYINT),
  CAST(COALESCE(TRY_CAST("Mrgn" AS UTINYINT), ${noGroup}) AS UTINYINT),
  ${placeIn(scaleNames, "ScaleCat")},
  CAST(CASE WHEN ${universeSql} THEN 1 ELSE 0 END AS UTINYINT)
FROM equities_master m JOIN feature_codes c ON m."Code" = c.code JOIN feature_sessions s ON m."Date" = s.day`;

function placeIn(keys: readonly string[], field: string): string {
  const list = keys.map((key) => `'${key}'`).join(",");
  return `CAST(COALESCE(NULLIF(list_position([${list}], "${field}"), 0) - 1, ${noGroup}) AS UTINYINT)`;
}

function carry(column: Uint8Array, session: number, sessions: number): void {
  for (let cell = session; cell < column.length; cell += sessions) column[cell] = column[cell - 1];
}

function addNumbers(panel: Panel, name: string, values: Uint8Array, size: number): void {
  const column = panel.addColumn(name, "f64");
  for (let i = 0; i < values.length; i += 1) if (values[i] < size) column[i] = values[i];
}

function shared(length: number): Uint8Array<SharedArrayBuffer> {
  return new Uint8Array(new SharedArrayBuffer(length));
}
