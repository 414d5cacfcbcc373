// A load that keeps the settled months gives bit for bit what a load of the whole lake gives, whatever comes into the lake.

import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { epochDay, isoDate } from "../../src/calendar/index.ts";
import {
  defaultRegistry,
  LoadCache,
  loadMarketData,
  planFeatures,
  selectFeatures,
  type MarketData,
} from "../../src/features/index.ts";
import { writeKept } from "../../src/features/load-cache/kept-file.ts";
import { openLake, writeRows, type Lake, type RawRow } from "../../src/lake/index.ts";
import { createMarket, type Market } from "../../src/simulator/market/index.ts";

const bars = "/equities/bars/daily";
const master = "/equities/master";
const margin = "/markets/margin-interest";

/** Large tables that no feature reads. */
const unread = /minute|trades|^\/edinet|^\/td|options$/u;

const start = epochDay("2021-12-01");
const splitDay = epochDay("2022-03-24");
const listingDay = epochDay("2022-04-05");

const registry = defaultRegistry();
const plan = planFeatures(registry, selectFeatures(registry, "premium"));

const home = mkdtempSync(join(tmpdir(), "gogooku3-load-cache-"));
const folder = join(home, "cache", "decoded");
afterAll(() => rmSync(home, { recursive: true }));

let market: Market;
let lake: Lake;
let [splitCode, newCode] = ["", ""];

beforeAll(async () => {
  market = await createMarket({
    seed: 11,
    stocks: 10,
    from: isoDate(start),
    to: "2022-06-03",
    signal: "none",
  });
  lake = await openLake(home);
  const day = market.rows(master, { fromDay: splitDay, toDay: splitDay });
  const stocks = day.filter(({ row }) => row["ProdCat"] === "011");
  [splitCode, newCode] = stocks
    .slice(3, 5)
    .map(({ row }) => (typeof row["Code"] === "string" ? row["Code"] : ""));
  await append("2021-12-01", "2022-03-22");
});

/** Every table's rows of some days; margin balances only up to `marginTo`. */
async function append(from: string, to: string, marginTo: string = to): Promise<void> {
  for (const path of market.paths.filter((name) => !unread.test(name))) {
    if (!lake.schemas().some((schema) => schema.path === path)) continue;
    const toDay = epochDay(path === margin ? marginTo : to);
    const rows = rowsOf(path, epochDay(from), toDay);
    if (rows.length > 0) await writeRows(lake, path, rows, { source: "simulator" });
  }
}

/** The market's rows with a planted 1:2 split of one stock and a late listing of another. */
function rowsOf(path: string, fromDay: number, toDay: number): readonly RawRow[] {
  const range = { fromDay, toDay: path === "/markets/calendar" ? epochDay("2022-06-03") : toDay };
  const rows = market.rows(path, range).map(({ row }) => row);
  return rows
    .filter((row) => row["Code"] !== newCode || dayOf(row) >= listingDay)
    .map((row) => {
      const isSplit = path === bars && row["Code"] === splitCode && dayOf(row) === splitDay;
      return isSplit ? { ...row, AdjFactor: 0.5 } : row;
    });
}

function dayOf(row: RawRow): number {
  const day = row["Date"] ?? row["DiscDate"] ?? row["PubDate"];
  return typeof day === "string" ? epochDay(day) : Infinity;
}

async function load(cache?: LoadCache): Promise<MarketData> {
  const connection = await lake.connect({ threads: 1 });
  try {
    const view = { connection, calendar: await lake.calendar() };
    return await loadMarketData(view, registry, plan, cache === undefined ? {} : { cache });
  } finally {
    connection.closeSync();
  }
}

const cacheOf = (code = "code"): LoadCache => new LoadCache(lake, code, { fewestBars: 1 });

async function loadKept(): Promise<MarketData> {
  return load(cacheOf());
}

