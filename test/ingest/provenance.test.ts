// What came from the simulator says so in the lake, however it came.

import { expect, it } from "vitest";
import { epochDay, jstInstantMs } from "../../src/calendar/index.ts";
import { ManualClock } from "../../src/clock.ts";
import { JquantsClient } from "../../src/ingest/client.ts";
import { ingest } from "../../src/ingest/ingest.ts";
import { limitOf } from "../../src/ingest/limits.ts";
import { openLake } from "../../src/lake/index.ts";
import { createMarket } from "../../src/simulator/market/index.ts";
import { createSimulator } from "../../src/simulator/server/index.ts";
import { useHome } from "./scratch.ts";

const home = useHome();

it("every day and row fetched from the simulator is marked as simulated, by bulk file and by query", async () => {
  const dates = { from: "2024-01-04", to: "2024-02-29" };
  const market = await createMarket({ seed: 3, stocks: 8, signal: "none", ...dates });
  const clock = new ManualClock(jstInstantMs(epochDay("2024-03-04"), "20:00"));
  const app = createSimulator({ market, plan: "standard", clock, rateLimits: false });
  try {
    const baseUrl = `${await app.listen({ port: 0, host: "127.0.0.1" })}/v2`;
    const lake = await openLake(home());
    const client = new JquantsClient({
      apiKey: "key",
      baseUrl,
      plan: "standard",
      bucketOf: limitOf("standard", true),
      clock,
    });
    const endpoints = ["/equities/bars/daily", "/indices/bars/daily/topix"];
    await ingest({ ...dates, plan: "standard", endpoints }, { lake, client, clock });
    for (const table of ["equities_bars_daily", "markets_calendar"]) {
      const sources = Object.values(lake.manifest(table).days).map(({ source }) => source);
      expect(sources.length, table).toBeGreaterThan(0);
      expect(sources.every((source) => source.startsWith("simulated-"))).toBe(true);
    }
  } finally {
    await app.close();
  }
});
