// Importers: the Kaggle JPX files as published, and price files of any origin, clean and dirty.

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { importJpx } from "../../src/ingest/import/jpx.ts";
import { importOhlcv, type OhlcvImport } from "../../src/ingest/import/ohlcv.ts";
import { openLake, writeRows } from "../../src/lake/index.ts";
import { bar } from "./market-rows.ts";

let home = "";
let data = "";

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "gogooku3-import-"));
  data = join(home, "data");
  await mkdir(data);
});

afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

async function query(sql: string): Promise<unknown[][]> {
  const connection = await (await openLake(home)).connect({ threads: 1 });
  try {
    return (await connection.runAndReadAll(sql)).getRowsJson();
  } finally {
    connection.closeSync();
  }
}

const defaults: Omit<OhlcvImport, "files"> = {
  prices: "raw",
  calendar: "jpx",
  timeZone: "Asia/Tokyo",
  currency: "JPY",
  market: "0111",
};

async function ohlcv(
  files: Readonly<Record<string, string>>,
  options: Partial<OhlcvImport> = {},
): ReturnType<typeof importOhlcv> {
  const paths: string[] = [];
  for (const [name, text] of Object.entries(files)) {
    paths.push(join(data, name));
    await writeFile(join(data, name), text);
  }
  return importOhlcv(await openLake(home), { ...defaults, ...options, files: paths });
}

const header = "date,code,open,high,low,close,volume";

describe("import ohlcv", () => {
  it("fills daily bars and the list of issues from usual column names", async () => {
    const report = await ohlcv({
      "prices.csv": `${header},sector,name\n2024-01-04,7203,10,12,9,11,100,輸送用機器,トヨタ\n2024-01-05,7203,11,12,9,10,100,輸送用機器,トヨタ\n`,
    });
    expect(report).toMatchObject({ read: 2, kept: 2, codes: 1, first: "2024-01-04", gaps: 0 });
    expect(
      await query(
        `SELECT "Code", "O", "C", "Vo", "AdjFactor", "ingested_from" FROM equities_bars_daily ORDER BY "Date"`,
      ),
    ).toEqual([
      ["72030", 10, 11, 100, 1, "import:ohlcv"],
      ["72030", 11, 10, 100, 1, "import:ohlcv"],
    ]);
    expect(
      await query(`SELECT "CoName", "S33", "S17", "Mkt" FROM equities_master LIMIT 1`),
    ).toEqual([["トヨタ", "3700", "6", "0111"]]);
  });

  it("accounts for every row: what cannot be true goes to a side file with its reason", async () => {
    const rows = [
      "2024-01-04,7203,10,12,9,11,100",
      "2024-01-04,7203,10,12,9,11,100",
      "2024-01-06,7203,10,12,9,11,100",
      "2024-13-01,7203,10,12,9,11,100",
      "2024-01-05,7203,-1,12,9,11,100",
      "2024-01-09,7203,10,8,9,11,100",
      "2024-01-10,7203,10,12,9,abc,100",
      "2024-01-11,7203,10,12,9,,100",
      "2024-01-12,7203,,,,,",
      "2024-01-15,?,10,12,9,11,100",
      "2024-01-16,7203,10,12,9,15,100",
    ];
    const report = await ohlcv({ "prices.csv": `${header}\n${rows.join("\n")}\n` });
    expect(report.read).toBe(11);
    expect(report.kept).toBe(2);
    expect(report.rejected).toEqual({
      "code and date repeat an earlier row": 1,
      "code unreadable": 1,
      "date unreadable": 1,
      "high below low": 1,
      "not a number: close": 1,
      "not a session of the calendar": 1,
      "open or close outside low to high": 1,
      "price not positive": 1,
      "some of open, high, low, close missing": 1,
    });
    const side = await readFile(report.rejectedFile ?? "", "utf8");
    expect(side.trim().split("\n")).toHaveLength(10);
    expect(side).toContain("prices.csv,2,code and date repeat an earlier row,7203,2024-01-04");
    expect(report.gaps).toBe(4);
  });

  it("reads one file a code, a suffix, splits as ratios, and text in Shift_JIS", async () => {
    // 日付,始値,高値,安値,終値,出来高 in Shift_JIS
    const japanese = Buffer.from(
      "93fa95742c8e6e926c2c8d82926c2c88c0926c2c8f49926c2c8f6f97888d82",
      "hex",
    );
    const rest = ",stock splits\n2024/01/04,10,10,10,10,5,0\n2024/01/05,5,5,5,5,5,2\n";
    await writeFile(join(data, "130A.T.csv"), Buffer.concat([japanese, Buffer.from(rest)]));
    const report = await importOhlcv(await openLake(home), {
      ...defaults,
      files: [join(data, "130A.T.csv")],
      suffix: ".T",
      encoding: "shift_jis",
    });
    expect(report.kept).toBe(2);
    expect(
      await query(`SELECT "Code", "C", "AdjFactor" FROM equities_bars_daily ORDER BY "Date"`),
    ).toEqual([
      ["130A0", 10, 1],
      ["130A0", 5, 0.5],
    ]);
  });

  it("names the file and the way out for malformed and wrongly encoded text, and for a mapping that does not fit", async () => {
    await expect(ohlcv({ "a.csv": `${header}\n2024-01-04,7203,"10,12\n1,2\n` })).rejects.toThrow(
      /a\.csv not readable: .*mend the file/s,
    );
    await writeFile(
      join(data, "b.csv"),
      Buffer.from([
        ...Buffer.from(`${header},name\n2024-01-04,7203,1,1,1,1,1,`),
        0x83,
        0x67,
        0x83,
        0x88,
        0x0a,
      ]),
    );
    await expect(
      importOhlcv(await openLake(home), { ...defaults, files: [join(data, "b.csv")] }),
    ).rejects.toThrow("--encoding shift_jis");
    await expect(ohlcv({ "c.csv": "day,px\n2024-01-04,1\n" })).rejects.toThrow(
      "no column for open, high, low, close, volume",
    );
    await expect(
      ohlcv(
        { "d.csv": `${header}\n2024-01-04,7203,1,1,1,1,1\n` },
        { map: new Map([["close", "px"]]) },
      ),
    ).rejects.toThrow("--map close=px: no such column");
  });

  it("never replaces what was fetched from J-Quants", async () => {
    await writeRows(await openLake(home), "/equities/bars/daily", [bar("2024-01-04", "72030", 5)]);
    await expect(ohlcv({ "a.csv": `${header}\n2024-01-04,7203,1,1,1,1,1\n` })).rejects.toThrow(
      "import into another --home",
    );
  });

  it("adds codes of a second file to the days of the first", async () => {
    await ohlcv({ "a.csv": `${header}\n2024-01-04,7203,1,1,1,1,1\n` });
    await ohlcv({ "b.csv": `${header}\n2024-01-04,6758,2,2,2,2,2\n` });
    expect(await query(`SELECT "Code" FROM equities_bars_daily ORDER BY 1`)).toEqual([
      ["67580"],
      ["72030"],
    ]);
  });
});

