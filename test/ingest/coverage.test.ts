// What is asked, over random histories of runs: disjoint, adjacent and nested spans, weekends, cancelled runs, older columns.
// GOGOOKU3_HISTORIES sets how many.

import fc from "fast-check";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { epochDay, isoDate, jpxCalendar, jstInstantMs } from "../../src/calendar/index.ts";
import { ManualClock } from "../../src/clock.ts";
import { JquantsClient } from "../../src/ingest/client.ts";
import { ingest } from "../../src/ingest/ingest.ts";
import { limitOf } from "../../src/ingest/limits.ts";
import { openLake } from "../../src/lake/index.ts";
import { countingService, type ServiceCall } from "./counting-service.ts";
import { marketRows } from "./market-rows.ts";
import { useHome } from "./scratch.ts";

const calendar = jpxCalendar();
const first = epochDay("2024-03-01");
const last = epochDay("2024-05-31");
const rows = marketRows(calendar, first, last, ["13010", "72030"]);
const clock = new ManualClock(jstInstantMs(epochDay("2024-07-01"), "12:00"));
const endpoints = ["/equities/bars/daily", "/fins/summary", "/indices/bars/daily/topix"];
const home = useHome();
const histories = Number(process.env["GOGOOKU3_HISTORIES"] ?? 5);

interface Run {
  readonly from: number;
  readonly length: number;
  readonly bulk: boolean;
  /** Cancels the run after so many requests. */
  readonly cancelAfter: number | undefined;
}

const run: fc.Arbitrary<Run> = fc.record({
  from: fc.integer({ min: 0, max: last - first }),
  length: fc.integer({ min: 0, max: 45 }),
  bulk: fc.boolean(),
  cancelAfter: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined, freq: 2 }),
});

async function execute(
  folder: string,
  { from, length, bulk, cancelAfter }: Run,
): Promise<ServiceCall[]> {
  const controller = new AbortController();
  const service = countingService({
    clock,
    rows,
    pageRows: 30,
    fault: (_call, count) => {
      if (count === cancelAfter) controller.abort();
      return undefined;
    },
  });
  const client = new JquantsClient({
    apiKey: "key",
    baseUrl: service.baseUrl,
    plan: "standard",
    bucketOf: limitOf("standard", true),
    clock,
    fetch: service.fetch,
    signal: controller.signal,
  });
  const span = { from: isoDate(first + from), to: isoDate(Math.min(last, first + from + length)) };
  const { signal } = controller;
  const lake = await openLake(folder);
  const work = ingest(
    { ...span, plan: "standard", endpoints, bulk },
    { lake, client, clock, signal },
  );
  await work.catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return service.calls;
}

function daysAsked(calls: readonly ServiceCall[]): string[] {
  return calls.flatMap(({ path, parameters }) => {
    if (!endpoints.includes(path) || parameters["pagination_key"] !== undefined) return [];
    const from = epochDay(parameters["date"] ?? parameters["from"]);
    const to = epochDay(parameters["date"] ?? parameters["to"]);
    return Array.from({ length: to - from + 1 }, (_, at) => from + at)
      .filter((day) => calendar.isSession(day))
      .map((day) => `${path} ${isoDate(day)}`);
  });
}

async function stored(
  folder: string,
  table: string,
  day: string,
  key: string,
): Promise<string[][]> {
  const connection = await (await openLake(folder)).connect({ threads: 1 });
  try {
    const reader = await connection.runAndReadAll(
      `SELECT CAST("${day}" AS VARCHAR), CAST("${key}" AS VARCHAR) FROM ${table} ORDER BY 1, 2`,
    );
    return reader.getRows().map((row) => row.map(String));
  } finally {
    connection.closeSync();
  }
}

function expected(path: string, day: string, key: string, days: ReadonlySet<string>): string[][] {
  return (rows.get(path) ?? [])
    .map((row) => [String(row[day]), String(row[key])])
    .filter(([date]) => days.has(date))
    .toSorted((left, right) => (left.join() < right.join() ? -1 : 1));
}

describe("coverage", () => {
  it("holds the union of all spans asked for, asks for no day twice, keeps no key twice", async () => {
    let attempt = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 4 }), async (runs) => {
        const folder = join(home(), String((attempt += 1)));
        const asked: string[] = [];
        const files: string[] = [];
        const wanted = new Set<string>();
        let isCancelled = false;
        for (const each of runs) {
          const calls = await execute(folder, each);
          isCancelled ||= each.cancelAfter !== undefined;
          asked.push(...daysAsked(calls));
          files.push(...calls.map(({ path }) => path).filter((path) => path.startsWith("/file/")));
        }
        if (!isCancelled) {
          expect(new Set(asked).size).toBe(asked.length);
          expect(new Set(files).size).toBe(files.length);
        }
        for (const { from, length } of runs) {
          await execute(folder, { from, length, bulk: false, cancelAfter: undefined });
          for (let day = first + from; day <= Math.min(last, first + from + length); day += 1) {
            wanted.add(isoDate(day));
          }
        }
        for (const { from, length } of runs) {
          const again = await execute(folder, { from, length, bulk: true, cancelAfter: undefined });
          expect(again).toEqual([]);
        }
        const bars = await stored(folder, "equities_bars_daily", "Date", "Code");
        const inSpans = bars.filter(([date]) => wanted.has(date));
        expect(inSpans).toEqual(expected("/equities/bars/daily", "Date", "Code", wanted));
        expect(new Set(bars.map(String)).size).toBe(bars.length);
        expect(
          (await stored(folder, "fins_summary", "DiscDate", "DiscNo")).filter(([date]) =>
            wanted.has(date),
          ),
        ).toEqual(expected("/fins/summary", "DiscDate", "DiscNo", wanted));
        rmSync(folder, { recursive: true });
      }),
      { numRuns: histories, seed: 20240701 },
    );
  });

  it("fetches again a day that an older plan or an import wrote, and only such days", async () => {
    const whole = { from: 0, length: 45, bulk: false, cancelAfter: undefined };
    await execute(home(), whole);
    const path = join(home(), "lake", "equities_bars_daily", "manifest.json");
    const manifest = JSON.parse(readFileSync(path, "utf8"));
    manifest.days["2024-03-05"].source = "import:ohlcv";
    manifest.days["2024-03-06"].state = "open";
    writeFileSync(path, JSON.stringify(manifest));
    expect(daysAsked(await execute(home(), whole))).toEqual([
      "/equities/bars/daily 2024-03-05",
      "/equities/bars/daily 2024-03-06",
    ]);
  });
});
