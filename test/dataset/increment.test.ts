// A daily increment writes byte for byte what a rebuild would, through a split, a correction, a delisting and the 2022-04-04 reform.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { epochDay, isoDate } from "../../src/calendar/index.ts";
import { buildDataset } from "../../src/dataset/index.ts";
import { hashBytes } from "../../src/hash.ts";
import { openLake, writeRows, type Lake, type RawRow } from "../../src/lake/index.ts";
import { createMarket, type Market } from "../../src/simulator/market/index.ts";

const bars = "/equities/bars/daily";
const paths = ["/equities/master", bars, "/indices/bars/daily/topix", "/indices/bars/daily"];
const selection = "price,technical,market,cross,sector,cross-section,gaps";
const splitDay = epochDay("2022-04-13");
const delistDay = epochDay("2022-04-20");
const correctionDay = epochDay("2022-04-26");

const homes: string[] = [];
afterAll(() => homes.forEach((home) => rmSync(home, { recursive: true })));

/** The market's rows with a planted 1:2 split of its first stock and the delisting of its second. */
function rowsOf(market: Market, path: string, from: number, to: number): readonly RawRow[] {
  const rows = market.rows(path, { fromDay: from, toDay: to }).map(({ row }) => row);
  if (path !== bars && path !== "/equities/master") return rows;
  const [split, delisted] = plantedCodes(market);
  return rows
    .filter((row) => row["Code"] !== delisted || dayOf(row) < delistDay)
    .map((row) => (row["Code"] === split && dayOf(row) >= splitDay ? halved(row) : row));
}

function dayOf(row: RawRow): number {
  return typeof row["Date"] === "string" ? epochDay(row["Date"]) : 0;
}

function halved(row: RawRow): RawRow {
  const prices = ["O", "H", "L", "C"].flatMap((field) =>
    typeof row[field] === "number" ? [[field, row[field] / 2] as const] : [],
  );
  const factor = dayOf(row) === splitDay ? { AdjFactor: 0.5 } : {};
  return { ...row, ...Object.fromEntries(prices), ...factor };
}

function plantedCodes(market: Market): readonly string[] {
  const day = market.rows("/equities/master", { fromDay: splitDay, toDay: splitDay });
  const stocks = day.filter(({ row }) => row["ProdCat"] === "011" && row["Mkt"] === "0111");
  return stocks
    .slice(0, 2)
    .map(({ row }) => `${typeof row["Code"] === "string" ? row["Code"] : ""}`);
}

function fingerprint(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".parquet"))
    .toSorted()
    .map((name) => `${name} ${hashBytes(readFileSync(join(folder, name)))}`);
}

test("30 sessions one after the other equal rebuilds, byte for byte", async () => {
  const market = await createMarket({
    seed: 9,
    stocks: 14,
    from: "2021-08-02",
    to: "2022-05-20",
    signal: "none",
  });
  const home = mkdtempSync(join(tmpdir(), "gogooku3-increment-"));
  homes.push(home);
  const lake = await openLake(home);
  const fill = async (from: number, to: number, only = paths): Promise<void> => {
    for (const path of only) {
      const rows = rowsOf(market, path, from, to);
      if (rows.length > 0) await writeRows(lake, path, rows, { source: "simulator" });
    }
  };
  let known = epochDay("2022-03-25");
  await fill(epochDay("2021-08-02"), known);
  const options = { selection, from: epochDay("2021-12-01"), allowEmpty: true } as const;
  await buildDataset(lake, { ...options, to: known, threads: 1 });
  let sessions = 0;
  let reused = 0;
  for (let day = known + 1; sessions < 30; day += 1) {
    if (rowsOf(market, bars, day, day).length === 0) continue;
    await fill(known + 1, day);
    known = day;
    if (day === correctionDay) await correctVolumes(lake, rowsOf(market, bars, day - 7, day - 7));
    const threads = sessions % 10 === 5 ? 2 : 1;
    const increment = await buildDataset(lake, { ...options, to: day, threads });
    sessions += 1;
    reused += increment.monthsReused;
    if (sessions % 3 !== 0) continue;
    const files = fingerprint(increment.folder);
    const others = sessions === 15 ? 2 : 1;
    const rebuilt = await buildDataset(lake, {
      ...options,
      to: day,
      rebuild: true,
      threads: others,
    });
    expect(rebuilt.monthsReused).toBe(0);
    expect(fingerprint(rebuilt.folder), isoDate(day)).toEqual(files);
    expect(rebuilt.manifest).toEqual(increment.manifest);
  }
  expect(known).toBeGreaterThan(correctionDay);
  expect(reused).toBeGreaterThan(60);
}, 240_000);

/** Writes a past day's bars again with other volumes, as a correction does. */
async function correctVolumes(lake: Lake, rows: readonly RawRow[]): Promise<void> {
  const corrected = rows.map((row) => ({ ...row, Vo: Number(row["Vo"] ?? 0) + 100 }));
  expect(corrected.length).toBeGreaterThan(0);
  await writeRows(lake, bars, corrected, { source: "simulator" });
}
