// `import series`: values with the instant at which they were known in Japan; faults name the row and write nothing.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { importSeries, type SeriesReport } from "../../src/ingest/import/series.ts";
import { purgeLake } from "../../src/lake/purge.ts";
import { openLake } from "../../src/lake/index.ts";

let home = "";

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "gogooku3-series-"));
});

afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

async function bring(text: string, options: object = {}): Promise<SeriesReport> {
  const file = join(home, "vix.csv");
  await writeFile(file, text);
  const request = { file, name: "vix", knownAt: "07:00", knownAfterDays: 1, ...options } as const;
  return importSeries(await openLake(home), request);
}

async function rows(): Promise<unknown[][]> {
  const connection = await (await openLake(home)).connect({ threads: 1 });
  try {
    const sql = `SELECT "Series", CAST("Date" AS VARCHAR), "Value", CAST(available_at AS VARCHAR) FROM user_series ORDER BY "Date"`;
    return (await connection.runAndReadAll(sql)).getRowsJson();
  } finally {
    connection.closeSync();
  }
}

it("keeps each value with the hour at which it was known in Japan", async () => {
  const report = await bring("Date,Open,Close\n2024-01-04,13,14.13\n2024-01-05,14,13.35\n");
  expect(report).toEqual({
    name: "vix",
    rows: 2,
    skipped: 0,
    first: "2024-01-04",
    last: "2024-01-05",
  });
  expect(await rows()).toEqual([
    ["vix", "2024-01-04", 14.13, "2024-01-05 07:00:00+09"],
    ["vix", "2024-01-05", 13.35, "2024-01-06 07:00:00+09"],
  ]);
});

it("leaves out rows without a number, as holidays in FRED's files", async () => {
  const report = await bring("observation_date,VALUE\n2024-01-01,.\n2024-01-02,13.2\n");
  expect(report).toMatchObject({ rows: 1, skipped: 1 });
});

it("replaces the value of a day that comes again and keeps the others", async () => {
  await bring("date,close\n2024-01-04,1\n2024-01-05,2\n");
  await bring("date,close\n2024-01-05,3\n2024-01-08,4\n");
  expect((await rows()).map(([, day, value]) => [day, value])).toEqual([
    ["2024-01-04", 1],
    ["2024-01-05", 3],
    ["2024-01-08", 4],
  ]);
});

it("names the row of a date it cannot read or that comes twice, and writes nothing", async () => {
  await expect(bring("date,close\n2024-01-04,1\n04.01.2024,2\n")).rejects.toThrow(
    /row 2: no date as YYYY-MM-DD/u,
  );
  await expect(bring("date,close\n2024-01-04,1\n2024-01-04,2\n")).rejects.toThrow(
    /row 2: a second value of 2024-01-04/u,
  );
  expect(await rows()).toEqual([]);
});

it("says which columns there are when it finds none to read", async () => {
  await expect(bring("date,price\n2024-01-04,1\n")).rejects.toThrow(/found date, price/u);
  expect(await bring("date,price\n2024-01-04,1\n", { value: "price" })).toMatchObject({ rows: 1 });
});

it("stays when a plan's terms purge the lake", async () => {
  await bring("date,close\n2014-01-06,1\n");
  const lake = await openLake(home);
  expect(await purgeLake(lake, { plan: { name: "free", today: 20_000 } })).toEqual([]);
});
