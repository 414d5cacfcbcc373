// What keeps a lake whole: recovery after a crash between two renames, verification, purging, locks of dead processes.

import { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { epochDay } from "../../src/calendar/index.ts";
import { openLake, writeRows, type Lake, type TableManifest } from "../../src/lake/index.ts";
import { purgeLake } from "../../src/lake/purge.ts";
import { lakeStatus, verifyLake } from "../../src/lake/status.ts";
import { bar } from "../ingest/market-rows.ts";
import { useHome } from "../ingest/scratch.ts";

const home = useHome();
const table = "equities_bars_daily";

async function query(lake: Lake, sql: string): Promise<unknown[][]> {
  const connection = await lake.connect({ threads: 1 });
  try {
    return (await connection.runAndReadAll(sql)).getRowsJson();
  } finally {
    connection.closeSync();
  }
}

async function barsLake(): Promise<Lake> {
  const lake = await openLake(home());
  await writeRows(lake, "/equities/bars/daily", [
    { ...bar("2012-03-05", "72030", 1), MO: 5 },
    { ...bar("2024-01-04", "72030", 2), MO: 6 },
  ]);
  await writeRows(lake, "/markets/short-ratio", [
    { Date: "2024-01-04", S33: "0050", SellExShortVa: 1, ShrtWithResVa: 2, ShrtNoResVa: 3 },
  ]);
  return lake;
}

describe("a writer that died between announcing and renaming", () => {
  async function interrupted(isRenamed: boolean): Promise<Lake> {
    const lake = await barsLake();
    const folder = join(lake.folder, table);
    const before: TableManifest = lake.manifest(table);
    await copyFile(join(folder, "2024-01.parquet"), join(home(), "old.parquet"));
    await writeRows(lake, "/equities/bars/daily", [bar("2024-01-05", "72030", 3)]);
    const after = lake.manifest(table);
    const pending = {
      partitions: { "2024-01": after.partitions["2024-01"] },
      days: { "2024-01-05": after.days["2024-01-05"] },
      files: {},
    };
    await writeFile(join(folder, "manifest.json"), JSON.stringify({ ...before, pending }));
    if (!isRenamed) await rename(join(home(), "old.parquet"), join(folder, "2024-01.parquet"));
    await writeFile(join(folder, ".tmp-2024-01.parquet-1-x"), "half");
    await (await lake.writer("next")).close();
    expect(existsSync(join(folder, ".tmp-2024-01.parquet-1-x"))).toBe(false);
    return lake;
  }

  it("left a renamed file: the next writer takes it in", async () => {
    const lake = await interrupted(true);
    expect(lake.manifest(table).days["2024-01-05"]?.state).toBe("complete");
    expect((await verifyLake(lake)).problems).toEqual([]);
  });

  it("left the old file: the next writer forgets what was announced", async () => {
    const lake = await interrupted(false);
    expect(lake.manifest(table).days["2024-01-05"]).toBeUndefined();
    expect(lake.manifest(table).pending).toBeUndefined();
    expect((await verifyLake(lake)).problems).toEqual([]);
  });
});

describe("verifyLake", () => {
  it("names files that are missing, changed, or not what the manifest says", async () => {
    const lake = await barsLake();
    const path = join(lake.folder, table, "2024-01.parquet");
    const bytes = await readFile(path);
    await writeFile(path, Buffer.concat([bytes, Buffer.from("x")]));
    expect((await verifyLake(lake)).problems).toEqual([
      { table, where: "2024-01", problem: expect.stringContaining("another content") },
    ]);
    await expect(lake.connect()).rejects.toThrow(
      /equities_bars_daily is not readable.*lake verify/,
    );
    await rm(path);
    expect((await verifyLake(lake)).problems[0].problem).toContain("its file is missing");
  });

  it("lists sessions without coverage between the first and the last covered day", async () => {
    const lake = await openLake(home());
    await writeRows(lake, "/equities/bars/daily", [
      bar("2024-01-04", "72030", 2),
      bar("2024-01-10", "72030", 2),
    ]);
    expect((await verifyLake(lake)).gaps.map(({ where }) => where)).toEqual([
      "2024-01-05",
      "2024-01-09",
    ]);
  });
});

describe("purgeLake", () => {
  it("leaves what the plan includes: its endpoints, its days, its columns", async () => {
    const lake = await barsLake();
    const today = epochDay("2024-06-28");
    const purged = await purgeLake(lake, { plan: { name: "light", today } });
    expect(purged).toEqual([
      { table, rows: 1 },
      { table: "markets_short_ratio", rows: 1 },
    ]);
    expect(lake.tables()).toEqual([table]);
    expect(await query(lake, `SELECT CAST("Date" AS VARCHAR), "C", "MO" FROM ${table}`)).toEqual([
      ["2024-01-04", 2, null],
    ]);
    expect(Object.keys(lake.manifest(table).days)).toEqual(["2024-01-04"]);
    expect((await verifyLake(lake)).problems).toEqual([]);
  });

  it("keeps declared imports when a plan ends, and nothing with --all", async () => {
    const lake = await openLake(home());
    await writeRows(lake, "/equities/bars/daily", [bar("2012-03-05", "72030", 1)], {
      source: "import:ohlcv",
    });
    expect(
      await purgeLake(lake, { plan: { name: "free", today: epochDay("2024-06-28") } }),
    ).toEqual([]);
    expect(await purgeLake(lake, { all: true })).toEqual([{ table, rows: 1 }]);
    expect(existsSync(join(lake.folder, table, "2012-03.parquet"))).toBe(false);
    expect(lakeStatus(lake)[0]).toMatchObject({ rows: 0, months: [] });
  });

  it("cuts a month at the given day", async () => {
    const lake = await openLake(home());
    await writeRows(lake, "/equities/bars/daily", [
      bar("2024-01-04", "72030", 1),
      bar("2024-01-05", "72030", 2),
    ]);
    await purgeLake(lake, { before: "2024-01-05" });
    expect(await query(lake, `SELECT "C" FROM ${table}`)).toEqual([[2]]);
  });
});

describe("a lock", () => {
  it("of a process that is gone is taken over, one of another machine is not", async () => {
    const lake = await openLake(home());
    await mkdir(lake.folder, { recursive: true });
    const holder = {
      pid: 2 ** 22 + 1,
      host: hostname(),
      started: "1",
      purpose: "ingest",
      token: "t",
    };
    const path = join(lake.folder, "writer.lock");
    await writeFile(path, JSON.stringify(holder));
    await (await lake.writer("next")).close();
    await writeFile(path, JSON.stringify({ ...holder, host: "elsewhere" }));
    await expect(lake.writer("next")).rejects.toThrow("on elsewhere (ingest)");
  });
});
