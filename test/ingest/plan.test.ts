// The planner: which way each endpoint is brought, what it costs, what is left out and why.

import { describe, expect, it } from "vitest";
import { epochDay, isoDate, jpxCalendar, jstInstantMs } from "../../src/calendar/index.ts";
import { dueDays, finalMs, firstServedMs } from "../../src/ingest/due-days.ts";
import { planIngest } from "../../src/ingest/plan.ts";
import type { IngestPlan, PlanRequest } from "../../src/ingest/plan-types.ts";
import { endpointOf, endpoints, planWindow, type Plan } from "../../src/jquants/index.ts";
import type { DayCoverage } from "../../src/lake/index.ts";

const calendar = jpxCalendar();
const nowMs = jstInstantMs(epochDay("2026-11-20"), "23:00");
const today = epochDay("2026-11-20");
const all = [...endpoints.values()].filter(
  ({ dateField, publication, addon }) =>
    dateField !== null && publication !== null && addon === null,
);

type Coverage = Readonly<Record<string, DayCoverage>>;

function plan(
  request: Partial<PlanRequest> & { plan?: Plan },
  held: (table: string) => Coverage = () => ({}),
): IngestPlan {
  return planIngest({
    endpoints: all,
    from: planWindow(request.plan ?? "standard", today).fromDay,
    to: today,
    plan: "standard",
    nowMs,
    calendar,
    coverage: held,
    ...request,
  });
}

function ways({ endpoints: costs }: IngestPlan): Map<string, readonly [string, number]> {
  return new Map(costs.map(({ path, way, requests }) => [path, [way, requests]]));
}

/** Everything complete up to and with `last`, fetched at `fetchedAt`. */
function complete(path: string, last: string, fetchedAt: string): Coverage {
  return Object.fromEntries(
    dueDays(endpointOf(path), calendar, epochDay("2016-01-01"), epochDay(last)).map((day) => [
      isoDate(day),
      { state: "complete", rows: 1, source: "api", plan: "standard", fetchedAt },
    ]),
  );
}

describe("a first run on Standard", () => {
  const first = plan({});

  it("takes bulk files by month, ranges in one request, industries by code, and days where there is no file", () => {
    const found = ways(first);
    expect(found.get("/equities/bars/daily")).toEqual(["bulk", 135]);
    expect(found.get("/indices/bars/daily/topix")).toEqual(["range", 1]);
    expect(found.get("/markets/calendar")).toEqual(["range", 1]);
    expect(found.get("/equities/investor-types")).toEqual(["range", 1]);
    expect(found.get("/markets/short-ratio")).toEqual(["by-code", 34]);
    expect(found.get("/edinet/large-volume-shareholders")?.[0]).toBe("by-date");
  });

  it("costs no more than the published estimate of 1,770 requests beside the shareholder reports", () => {
    const reports = first.endpoints.filter(({ path }) => path.startsWith("/edinet/"));
    const withoutReports =
      first.requests - reports.reduce((sum, { requests }) => sum + requests, 0);
    expect(withoutReports).toBeLessThan(1770 * 1.05);
    expect(first.minutes).toBeLessThan(62);
  });

  it("brings the newest month first", () => {
    const days = first.batches
      .filter(({ endpoint }) => endpoint.path === "/equities/bars/daily")
      .map(({ tasks }) => tasks[0].days[0]);
    expect(days).toEqual(days.toSorted((left, right) => right - left));
  });

  it("lists once what the plan does not include, with the plan that does", () => {
    const paths = first.skipped.map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    expect(first.skipped).toContainEqual({
      path: "/markets/breakdown",
      reason: "needs the premium plan, yours is standard",
    });
  });

  it("says which days lie outside the window instead of asking for them", () => {
    const early = plan({
      from: epochDay("2010-01-01"),
      endpoints: [endpointOf("/equities/master")],
    });
    expect(early.skipped[0].reason).toContain("days before 2016-11-20");
    expect(
      Math.min(...early.batches.flatMap(({ tasks }) => tasks.flatMap(({ days }) => days))),
    ).toBeGreaterThanOrEqual(epochDay("2016-11-20"));
  });
});

