// The lake's writer and its readers: types, availability, merging, views, hashes.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { epochDay, jstInstantMs } from "../../src/calendar/index.ts";
import { ManualClock } from "../../src/clock.ts";
import { openLake, writeRows, type Lake, type RawRow } from "../../src/lake/index.ts";

let home = "";

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "gogooku3-lake-"));
});

afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

function bar(date: string, code: string, close: number | null): RawRow {
  return {
    Date: date,
    Code: code,
    O: close,
    H: close,
    L: close,
    C: close,
    UL: "0",
    LL: "0",
    Vo: 100,
    Va: 1000,
    AdjFactor: 1,
    AdjO: close,
    AdjH: close,
    AdjL: close,
    AdjC: close,
    AdjVo: 100,
  };
}

async function query(lake: Lake, sql: string): Promise<unknown[][]> {
  const connection = await lake.connect({ threads: 1 });
  try {
    return (await connection.runAndReadAll(sql)).getRowsJson();
  } finally {
    connection.closeSync();
  }
}

describe("writeRows and the views over what it wrote", () => {
  it("keeps typed columns, missing values as NULL, and the session's close as the instant of availability", async () => {
    const lake = await openLake(home);
    await writeRows(lake, "/equities/bars/daily", [
      bar("2024-11-05", "130A0", 12.5),
      bar("2024-11-01", "72030", null),
    ]);
    const rows = await query(
      lake,
      `SELECT CAST("Date" AS VARCHAR), "Code", "C", "Vo", epoch_ms("available_at"), "ingested_from" FROM equities_bars_daily ORDER BY 1`,
    );
    expect(rows).toEqual([
      [
        "2024-11-01",
        "72030",
        null,
        100,
        String(jstInstantMs(epochDay("2024-11-01"), "15:00")),
        "api",
      ],
      [
        "2024-11-05",
        "130A0",
        12.5,
        100,
        String(jstInstantMs(epochDay("2024-11-05"), "15:30")),
        "api",
      ],
    ]);
  });

  it("never keeps adjusted prices, because later splits restate them", async () => {
    const lake = await openLake(home);
    await writeRows(lake, "/equities/bars/daily", [bar("2024-11-05", "72030", 1)]);
    const names = (await query(lake, "DESCRIBE equities_bars_daily")).map(([name]) => name);
    expect(names).toContain("AdjFactor");
    expect(names.filter((name) => /^[MA]?Adj(O|H|L|C|Vo)$/.test(String(name)))).toEqual([]);
  });

  it("gives an empty typed view for a table without data", async () => {
    const lake = await openLake(home);
    expect(await query(lake, "SELECT count(*) FROM fins_summary")).toEqual([["0"]]);
    const types = new Map(
      (await query(lake, "DESCRIBE fins_summary")).map(([name, type]) => [name, type]),
    );
    expect(types.get("DiscDate")).toBe("DATE");
    expect(types.get("Sales")).toBe("DOUBLE");
    expect(types.get("available_at")).toBe("TIMESTAMP WITH TIME ZONE");
    expect(lake.has("fins_summary")).toBe(false);
    expect(lake.tables()).toEqual([]);
  });

  it("replaces a day that comes again and keeps the other days of its month", async () => {
    const lake = await openLake(home);
    await writeRows(lake, "/equities/bars/daily", [
      bar("2024-11-05", "72030", 1),
      bar("2024-11-05", "67580", 2),
      bar("2024-11-06", "72030", 3),
    ]);
    await writeRows(lake, "/equities/bars/daily", [bar("2024-11-05", "72030", 9)]);
    expect(
      await query(lake, `SELECT CAST("Date" AS VARCHAR), "Code", "C" FROM equities_bars_daily`),
    ).toEqual([
      ["2024-11-05", "72030", 9],
      ["2024-11-06", "72030", 3],
    ]);
  });

  it("holds a row once when a page delivers it twice", async () => {
    const lake = await openLake(home);
    const row = bar("2024-11-05", "72030", 1);
    await writeRows(lake, "/equities/bars/daily", [row, bar("2024-11-05", "67580", 2), row]);
    expect(await query(lake, "SELECT count(*) FROM equities_bars_daily")).toEqual([["2"]]);
  });

  it("keeps every version of an investor-types week by its publication date", async () => {
    const lake = await openLake(home);
    const week = { StDate: "2024-11-05", EnDate: "2024-11-08", Section: "TSEPrime", PropSell: 1 };
    await writeRows(lake, "/equities/investor-types", [
      { ...week, PubDate: "2024-11-14" },
      { ...week, PubDate: "2024-11-21", PropSell: 2 },
    ]);
    expect(
      await query(lake, `SELECT "PropSell" FROM equities_investor_types ORDER BY "PubDate"`),
    ).toEqual([[1], [2]]);
  });

  it("keeps unknown fields as JSON and flattens an object as the bulk files do", async () => {
    const lake = await openLake(home);
    await writeRows(lake, "/markets/margin-alert", [
      {
        PubDate: "2024-02-08",
        Code: "13260",
        AppDate: "2024-02-07",
        PubReason: { Restricted: "0", PrecautionByJSF: "1" },
        ShrtOutRatio: "*",
        LongOutChg: "-",
        ShrtOut: 11,
        NewField: [1, 2],
      },
    ]);
    expect(
      await query(
        lake,
        `SELECT "PubReason.PrecautionByJSF", "ShrtOutRatio", "LongOutChg", "ShrtOut", "extra" FROM markets_margin_alert`,
      ),
    ).toEqual([["1", null, null, 11, '{"NewField":[1,2]}']]);
  });

  it("names endpoint, column and value when a value does not fit", async () => {
    const lake = await openLake(home);
    const row = { ...bar("2024-11-05", "72030", 1), C: "abc" };
    await expect(writeRows(lake, "/equities/bars/daily", [row])).rejects.toThrow(
      '/equities/bars/daily: column C expects a number, found "abc"',
    );
    await expect(
      writeRows(lake, "/equities/bars/daily", [bar("2024-02-30", "72030", 1)]),
    ).rejects.toThrow("column Date expects a date");
  });
});

