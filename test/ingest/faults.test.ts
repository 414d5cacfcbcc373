// The simulator's faults against every endpoint family: each run ends complete, or with a named error and a lake that goes on.

import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { beforeAll, describe, expect, it } from "vitest";
import { epochDay, jstInstantMs } from "../../src/calendar/index.ts";
import { ManualClock } from "../../src/clock.ts";
import { SourceError } from "../../src/errors.ts";
import { JquantsClient } from "../../src/ingest/client.ts";
import { ingest, type IngestReport, type IngestRequest } from "../../src/ingest/ingest.ts";
import { limitOf } from "../../src/ingest/limits.ts";
import { openLake } from "../../src/lake/index.ts";
import { createMarket, type Market } from "../../src/simulator/market/index.ts";
import {
  createSimulator,
  type Fault,
  type ServedMarket,
} from "../../src/simulator/server/index.ts";
import { useHome } from "./scratch.ts";

const home = useHome();
const families = [
  "/equities/bars/daily",
  "/fins/summary",
  "/indices/bars/daily/topix",
  "/markets/short-ratio",
  "/markets/short-sale-report",
];
const evening = jstInstantMs(epochDay("2024-06-28"), "20:00");
let market: Market & ServedMarket;
let undisturbed = "";

beforeAll(async () => {
  market = await createMarket({
    seed: 3,
    stocks: 12,
    from: "2024-04-15",
    to: "2024-07-31",
    signal: "none",
  });
});

interface Session {
  readonly app: FastifyInstance;
  readonly served: ManualClock;
  readonly run: (request?: Partial<IngestRequest>, folder?: string) => Promise<IngestReport>;
}

/** A simulator with `faults` and runs against it; the client's waits pass at once. */
async function withSimulator(
  faults: readonly Fault[],
  work: (session: Session) => Promise<void>,
): Promise<void> {
  const served = new ManualClock(evening);
  const app = createSimulator({
    market,
    plan: "standard",
    clock: served,
    rateLimits: false,
    faults,
  });
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  const run: Session["run"] = async (request = {}, folder = "lake") => {
    const clock = new ManualClock(served.nowMs());
    const client = new JquantsClient({
      apiKey: "key",
      baseUrl: `${url}/v2`,
      plan: "standard",
      bucketOf: limitOf("standard", true),
      clock,
      timeoutMs: 400,
    });
    const lake = await openLake(join(home(), folder));
    return ingest(
      { plan: "standard", from: "2024-04-15", endpoints: families, ...request },
      { lake, client, clock: new ManualClock(served.nowMs()) },
    );
  };
  try {
    await work({ app, served, run });
  } finally {
    await app.close();
  }
}

async function hashOf(folder = "lake"): Promise<string> {
  return (await openLake(join(home(), folder))).hash();
}

// Kinds that one run meets together, each of them on every path.
const passing = [
  ["rate-limit", "empty-429"],
  ["server-error", "bad-gateway", "unavailable"],
  ["drop", "truncate", "slow"],
  ["duplicate-page", "empty-page"],
] as const;

describe("faults", () => {
  it("without any, a run brings every family", async () => {
    await withSimulator([], async ({ run }) => {
      const report = await run();
      expect(report.execution.failures).toEqual([]);
      const lake = await openLake(join(home(), "lake"));
      expect(families.filter((path) => !lake.has(lake.schema(path).table))).toEqual([]);
      undisturbed = lake.hash();
    });
  });

  it.each(passing.map((kinds) => [kinds.join(" and "), kinds] as const))(
    "%s on every family and on the bulk endpoints leaves the same lake",
    async (_title, kinds) => {
      const paths = [...families, "/markets/calendar", "/bulk/list", "/bulk/get"];
      const faults = paths.flatMap((path) =>
        kinds.map((kind): Fault => ({ kind, path, count: 1, ms: 600 })),
      );
      await withSimulator(faults, async ({ run }) => {
        await run();
        expect(await hashOf()).toBe(undisturbed);
      });
    },
  );

  it.each(["server-error", "truncate"] as const)(
    "a %s that does not end is a named error, and the next run goes on to the same lake",
    async (kind) => {
      const faults: Fault[] = [{ kind, path: "/fins/summary", count: 1000 }];
      await withSimulator(faults, async ({ app, run }) => {
        const error: unknown = await run({ bulk: false }, "broken").catch(
          (thrown: unknown) => thrown,
        );
        expect(error).toBeInstanceOf(SourceError);
        expect(String(error)).toMatch(/\/fins\/summary.*run it again/s);
        const held = await openLake(join(home(), "broken"));
        expect(held.has("equities_bars_daily")).toBe(true);
        await app.inject({ method: "DELETE", url: "/__sim/faults" });
        await run({ bulk: false }, "broken");
        await run({ bulk: false }, "calm");
        expect(await hashOf("broken")).toBe(await hashOf("calm"));
      });
    },
  );

  it("a late publication leaves its day open until the rows are there", async () => {
    const faults: Fault[] = [{ kind: "late", path: "/equities/bars/daily", minutes: 600 }];
    await withSimulator(faults, async ({ run, served }) => {
      await run();
      const lake = await openLake(join(home(), "lake"));
      expect(lake.manifest("equities_bars_daily").days["2024-06-28"]?.state).toBe("open");
      served.set(jstInstantMs(epochDay("2024-06-29"), "12:00"));
      await run();
      expect(lake.manifest("equities_bars_daily").days["2024-06-28"]?.state).toBe("complete");
    });
  });

  it("a correction of the last five sessions comes with the next publication, an older one with a sweep", async () => {
    await withSimulator([], async ({ app, run, served }) => {
      await run();
      const lake = await openLake(join(home(), "lake"));
      const connection = await lake.connect({ threads: 1 });
      const reader = await connection.runAndReadAll(
        `SELECT "Code" FROM equities_bars_daily WHERE "C" IS NOT NULL AND "Date" IN (DATE '2024-06-27', DATE '2024-05-10') GROUP BY 1 HAVING count(*) = 2 LIMIT 1`,
      );
      const code = String(reader.getRows()[0][0]);
      const correct = (date: string): Fault => ({
        kind: "correct",
        path: "/equities/bars/daily",
        where: { Date: date, Code: code },
        set: { Vo: 77_700 },
      });
      served.set(jstInstantMs(epochDay("2024-07-01"), "10:00"));
      const posted = await app.inject({
        method: "POST",
        url: "/__sim/faults",
        payload: [correct("2024-06-27"), correct("2024-05-10")],
      });
      expect(posted.statusCode).toBeLessThan(300);
      served.set(jstInstantMs(epochDay("2024-07-01"), "20:00"));
      const volumes = async (): Promise<unknown[][]> => {
        const fresh = await lake.connect({ threads: 1 });
        return (
          await fresh.runAndReadAll(
            `SELECT CAST("Date" AS VARCHAR) FROM equities_bars_daily WHERE "Code" = '${code}' AND "Vo" = 77700 ORDER BY 1`,
          )
        ).getRows();
      };
      await run();
      expect(await volumes()).toEqual([["2024-06-27"]]);
      await run({ sweep: true });
      expect(await volumes()).toEqual([["2024-05-10"], ["2024-06-27"]]);
      const again = await run();
      // Statements of the day itself go on until half past midnight.
      expect(again.plan.batches.map(({ endpoint }) => endpoint.path)).toEqual(["/fins/summary"]);
    });
  });
});