const kagglePrices =
  "RowId,Date,SecuritiesCode,Open,High,Low,Close,Volume,AdjustmentFactor,ExpectedDividend,SupervisionFlag,Target";

describe("import jpx", () => {
  it("takes prices, list and statements under their V1 names and puts factors on the ex-date", async () => {
    await writeFile(
      join(data, "stock_prices.csv"),
      [
        kagglePrices,
        "20210104_1301,2021-01-04,1301,100,100,100,100,10,1.0,,False,0.1",
        "20210105_1301,2021-01-05,1301,100,100,100,100,10,0.5,,False,0.1",
        "20210106_1301,2021-01-06,1301,51,51,51,51,10,1.0,2.5,False,0.1",
        "20210107_1301,2021-01-07,1301,,,,,0,1.0,,False,0.1",
        "",
      ].join("\n"),
    );
    await writeFile(
      join(data, "stock_list.csv"),
      'SecuritiesCode,EffectiveDate,Name,Section/Products,NewMarketSegment,33SectorCode,33SectorName,17SectorCode,17SectorName,NewIndexSeriesSizeCode,NewIndexSeriesSize,TradeDate,Close,IssuedShares,MarketCapitalization,Universe0\n1301,20211230,"KYOKUYO CO.,LTD.",First Section (Domestic),Prime Market,50,"Fishery, Agriculture and Forestry",1,FOODS,7,TOPIX Small 2,20211230.0,3080.0,10928283.0,33659111640.0,True\n',
    );
    await writeFile(
      join(data, "financials.csv"),
      "DisclosureNumber,DateCode,Date,SecuritiesCode,DisclosedDate,DisclosedTime,DisclosedUnixTime,TypeOfDocument,NetSales,Profit\n20210105000001.0,20210105_1301,2021-01-05,1301,2021-01-05,15:00:00,1,1QFinancialStatements_Consolidated_JP,1000000,－\n,,,,,,,,,\n",
    );
    const report = await importJpx(await openLake(home), data);
    expect(report.kept).toBe(4);
    expect(report.notes.join("\n")).toContain("was moved to the ex-date");
    expect(report.notes.join("\n")).toContain(
      "financials.csv: 1 rows without key or date are left out",
    );
    expect(
      await query(
        `SELECT "Code", "C", "AdjFactor", "extra" FROM equities_bars_daily ORDER BY "Date"`,
      ),
    ).toEqual([
      ["13010", 100, 1, '{"SupervisionFlag":"False"}'],
      ["13010", 100, 1, '{"SupervisionFlag":"False"}'],
      ["13010", 51, 0.5, '{"ExpectedDividend":"2.5","SupervisionFlag":"False"}'],
      ["13010", null, 1, '{"SupervisionFlag":"False"}'],
    ]);
    expect(
      await query(`SELECT DISTINCT "S33", "S17", "Mkt", "CoName" FROM equities_master`),
    ).toEqual([["0050", "1", "0101", "KYOKUYO CO.,LTD."]]);
    expect(await query(`SELECT "Code", "DiscNo", "Sales", "NP" FROM fins_summary`)).toEqual([
      ["13010", "20210105000001", 1000000, null],
    ]);
  });

  it("says what a folder should hold", async () => {
    await expect(importJpx(await openLake(home), data)).rejects.toThrow(
      "should hold stock_prices.csv",
    );
  });
});