/** Every array of market data by name, as bytes. */
function bytesOf({ panel, rows, groups, series, sectorSeries, events }: MarketData): string[] {
  const arrays: (readonly [string, ArrayBufferView])[] = [
    ["dates", panel.dates],
    ...panel.columnNames.map((name) => [`panel ${name}`, panel.column(name)] as const),
    ["dayStart", rows.dayStart],
    ["codeOfRow", rows.codeOfRow],
    ["rowOfCell", rows.rowOfCell],
    ...groups,
    ...series,
    ...sectorSeries,
    ...[...events].flatMap(([name, { keyStart, session, day, fields }]) => [
      [`${name} keys`, keyStart] as const,
      [`${name} session`, session] as const,
      [`${name} day`, day] as const,
      ...[...fields].map(([field, values]) => [`${name} ${field}`, values] as const),
    ]),
  ];
  const text = ([name, { buffer, byteOffset, byteLength }]: (typeof arrays)[number]): string =>
    `${name} ${Buffer.from(new Uint8Array(buffer, byteOffset, byteLength)).toString("base64")}`;
  return [panel.codes.join(), ...arrays.map(text)];
}

/** Names of the files with a stamp that tells one writing from the next. */
function written(): ReadonlyMap<string, string> {
  const stampOf = (name: string): string => {
    const { ino, mtimeNs } = statSync(join(folder, name), { bigint: true });
    return `${ino} ${mtimeNs}`;
  };
  return new Map(readdirSync(folder).map((name) => [name, stampOf(name)]));
}

/** Arrays in which a load with the cache differs from one of the whole lake. */
async function differences(): Promise<readonly string[]> {
  const kept = bytesOf(await loadKept());
  const whole = await wholeBytes();
  expect(kept.length).toBe(whole.length);
  return kept.filter((text, i) => text !== whole[i]).map((text) => text.replace(/ \S*$/u, ""));
}

let last: { readonly hash: string; readonly bytes: readonly string[] } | undefined;

async function wholeBytes(): Promise<readonly string[]> {
  const hash = lake.hash();
  if (last?.hash !== hash) last = { hash, bytes: bytesOf(await load()) };
  return last.bytes;
}

/** Files written by a load that must equal one of the whole lake. */
async function writtenByEqualLoad(): Promise<readonly string[]> {
  const before = existing();
  expect(await differences()).toEqual([]);
  return [...written()].filter(([name, stamp]) => before.get(name) !== stamp).map(([name]) => name);
}

function existing(): ReadonlyMap<string, string> {
  return readdirSync(home).includes("cache") ? written() : new Map();
}

/** Writes a day's bars again with other volumes, as a correction does. */
async function correct(day: number): Promise<void> {
  const rows = rowsOf(bars, day, day);
  expect(rows.length).toBeGreaterThan(0);
  const corrected = rows.map((row) => ({ ...row, Vo: Number(row["Vo"] ?? 0) + 100 }));
  await writeRows(lake, bars, corrected, {});
}

function change(name: string, alter: (bytes: Buffer) => void): void {
  const bytes = readFileSync(join(folder, name));
  alter(bytes);
  writeFileSync(join(folder, name), bytes);
}

const headerSchema = z.object({
  identity: z.string(),
  meta: z.unknown(),
  arrays: z.array(z.object({ name: z.string(), bytes: z.int() })),
});

/** Publishes a file again with one byte of an array changed, and with checksums that say so. */
async function forge(part: string, forged: string): Promise<void> {
  const path = join(folder, `${part}-2022-05.kept`);
  const bytes = readFileSync(path);
  let at = 16 + bytes.readUInt32LE(8);
  const { arrays, ...rest } = headerSchema.parse(JSON.parse(bytes.toString("utf8", 16, at)));
  const pieces = arrays.map(({ name, bytes: length }) => {
    const piece = bytes.subarray(at, at + length);
    at += length;
    if (name === forged) piece[0] ^= 1;
    return { name, pieces: [piece] };
  });
  await writeKept(path, { ...rest, arrays: pieces });
}

