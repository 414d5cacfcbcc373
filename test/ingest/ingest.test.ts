// Ingest against a counting service: what is asked, what lands in the lake, and what a second run asks.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { epochDay, jpxCalendar, jstInstantMs } from "../../src/calendar/index.ts";
import { ManualClock } from "../../src/clock.ts";
import { JquantsClient } from "../../src/ingest/client.ts";
import { ingest, type IngestReport, type IngestRequest } from "../../src/ingest/ingest.ts";
import { limitOf } from "../../src/ingest/limits.ts";
import { openLake, type Lake } from "../../src/lake/index.ts";
import { countingService, type CountingService } from "./counting-service.ts";
import { marketRows } from "./market-rows.ts";

const calendar = jpxCalendar();
const rows = marketRows(calendar, epochDay("2024-04-01"), epochDay("2024-06-28"));
const endpoints = [
  "/equities/bars/daily",
  "/equities/master",
  "/fins/summary",
  "/indices/bars/daily/topix",
  "/equities/investor-types",
];
let home = "";

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "gogooku3-ingest-"));
});

afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

function serviceAt(iso: string, time: string): { service: CountingService; clock: ManualClock } {
  const clock = new ManualClock(jstInstantMs(epochDay(iso), time));
  return { service: countingService({ clock, rows, pageRows: 40 }), clock };
}

async function run(
  service: CountingService,
  clock: ManualClock,
  request: Partial<IngestRequest> = {},
): Promise<IngestReport> {
  const lake = await openLake(home);
  const client = new JquantsClient({
    apiKey: "key",
    baseUrl: service.baseUrl,
    plan: "standard",
    bucketOf: limitOf("standard"),
    clock,
    fetch: service.fetch,
  });
  return ingest(
    { plan: "standard", endpoints, from: "2024-04-01", ...request },
    { lake, client, clock },
  );
}

async function count(lake: Lake, table: string): Promise<number> {
  const connection = await lake.connect({ threads: 1 });
  const reader = await connection.runAndReadAll(`SELECT count(*) FROM ${table}`);
  connection.closeSync();
  return Number(reader.getRows()[0][0]);
}

describe("ingest", () => {
  it("brings every published row once, by the cheapest ways", async () => {
    const { service, clock } = serviceAt("2024-06-29", "12:00");
    const report = await run(service, clock);
    const lake = await openLake(home);
    for (const path of endpoints) {
      expect(await count(lake, lake.schema(path).table), path).toBe(rows.get(path)?.length);
    }
    expect(report.execution.failures).toEqual([]);
    const ways = new Map(report.plan.endpoints.map(({ path, way }) => [path, way]));
    expect(ways.get("/equities/bars/daily")).toBe("bulk");
    expect(ways.get("/indices/bars/daily/topix")).toBe("range");
  });

  it("asks nothing when it runs again the same night", async () => {
    const { service, clock } = serviceAt("2024-06-29", "12:00");
    await run(service, clock);
    const before = (await openLake(home)).hash();
    const asked = service.calls.length;
    await run(service, clock);
    expect(service.calls.slice(asked)).toEqual([]);
    expect((await openLake(home)).hash()).toBe(before);
  });

  it("gives the same lake by days as by bulk files, provenance apart", async () => {
    const { service, clock } = serviceAt("2024-06-29", "12:00");
    await run(service, clock, { bulk: false });
    const lake = await openLake(home);
    for (const path of endpoints) {
      expect(await count(lake, lake.schema(path).table), path).toBe(rows.get(path)?.length);
    }
    expect(service.calls.filter(({ path }) => path.startsWith("/bulk"))).toEqual([]);
  });
});