describe("the content hash", () => {
  it("does not depend on when or in which order the rows came", async () => {
    const rows = [bar("2024-11-05", "72030", 1), bar("2024-12-06", "67580", 2)];
    const first = await openLake(join(home, "a"));
    await writeRows(first, "/equities/bars/daily", rows, { clock: new ManualClock(0) });
    const second = await openLake(join(home, "b"));
    for (const row of rows.toReversed()) {
      await writeRows(second, "/equities/bars/daily", [row], { clock: new ManualClock(1e12) });
    }
    expect(second.hash()).toBe(first.hash());
    const file = join("lake", "equities_bars_daily", "2024-11.parquet");
    expect(await readFile(join(home, "a", file))).toEqual(await readFile(join(home, "b", file)));
    await writeRows(second, "/equities/bars/daily", [bar("2024-11-05", "72030", 3)]);
    expect(second.hash()).not.toBe(first.hash());
  });
});

describe("the writer's lock", () => {
  it("names the process that holds it", async () => {
    const lake = await openLake(home);
    const writer = await lake.writer("ingest");
    await expect(lake.writer("ingest")).rejects.toThrow(`held by process ${process.pid} on`);
    await writer.close();
    await (await lake.writer("ingest")).close();
  });
});

describe("calendar", () => {
  it("takes the API's days where the lake holds them and the rule beyond them", async () => {
    const lake = await openLake(home);
    const byRule = await lake.calendar();
    expect(byRule.isSession(epochDay("2024-11-05"))).toBe(true);
    await writeRows(lake, "/markets/calendar", [
      { Date: "2024-11-05", HolDiv: "0" },
      { Date: "2024-11-06", HolDiv: "1" },
    ]);
    const calendar = await lake.calendar();
    const day = epochDay("2024-11-05");
    expect(calendar.isSession(day)).toBe(false);
    expect(calendar.isSession(day + 1)).toBe(true);
    expect(calendar.isSession(day + 2)).toBe(true);
  });
});
