// A lake filled from the synthetic market, for tests that run from the lake on.

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { epochDay } from "../../src/calendar/index.ts";
import { openLake, writeRows, type Lake } from "../../src/lake/index.ts";
import { createMarket, type MarketConfig } from "../../src/simulator/market/index.ts";

export interface SimulatedLakeOptions extends Partial<MarketConfig> {
  /** Endpoint paths to fill; default: all that the market has and features read. */
  readonly paths?: readonly string[];
  readonly home?: string;
}

/** Large tables that no feature reads. */
const unread = /minute|trades|^\/edinet|^\/td|options$/u;

/** Fills a lake in a fresh temporary home. */
export async function simulatedLake({
  paths,
  home = mkdtempSync(join(tmpdir(), "gogooku3-lake-")),
  ...config
}: SimulatedLakeOptions = {}): Promise<Lake> {
  const market = await createMarket({
    seed: 5,
    stocks: 40,
    from: "2021-01-04",
    to: "2022-12-30",
    signal: "none",
    ...config,
  });
  const lake = await openLake(home);
  const range = { fromDay: epochDay(market.config.from), toDay: epochDay(market.config.to) };
  for (const path of paths ?? market.paths.filter((name) => !unread.test(name))) {
    if (!lake.schemas().some((schema) => schema.path === path)) continue;
    const rows = market.rows(path, range).map(({ row }) => row);
    if (rows.length > 0) await writeRows(lake, path, rows, { source: "simulator" });
  }
  return lake;
}
