// Data sets that the simulator derives from the market's own: minutes, ticks, timely disclosures, EDINET reports.

import type { PublishedRow, RowRange } from "../market/types.ts";
import { crossShareholdings, majorShareholders } from "./annual-reports.ts";
import { disclosures } from "./disclosures.ts";
import { largeHoldings } from "./large-holdings.ts";
import { minuteBars } from "./minute-bars.ts";
import { publish, type BaseMarket, type DerivedSource } from "./source.ts";
import { trades } from "./trades.ts";

const sources: ReadonlyMap<string, DerivedSource> = new Map([
  ["/equities/bars/minute", minuteBars],
  ["/equities/trades", trades],
  ["/edinet/major-shareholders", majorShareholders],
  ["/edinet/cross-shareholdings", crossShareholdings],
  ["/edinet/large-volume-shareholders", largeHoldings],
  ["/td/list", disclosures],
]);

/** The market with the data sets that it does not make itself and that follow from those it makes. */
export function withDerived(market: BaseMarket): BaseMarket {
  const own = new Set(market.paths);
  const derived = [...sources.keys()].filter((path) => !own.has(path));
  return {
    config: market.config,
    sessions: market.sessions,
    paths: [...market.paths, ...derived],
    rows: (path, range): readonly PublishedRow[] => {
      const source = own.has(path) ? undefined : sources.get(path);
      if (source === undefined) return market.rows(path, range);
      return publish(path, source(market, wide(range)), market.sessions.calendar);
    },
  };
}

/** Adjusted columns play no part in derived rows. */
function wide({ fromDay, toDay, code }: RowRange): RowRange {
  return { fromDay, toDay, ...(code === undefined ? {} : { code }) };
}
