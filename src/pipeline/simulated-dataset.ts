// A dataset of a simulated market, the whole way of the data: market, J-Quants V2 server on loopback, ingest, lake, features.

import { epochDay, jstInstantMs } from "../calendar/index.ts";
import { ManualClock } from "../clock.ts";
import { buildDataset, type Dataset, openDataset } from "../dataset/index.ts";
import { JquantsClient } from "../ingest/client.ts";
import { ingest } from "../ingest/ingest.ts";
import { limitOf } from "../ingest/limits.ts";
import { openLake } from "../lake/index.ts";
import { noProgress, type OnProgress } from "../progress.ts";
import { createMarket, type Market, type MarketConfig } from "../simulator/market/index.ts";
import { createSimulator } from "../simulator/server/index.ts";

export interface SimulatedDatasetOptions {
  readonly market: MarketConfig;
  /** Set, family or column names, comma separated. */
  readonly features: string;
  /** Endpoint paths to ingest; default all of the Standard plan. */
  readonly endpoints?: readonly string[] | undefined;
  readonly onProgress?: OnProgress | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface SimulatedDataset {
  readonly market: Market;
  readonly dataset: Dataset;
}

const plan = "standard";

/** Fills the lake under `home` from a simulated market and builds a dataset over its whole span. */
export async function simulatedDataset(
  home: string,
  options: SimulatedDatasetOptions,
): Promise<SimulatedDataset> {
  const { features, onProgress = noProgress } = options;
  const { from, to } = options.market;
  const market = await createMarket(options.market, {
    onProgress: (share) =>
      onProgress({ stage: "generate market", done: Math.round(share * 100), total: 100 }),
  });
  await ingestMarket(home, market, options);
  const { manifest } = await buildDataset(await openLake(home), {
    from: epochDay(from),
    to: epochDay(to),
    selection: features,
    allowEmpty: true,
    onProgress,
  });
  return { market, dataset: openDataset(home, manifest.id) };
}

async function ingestMarket(
  home: string,
  market: Market,
  { endpoints, signal, onProgress = noProgress }: SimulatedDatasetOptions,
): Promise<void> {
  const { from, to } = market.config;
  const clock = new ManualClock(jstInstantMs(epochDay(to) + 1, "20:00"));
  const app = createSimulator({ market, plan, clock, rateLimits: false });
  try {
    const address = await app.listen({ port: 0, host: "127.0.0.1" });
    const client = new JquantsClient({
      apiKey: "simulated",
      baseUrl: `${address}/v2`,
      plan,
      bucketOf: limitOf(plan, true),
      clock,
      signal,
    });
    const lake = await openLake(home);
    await ingest({ from, to, plan, endpoints }, { lake, client, clock, signal, onProgress });
  } finally {
    await app.close();
  }
}
