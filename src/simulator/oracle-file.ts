// The oracle's expectations as one Parquet file, for judging models on simulated data. It is never served by the API.

import { DuckDBInstance } from "@duckdb/node-api";
import { Panel, writePanelParquet } from "../panel/index.ts";
import { type Market, oracleHorizons } from "./market/index.ts";

/**
 * Writes `code`, `date` and `expected_1d`, `expected_5d`, `expected_10d`, `expected_20d` (returns on adjusted closes from the
 * date's close, given all that is public at it) for every listed issue and session; gives the number of rows.
 */
export async function writeOracle(market: Market, path: string): Promise<number> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const metadata = { synthetic: "true", market: JSON.stringify(market.config) };
    return await writePanelParquet(connection, oraclePanel(market), path, {
      columns: oracleHorizons.map(columnName),
      where: "listed",
      metadata,
    });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** The expectations as a panel: a `listed` flag and one column a horizon. */
export function oraclePanel({ issues, oracle, sessions }: Market): Panel {
  const codes = issues.map((issue) => issue.code);
  const panel = new Panel(sessions.days, codes);
  const listed = panel.addColumn("listed", "u8");
  for (const { delisted, index, listed: first } of issues) {
    listed.fill(1, index * sessions.count + first, index * sessions.count + delisted);
  }
  for (const horizon of oracleHorizons) {
    const column = panel.addColumn(columnName(horizon), "f32");
    for (const { delisted, index, listed: first } of issues) {
      for (let d = first; d < delisted; d += 1) {
        column[index * sessions.count + d] = oracle.expectation(d, index, horizon);
      }
    }
  }
  return panel;
}

function columnName(horizon: number): string {
  return `expected_${horizon}d`;
}
