// When bulk files are compared with what was taken in.

import { expect, it } from "vitest";
import { epochDay, jpxCalendar, jstInstantMs } from "../../src/calendar/index.ts";
import { dueForSweep, staleDays, sweepable } from "../../src/ingest/sweep.ts";
import { bulkFileOf } from "../../src/ingest/bulk-files.ts";
import type { PlanRequest } from "../../src/ingest/plan-types.ts";
import { endpointOf } from "../../src/jquants/index.ts";
import { openLake } from "../../src/lake/index.ts";
import { bar } from "./market-rows.ts";
import { useHome } from "./scratch.ts";

const home = useHome();
const bars = endpointOf("/equities/bars/daily");
const key = "equities/bars/daily/historical/2024/equities_bars_daily_202401.csv.gz";

function request(date: string, plan: PlanRequest["plan"] = "standard"): PlanRequest {
  return {
    endpoints: [bars, endpointOf("/markets/breakdown"), endpointOf("/edinet/major-shareholders")],
    from: 0,
    to: 1,
    plan,
    nowMs: jstInstantMs(epochDay(date), "20:00"),
    calendar: jpxCalendar(),
    coverage: () => ({}),
  };
}

it("bulk files are due for a comparison 30 days after the last one, and only their changed months are stale", async () => {
  const lake = await openLake(home());
  const writer = await lake.writer("test");
  const stage = writer.stage(lake.schema(bars.path));
  await stage.add([bar("2024-01-04", "72030", 1), bar("2024-02-05", "72030", 1)], "bulk");
  await writer.commit(stage, {
    days: [
      { day: "2024-01-04", final: true },
      { day: "2024-02-05", final: true },
    ],
    source: "bulk",
    fetchedAt: "2024-03-01T11:00:00Z",
    files: { [key]: { lastModified: "2024-02-10T00:00:00Z", size: 1 } },
  });
  await writer.markSwept("equities_bars_daily", "2024-03-01T11:00:00Z");
  await writer.close();
  expect(dueForSweep(lake, request("2024-03-20"))).toEqual([]);
  expect(dueForSweep(lake, request("2024-04-01")).map(({ path }) => path)).toEqual([bars.path]);
  expect(sweepable(request("2024-04-01", "free"))).toEqual([]);
  const listed = (lastModified: string): Parameters<typeof staleDays>[2] => {
    const file = bulkFileOf(key, 1, lastModified);
    return new Map([[bars.path, file === undefined ? [] : [file]]]);
  };
  const stale = staleDays(lake, [bars], listed("2024-03-15T00:00:00Z"));
  expect(stale.get(bars.path)).toEqual(new Set([epochDay("2024-01-04")]));
  expect(staleDays(lake, [bars], listed("2024-02-10T00:00:00Z")).get(bars.path)).toEqual(new Set());
});
