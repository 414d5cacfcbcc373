// With the published limits in force, on one virtual clock: no request is refused, and none is wasted.

import { join } from "node:path";
import { expect, it } from "vitest";
import { epochDay, jstInstantMs } from "../../src/calendar/index.ts";
import { ManualClock } from "../../src/clock.ts";
import { JquantsClient } from "../../src/ingest/client.ts";
import { ingest } from "../../src/ingest/ingest.ts";
import { limitOf } from "../../src/ingest/limits.ts";
import { bucketLimit } from "../../src/jquants/index.ts";
import { openLake } from "../../src/lake/index.ts";
import { createMarket } from "../../src/simulator/market/index.ts";
import { createSimulator } from "../../src/simulator/server/index.ts";
import { useHome } from "./scratch.ts";

const home = useHome();

it.each(["standard", "light"] as const)(
  "a run on %s stays within its limits, is never refused, and sends what was planned",
  async (plan) => {
    const market = await createMarket({
      seed: 5,
      stocks: 10,
      from: "2024-03-01",
      to: "2024-07-31",
      signal: "none",
    });
    const wallClock = new ManualClock(0);
    const nowMs = jstInstantMs(epochDay("2024-06-28"), "20:00");
    const app = createSimulator({ market, plan, clock: new ManualClock(nowMs), wallClock });
    const url = await app.listen({ port: 0, host: "127.0.0.1" });
    const client = new JquantsClient({
      apiKey: "key",
      baseUrl: `${url}/v2`,
      plan,
      bucketOf: limitOf(plan),
      clock: wallClock,
      // The clock leaps while requests are under way: fewer of them than the tenth of the limit that is kept free.
      maxInFlight: 4,
    });
    const lake = await openLake(join(home(), plan));
    const endpoints = ["/equities/bars/daily", "/equities/master", "/fins/summary"];
    const report = await ingest(
      { plan, endpoints, from: "2024-04-01", bulk: false },
      { lake, client, clock: new ManualClock(nowMs) },
    );
    await app.close();
    const { requests, refusals, retries } = report.statistics;
    expect({ refusals, retries }).toEqual({ refusals: 0, retries: 0 });
    const sent = Object.values(requests).reduce((sum, count) => sum + count, 0);
    // The calendar is asked for before the plan is made.
    expect(sent).toBe(report.plan.requests + 1);
    const slowest = Math.max(
      (requests["plan"] ?? 0) / bucketLimit(plan, "plan"),
      (requests["fins-summary"] ?? 0) / bucketLimit(plan, "fins-summary"),
    );
    expect(wallClock.nowMs() / 60_000).toBeGreaterThan(slowest - 1);
    expect(wallClock.nowMs() / 60_000).toBeLessThan(slowest / 0.9 + 1);
  },
);
