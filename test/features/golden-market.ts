// The market of the golden feature values: 8 codes × 600 sessions with splits, a halt, no-trade days, late listings and a delisting.

import type { MarketData } from "../../src/features/market-data.ts";
import { syntheticMarket } from "./synthetic-market.ts";

export function goldenMarket(): MarketData {
  return syntheticMarket({ codes: 8, sessions: 600, seed: 20 });
}
