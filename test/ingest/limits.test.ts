// With the published limits in force, on one virtual clock: no request is refused, and the number of requests is within 5 % of
// the fewest that the rules allow. GOGOOKU3_ENDPOINTS=all brings all of Standard.

import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { epochDay, jpxCalendar, jstInstantMs } from "../../src/calendar/index.ts";
import { ManualClock } from "../../src/clock.ts";
import { JquantsClient } from "../../src/ingest/client.ts";
import { dueDays } from "../../src/ingest/due-days.ts";
import { ingest, type IngestReport, type IngestRequest } from "../../src/ingest/ingest.ts";
import { limitOf } from "../../src/ingest/limits.ts";
import { planIngest } from "../../src/ingest/plan.ts";
import { bucketLimit, endpointOf, planWindow, type Plan } from "../../src/jquants/index.ts";
import { openLake } from "../../src/lake/index.ts";
import { createMarket } from "../../src/simulator/market/index.ts";
import { createSimulator } from "../../src/simulator/server/index.ts";
import { fewestRequests, offers } from "./price-list.ts";
import { useHome } from "./scratch.ts";

const home = useHome();
const calendar = jpxCalendar();
const isWhole = process.env["GOGOOKU3_ENDPOINTS"] === "all";
const wholeRun = { timeout: 300_000 };

interface Limited {
  readonly report: IngestReport;
  readonly sent: number;
  readonly minutes: number;
}

/** A run against a simulator of `stocks` issues that refuses what is over the limits; time leaps when the client waits. */
async function runLimited(
  plan: Plan,
  market: { from: string; to: string; stocks: number },
  request: Partial<IngestRequest>,
): Promise<Limited> {
  const wallClock = new ManualClock(0);
  const nowMs = jstInstantMs(epochDay(market.to), "20:00");
  const app = createSimulator({
    market: await createMarket({ seed: 5, signal: "none", ...market }),
    plan,
    clock: new ManualClock(nowMs),
    wallClock,
  });
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
  try {
    const report = await ingest(
      { plan, ...request },
      { lake, client, clock: new ManualClock(nowMs) },
    );
    const { requests, refusals, retries } = report.statistics;
    expect({ refusals, retries }).toEqual({ refusals: 0, retries: 0 });
    const sent = Object.values(requests).reduce((sum, count) => sum + count, 0);
    return { report, sent, minutes: wallClock.nowMs() / 60_000 };
  } finally {
    await app.close();
  }
}

/** The fewest requests for whole histories of endpoints from `from` on, as of `today`. */
function fewest(paths: readonly string[], from: number, today: number): number {
  return paths.reduce((sum, path) => {
    const offer = offers.get(path);
    if (offer === undefined) throw new Error(`no offer for ${path}`);
    const start = Math.max(from, epochDay(endpointOf(path).historyStart ?? "2000-01-01"));
    return sum + fewestRequests(offer, dueDays(endpointOf(path), calendar, start, today), today);
  }, 0);
}

it.each(["standard", "light"] as const)(
  "a run on %s stays within its limits, is never refused, and sends what was planned",
  async (plan) => {
    const { report, sent, minutes } = await runLimited(
      plan,
      { from: "2024-04-01", to: "2024-06-28", stocks: 10 },
      {
        endpoints: ["/equities/bars/daily", "/equities/master", "/fins/summary"],
        from: "2024-04-01",
        bulk: false,
      },
    );
    // The calendar is asked for before the plan is made.
    expect(sent).toBe(report.plan.requests + 1);
    const { requests } = report.statistics;
    const slowest = Math.max(
      (requests["plan"] ?? 0) / bucketLimit(plan, "plan"),
      (requests["fins-summary"] ?? 0) / bucketLimit(plan, "fins-summary"),
    );
    expect(minutes).toBeGreaterThan(slowest - 1);
    expect(minutes).toBeLessThan(slowest / 0.9 + 1);
  },
);

describe("ten years on Standard", () => {
  it("are planned with at most 5 % more requests than the fewest that the rules allow, each endpoint by itself too", () => {
    for (const day of ["2026-11-20", "2026-11-06"]) {
      const today = epochDay(day);
      const { fromDay } = planWindow("standard", today + 1);
      const paths = [...offers.keys()];
      const plan = planIngest({
        endpoints: paths.map((path) => endpointOf(path)),
        from: fromDay,
        to: today,
        plan: "standard",
        nowMs: jstInstantMs(today, "23:59"),
        calendar,
        coverage: () => ({}),
      });
      for (const { path, requests } of plan.endpoints) {
        // One request lists an endpoint's files.
        expect(requests - 1, path).toBeLessThanOrEqual(fewest([path], fromDay, today) * 1.05);
      }
      const least = fewest(paths, fromDay, today);
      expect(least).toBeGreaterThan(6500);
      expect(plan.requests).toBeGreaterThanOrEqual(least - paths.length);
      expect(plan.requests / least).toBeLessThan(1.05);
    }
  });

  it(
    "are brought without a refusal, with at most 5 % more requests than the fewest",
    wholeRun,
    async () => {
      const some = [
        "/equities/bars/daily",
        "/indices/bars/daily/topix",
        "/markets/calendar",
        "/markets/short-ratio",
      ];
      const { sent, minutes } = await runLimited(
        "standard",
        { from: "2016-10-31", to: "2026-10-30", stocks: 5 },
        isWhole ? {} : { endpoints: some },
      );
      const from = epochDay("2016-10-31");
      const least = fewest(isWhole ? [...offers.keys()] : some, from, epochDay("2026-10-30"));
      expect(sent / least).toBeLessThan(1.05);
      expect(minutes).toBeLessThan((sent / bucketLimit("standard", "plan") / 0.9) * 1.02 + 1);
    },
  );
});
