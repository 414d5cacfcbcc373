// A year of 24 stocks with planted signals, from the records that `core62` reads.

import { simulatedDataset, type SimulatedDataset } from "../../src/pipeline/simulated-dataset.ts";

export async function smallDataset(home: string): Promise<SimulatedDataset> {
  return simulatedDataset({
    home,
    market: { seed: 3, stocks: 24, from: "2022-01-04", to: "2022-12-30", signal: "planted" },
    features: "core62",
    endpoints: [
      "/markets/calendar",
      "/equities/master",
      "/equities/bars/daily",
      "/indices/bars/daily/topix",
    ],
  });
}
