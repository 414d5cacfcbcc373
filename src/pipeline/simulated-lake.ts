// A lake filled from a simulated market the way a subscriber fills his: over HTTP, by the client, at a given evening.

import { join } from "node:path";
import { epochDay, jpxCalendar, jstInstantMs } from "../calendar/index.ts";
import { ManualClock } from "../clock.ts";
import { JquantsClient } from "../ingest/client.ts";
import { ingest, type IngestReport } from "../ingest/ingest.ts";
import { limitOf } from "../ingest/limits.ts";
import type { Plan } from "../jquants/index.ts";
import { type Lake, openLake } from "../lake/index.ts";
import { noProgress, type OnProgress } from "../progress.ts";
import { createMarket, type Market, type MarketConfig } from "../simulator/market/index.ts";
import { createSimulator } from "../simulator/server/index.ts";

export interface SimulatedLakeOptions {
  readonly home: string;
  readonly market: MarketConfig;
  readonly plan?: Plan;
  /** Endpoint paths; default all that the plan includes. */
  readonly endpoints?: readonly string[];
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress;
}

export interface SimulatedLake {
  readonly market: Market;
  readonly lake: Lake;
  readonly report: IngestReport;
}

/**
 * Generates the market (cached under `<home>/cache`), serves it on a loopback port without rate limits at 23:00 of the
 * session after its last day, and ingests what is missing. A second call asks only for what the first did not bring.
 */
export async function simulatedLake(options: SimulatedLakeOptions): Promise<SimulatedLake> {
  const { home, plan = "standard", endpoints, signal, onProgress = noProgress } = options;
  const market = await createMarket(options.market, {
    cacheDir: join(home, "cache", "simulator"),
    onProgress: (share) =>
      onProgress({ stage: "simulate market", done: Math.round(share * 100), total: 100 }),
  });
  const { from, to } = options.market;
  const evening = jstInstantMs(jpxCalendar().next(epochDay(to)), "23:00");
  const clock = new ManualClock(evening);
  const app = createSimulator({ market, plan, clock, rateLimits: false });
  try {
    const origin = await app.listen({ port: 0, host: "127.0.0.1" });
    const lake = await openLake(home);
    const client = new JquantsClient({
      apiKey: "simulated",
      baseUrl: `${origin}/v2`,
      plan,
      bucketOf: limitOf(plan, true),
      clock,
      signal,
    });
    const request = { from, to, plan, endpoints };
    const report = await ingest(request, { lake, client, clock, signal, onProgress });
    return { market, lake, report };
  } finally {
    await app.close();
  }
}