describe("a load that keeps the settled months", () => {
  test("writes them once, those before the month before the last session's", async () => {
    const names = await writtenByEqualLoad();
    expect(names.every((name) => name.endsWith("-2022-02.kept"))).toBe(true);
    expect(names).toContain("bars-2022-02.kept");
    expect(names).toContain("event-margin_interest-2022-02.kept");
    expect(names.length).toBeGreaterThan(12);
    expect(await writtenByEqualLoad()).toEqual([]);
  });

  test("equals a load of the whole lake after a session, with a margin week that is late", async () => {
    await append("2022-03-23", "2022-03-23", "2022-03-18");
    expect(await writtenByEqualLoad()).toEqual([]);
  });

  test("equals it after a split and a new month with a new listing, in the middle of the codes", async () => {
    await append("2022-03-24", "2022-04-08");
    expect(await writtenByEqualLoad()).toEqual([]);
    const [codes] = await wholeBytes();
    expect(codes.indexOf(newCode)).toBeGreaterThan(0);
    expect(codes.endsWith(newCode)).toBe(false);
  });

  test("decodes only the source again of which a kept month is corrected", async () => {
    const late = rowsOf(margin, epochDay("2022-03-19"), epochDay("2022-03-23"));
    await writeRows(lake, margin, late, {});
    await correct(epochDay("2022-02-10"));
    const rows = rowsOf(margin, epochDay("2021-12-06"), epochDay("2021-12-20"));
    const corrected = rows.map((row) => ({ ...row, LongVol: Number(row["LongVol"]) + 100 }));
    await writeRows(lake, margin, corrected, {});
    expect(await writtenByEqualLoad()).toEqual(["event-margin_interest-2022-02.kept"]);
  });

  test("keeps later months when those kept lag by more than two, and removes the others", async () => {
    await append("2022-04-11", "2022-06-02");
    const names = await writtenByEqualLoad();
    expect(names).toContain("base-2022-05.kept");
    expect(readdirSync(folder).toSorted()).toEqual([...names].toSorted());
  });

  test("of an earlier day, or of some codes, reads the lake and leaves what is kept", async () => {
    const before = written();
    const connection = await lake.connect({ threads: 1 });
    const view = { connection, calendar: await lake.calendar() };
    const to = epochDay("2022-02-18");
    const earlier = await loadMarketData(view, registry, plan, { to, cache: cacheOf() });
    const among = [splitCode];
    const some = await loadMarketData(view, registry, plan, { among, cache: cacheOf() });
    connection.closeSync();
    expect(earlier.panel.dates.at(-1)).toBe(to);
    expect(some.panel.codes).toEqual(among);
    expect(written()).toEqual(before);
  });

  test("reads no file that is cut short, has another byte, or was written by other code", async () => {
    const [bar, event] = ["bars", "event-statements"].map((name) => `${name}-2022-05.kept`);
    truncateSync(join(folder, bar), statSync(join(folder, bar)).size - 8);
    change(event, (bytes) => (bytes[bytes.length - 3] ^= 1));
    expect((await writtenByEqualLoad()).toSorted()).toEqual([bar, event]);
    const before = written();
    await load(cacheOf("other code"));
    expect([...written()].every(([name, stamp]) => before.get(name) !== stamp)).toBe(true);
  });

  test("decodes everything again after a correction of kept bars", async () => {
    await loadKept();
    await correct(epochDay("2021-12-10"));
    expect((await writtenByEqualLoad()).length).toBe(readdirSync(folder).length);
  });

  test("would show if what is kept were wrong", async () => {
    await forge("bars", "close");
    await forge("master", "sector33");
    await forge("event-statements", "day");
    await forge("event-margin_interest", "field longvol");
    expect(await differences()).toEqual([
      "panel close",
      "panel sector33_id",
      "sector33",
      "statements day",
      "margin_interest longvol",
    ]);
  });
});
