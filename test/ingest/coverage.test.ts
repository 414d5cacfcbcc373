// What is asked and kept, over random histories of runs: disjoint, adjacent and nested spans, weekends, cancelled runs, older
// columns, fields that come and go. GOGOOKU3_HISTORIES sets how many.

import fc from "fast-check";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { epochDay, isoDate, jpxCalendar, jstInstantMs } from "../../src/calendar/index.ts";
import { ManualClock } from "../../src/clock.ts";
import { JquantsClient } from "../../src/ingest/client.ts";
import { ingest } from "../../src/ingest/ingest.ts";
import { limitOf } from "../../src/ingest/limits.ts";
import { openLake, type RawRow } from "../../src/lake/index.ts";
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

/** From a month on bars have a field that they had not before, or have it no more. */
interface SchemaChange {
  readonly field: "MktCap" | "ExRT" | "Beta";
  readonly month: string;
  readonly appears: boolean;
}

const schemaChange: fc.Arbitrary<SchemaChange> = fc.record({
  // A number and a text of the registry, and a field that it does not know.
  field: fc.constantFrom("MktCap", "ExRT", "Beta"),
  month: fc.constantFrom("2024-04", "2024-05"),
  appears: fc.boolean(),
});

/** The rows with a value of the changing field where they have it. */
function changed({ field, month, appears }: SchemaChange): Map<string, RawRow[]> {
  const bars = (rows.get("/equities/bars/daily") ?? []).map((row, at) =>
    String(row["Date"]) >= month === appears
      ? { ...row, [field]: field === "ExRT" ? String(1 + (at % 3)) : at + 0.5 }
      : row,
  );
  return new Map([...rows, ["/equities/bars/daily", bars]]);
}

async function execute(
  folder: string,
  { from, length, bulk, cancelAfter }: Run,
  served: ReadonlyMap<string, readonly RawRow[]> = rows,
): Promise<ServiceCall[]> {
  const controller = new AbortController();
  const service = countingService({
    clock,
    rows: served,
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

/** Cells of every stored row as texts, in the order of the first two. */
async function stored(
  folder: string,
  table: string,
  cells: readonly string[],
): Promise<string[][]> {
  const connection = await (await openLake(folder)).connect({ threads: 1 });
  try {
    const texts = cells.map((cell) => `CAST(${cell} AS VARCHAR)`);
    const reader = await connection.runAndReadAll(
      `SELECT ${texts.join(", ")} FROM ${table} ORDER BY 1, 2`,
    );
    return reader.getRows().map((row) => row.map(String));
  } finally {
    connection.closeSync();
  }
}

function expected(
  served: readonly RawRow[] | undefined,
  fields: readonly string[],
  days: ReadonlySet<string>,
): string[][] {
  return (served ?? [])
    .map((row) => fields.map((field) => textOf(row[field])))
    .filter(([date]) => days.has(date))
    .toSorted((left, right) => (left.join() < right.join() ? -1 : 1));
}

/** As DuckDB's rows read as texts. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

describe("coverage", () => {
  it("holds the union of all spans asked for with every field, asks for no day twice, keeps no key twice", async () => {
    let attempt = 0;
    const runsOf = fc.array(run, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(runsOf, schemaChange, async (runs, change) => {
        const served = changed(change);
        const folder = join(home(), String((attempt += 1)));
        const asked: string[] = [];
        const files: string[] = [];
        const wanted = new Set<string>();
        let isCancelled = false;
        for (const each of runs) {
          const calls = await execute(folder, each, served);
          isCancelled ||= each.cancelAfter !== undefined;
          asked.push(...daysAsked(calls));
          files.push(...calls.map(({ path }) => path).filter((path) => path.startsWith("/file/")));
        }
        if (!isCancelled) {
          expect(new Set(asked).size).toBe(asked.length);
          expect(new Set(files).size).toBe(files.length);
        }
        for (const { from, length } of runs) {
          await execute(folder, { from, length, bulk: false, cancelAfter: undefined }, served);
          for (let day = first + from; day <= Math.min(last, first + from + length); day += 1) {
            wanted.add(isoDate(day));
          }
        }
        for (const { from, length } of runs) {
          const again = await execute(
            folder,
            { from, length, bulk: true, cancelAfter: undefined },
            served,
          );
          expect(again).toEqual([]);
        }
        const { field } = change;
        const cell = field === "Beta" ? `extra->>'$.Beta'` : `"${field}"`;
        const bars = await stored(folder, "equities_bars_daily", [`"Date"`, `"Code"`, cell]);
        const barRows = served.get("/equities/bars/daily");
        expect(bars.filter(([date]) => wanted.has(date))).toEqual(
          expected(barRows, ["Date", "Code", field], wanted),
        );
        expect(new Set(bars.map(([date, code]) => `${date} ${code}`)).size).toBe(bars.length);
        const statements = await stored(folder, "fins_summary", [`"DiscDate"`, `"DiscNo"`]);
        expect(statements.filter(([date]) => wanted.has(date))).toEqual(
          expected(rows.get("/fins/summary"), ["DiscDate", "DiscNo"], wanted),
        );
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