it("leaves out the day that the window drops at midnight, without a word", () => {
  const evening = plan({ endpoints: [endpointOf("/markets/calendar")] });
  expect(evening.skipped).toEqual([]);
  expect(evening.batches[0].tasks[0].days[0]).toBe(epochDay("2016-11-21"));
});

describe("the Free plan", () => {
  it("asks day by day, inside its twelve-week-old window, without bulk files", () => {
    const free = plan({ plan: "free", endpoints: [endpointOf("/equities/bars/daily")] });
    expect(free.endpoints[0].way).toBe("by-date");
    const last = Math.max(
      ...free.batches.flatMap(({ tasks }) => tasks.flatMap(({ days }) => days)),
    );
    expect(last).toBeLessThanOrEqual(today - 84);
    expect(free.buckets[0].minutes).toBeCloseTo(free.requests / 5, 6);
  });
});

describe("a nightly run", () => {
  const bars = endpointOf("/equities/bars/daily");
  const held = complete(bars.path, "2026-11-19", "2026-11-19T11:00:00Z");

  it("asks for the new day and once more for the five sessions before it, which may have been corrected", () => {
    const nightly = plan({ endpoints: [bars] }, () => held);
    const days = nightly.batches.flatMap(({ tasks }) => tasks.flatMap((task) => task.days));
    expect(days.map(isoDate)).toEqual([
      "2026-11-13",
      "2026-11-16",
      "2026-11-17",
      "2026-11-18",
      "2026-11-19",
      "2026-11-20",
    ]);
  });

  it("asks for nothing after that night's publication was taken in", () => {
    const done = complete(bars.path, "2026-11-20", "2026-11-20T12:00:00Z");
    expect(plan({ endpoints: [bars] }, () => done).requests).toBe(0);
  });

  it("asks again for an open day, and for a day of a lower plan when a higher one has more columns", () => {
    const done = complete(bars.path, "2026-11-20", "2026-11-20T12:00:00Z");
    const open: Coverage = { ...done, "2026-11-20": { ...done["2026-11-20"], state: "open" } };
    expect(plan({ endpoints: [bars] }, () => open).requests).toBe(1);
    expect(plan({ endpoints: [bars], plan: "premium" }, () => done).requests).toBeGreaterThan(100);
    const master = endpointOf("/equities/master");
    const lists = complete(master.path, "2026-11-20", "2026-11-20T12:00:00Z");
    const spans = { endpoints: [master], from: epochDay("2016-11-21") };
    expect(plan({ ...spans, plan: "premium" }, () => lists).requests).toBe(0);
  });

  it("prefers days to a file and its listing when few are missing", () => {
    const { "2026-03-03": _one, "2026-03-04": _two, ...rest } = held;
    const few = plan({ endpoints: [bars], to: epochDay("2026-10-30") }, () => rest);
    expect(ways(few).get(bars.path)).toEqual(["by-date", 2]);
  });

  it("does not ask before the day's publication", () => {
    const morning = plan(
      { endpoints: [bars], nowMs: jstInstantMs(today, "12:00"), from: today },
      () => ({}),
    );
    expect(morning.requests).toBe(0);
  });
});

describe("due days", () => {
  it("are the last sessions of the weeks for margin balances until 2026-09-24, every session from then on", () => {
    const margin = endpointOf("/markets/margin-interest");
    const span = dueDays(margin, calendar, epochDay("2026-09-07"), epochDay("2026-09-30"));
    expect(span.map(isoDate)).toEqual([
      "2026-09-11",
      "2026-09-18",
      "2026-09-25",
      "2026-09-28",
      "2026-09-29",
      "2026-09-30",
    ]);
  });

  it("of statements end half an hour after midnight, an hour's grace included at half past one", () => {
    const summary = endpointOf("/fins/summary");
    expect(finalMs(summary, today, calendar, "standard")).toBe(jstInstantMs(today + 1, "01:30"));
    expect(firstServedMs(summary, today, calendar, "standard")).toBe(jstInstantMs(today, "18:00"));
  });

  it("of index options count holiday trading and are served at three the next morning", () => {
    const options = endpointOf("/derivatives/bars/daily/options/225");
    expect(firstServedMs(options, today, calendar, "standard")).toBe(
      jstInstantMs(today + 1, "03:00"),
    );
  });
});
