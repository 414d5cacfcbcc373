// Markets shared by the tests of this folder, generated once a file.

import {
  createMarket,
  type Market,
  type MarketConfig,
} from "../../../src/simulator/market/index.ts";

/** 120 issues over the halt of 2020, the reform of 2022 and the daily margin data of 2026. */
export const longSpan: MarketConfig = {
  seed: 7,
  stocks: 60,
  from: "2016-01-04",
  to: "2026-10-30",
  signal: "none",
};

/** Every row of a path in the market's span. */
export function allRows(market: Market, path: string): readonly Record<string, unknown>[] {
  const { firstDay, lastDay } = market.sessions;
  return market.rows(path, { fromDay: firstDay, toDay: lastDay }).map(({ row }) => row);
}

export function makeMarket(config: Partial<MarketConfig> = {}): Promise<Market> {
  return createMarket({ ...longSpan, ...config });
}
