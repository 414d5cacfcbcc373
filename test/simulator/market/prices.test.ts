import { mkdtemp, readdir, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { epochDay } from "../../../src/calendar/index.ts";
import { hashBytes, hashValue } from "../../../src/hash.ts";
import {
  limitWidth,
  roundDown,
  roundUp,
  roundFairly,
  tickSize,
} from "../../../src/simulator/market/price-rules.ts";
import { cellFlags } from "../../../src/simulator/market/price-table.ts";
import { createRng } from "../../../src/rng.ts";
import { createMarket } from "../../../src/simulator/market/index.ts";
import { allRows, longSpan, makeMarket } from "./small-market.ts";

const market = await makeMarket({ from: "2019-06-03", to: "2023-12-29" });
const bars = allRows(market, "/equities/bars/daily");
const numbers = (row: Record<string, unknown>, ...names: string[]): number[] =>
  names.map((name) => Number(row[name]));
const traded = bars.filter((row) => row["C"] !== null);
const byCode = Map.groupBy(bars, (row) => String(row["Code"]));

describe("price rules", () => {
  test("ticks and limits are those of the exchange's tables", () => {
    const ticks = [1_000, 3_000, 3_001, 5_000, 5_010, 30_000, 30_050].map(
      (yen) => tickSize(yen * 10, false) / 10,
    );
    expect(ticks).toEqual([1, 1, 5, 5, 10, 10, 50]);
    const fine = [999.9, 1_000, 1_000.5, 3_000, 3_001, 10_000, 10_005].map(
      (yen) => tickSize(yen * 10, true) / 10,
    );
    expect(fine).toEqual([0.1, 0.1, 0.5, 0.5, 1, 1, 5]);
    const widths = [99, 100, 499, 999, 1_000, 2_999, 9_999, 10_000].map(
      (yen) => limitWidth(yen * 10) / 10,
    );
    expect(widths).toEqual([30, 50, 80, 150, 300, 500, 1_500, 3_000]);
  });

  test("fair rounding keeps the expectation", () => {
    const rng = createRng(1);
    let sum = 0;
    for (let i = 0; i < 40_000; i += 1) sum += roundFairly(31_013, false, rng.uniform());
    expect(sum / 40_000).toBeGreaterThan(31_013 - 0.4);
    expect(sum / 40_000).toBeLessThan(31_013 + 0.4);
  });
});

describe("daily bars", () => {
  test("keep open, high, low and close in order in the day and in both sessions", () => {
    for (const prefix of ["", "M", "A"]) {
      const broken = traded.filter((row) => {
        if (row[`${prefix}C`] === null) return false;
        const [open, high, low, close] = numbers(
          row,
          `${prefix}O`,
          `${prefix}H`,
          `${prefix}L`,
          `${prefix}C`,
        );
        return !(low <= Math.min(open, close) && high >= Math.max(open, close) && low > 0);
      });
      expect(broken).toEqual([]);
    }
  });

  test("join the two sessions: extremes, volume and turnover add up", () => {
    const broken = traded.filter((row) => {
      if (row["MC"] === null) return false;
      const [high, low, volume, turnover, open, close] = numbers(
        row,
        "H",
        "L",
        "Vo",
        "Va",
        "O",
        "C",
      );
      const [mh, ml, mv, mva, mo] = numbers(row, "MH", "ML", "MVo", "MVa", "MO");
      const [ah, al, av, ava, ac] = numbers(row, "AH", "AL", "AVo", "AVa", "AC");
      const isJoined =
        high === Math.max(mh, ah) && low === Math.min(ml, al) && open === mo && close === ac;
      return !(isJoined && volume === mv + av && turnover === mva + ava);
    });
    expect(broken).toEqual([]);
  });

  test("trade whole lots at a turnover between volume times low and volume times high", () => {
    const lots = new Map(market.issues.map((issue) => [issue.code, issue.lot]));
    const broken = traded.filter((row) => {
      const [volume, turnover, high, low] = numbers(row, "Vo", "Va", "H", "L");
      const isLot = volume > 0 && volume % (lots.get(String(row["Code"])) ?? 100) === 0;
      return !(isLot && turnover >= volume * low - 1 && turnover <= volume * high + 1);
    });
    expect(broken).toEqual([]);
  });

  test("stay on the tick grid and within the limits of the day, and flag the limit exactly when it is touched", () => {
    const { prices, sessions } = market;
    const broken: string[] = [];
    for (const issue of market.issues) {
      for (const event of prices.events) expect(event.factor).toBeGreaterThan(0);
      const factors = new Map(
        prices.events
          .filter((event) => event.issue === issue.index)
          .map((event) => [event.session, event.factor]),
      );
      for (let d = issue.listed + 1; d < issue.delisted; d += 1) {
        const cell = d * prices.issues + issue.index;
        if (!prices.has(cell, cellFlags.traded)) continue;
        const fine = prices.has(cell, cellFlags.fineTick);
        const base = prices.close[cell - prices.issues] * (factors.get(d) ?? 1);
        const upper = roundDown(base + limitWidth(base), fine);
        const lower = roundUp(base - limitWidth(base), fine);
        const points = [prices.open(cell), prices.high(cell), prices.low(cell), prices.close[cell]];
        const isOnGrid = points.every((price) => price % tickSize(price, fine) === 0);
        const isInside = points.every((price) => price <= upper && price >= lower);
        const isUp =
          prices.has(cell, cellFlags.morningUpper) || prices.has(cell, cellFlags.afternoonUpper);
        const isDown =
          prices.has(cell, cellFlags.morningLower) || prices.has(cell, cellFlags.afternoonLower);
        const isFlagged =
          isUp === (prices.high(cell) === upper) && isDown === (prices.low(cell) === lower);
        if (!isOnGrid || !isInside || !isFlagged)
          broken.push(`${issue.code} ${sessions.iso(d)} ${points.join(" ")} ${base}`);
      }
    }
    expect(broken.slice(0, 5)).toEqual([]);
  });

  test("have null prices and flags of 0 without a trade, and nothing but such rows on 2020-10-01", () => {
    const idle = bars.filter((row) => row["C"] === null);
    expect(idle.length).toBeGreaterThan(100);
    for (const row of idle) {
      const empty = ["O", "H", "L", "Vo", "Va", "AdjO", "AdjC", "AdjVo", "MktCap", "MO", "AC"].map(
        (name) => row[name],
      );
      expect(empty.every((value) => value === null)).toBe(true);
      expect([row["UL"], row["LL"], row["MUL"], row["ALL"]]).toEqual(["0", "0", "0", "0"]);
    }
    const halt = bars.filter((row) => row["Date"] === "2020-10-01");
    expect(halt.length).toBeGreaterThan(40);
    expect(halt.every((row) => row["C"] === null)).toBe(true);
  });

  test("adjust prices by the product of later factors and volumes by its inverse", () => {
    expect(new Set(bars.map((row) => row["ExRT"]))).toEqual(new Set([null, "1", "2", "3"]));
    for (const rows of byCode.values()) {
      let factor = 1;
      let volumeFactor = 1;
      for (const row of rows.toReversed()) {
        if (row["C"] !== null) {
          const [close, adjusted, volume, adjustedVolume] = numbers(
            row,
            "C",
            "AdjC",
            "Vo",
            "AdjVo",
          );
          expect(Math.abs(adjusted - close * factor)).toBeLessThanOrEqual(0.0500001);
          expect(adjustedVolume).toBeCloseTo(volume / volumeFactor, 6);
        }
        factor *= Number(row["AdjFactor"]);
        if (row["ExRT"] !== "3") volumeFactor *= Number(row["AdjFactor"]);
      }
    }
  });

  test("leave capital changes after asOfDay out of the adjusted columns", () => {
    const event = market.prices.events[0];
    const code = market.issues[event.issue].code;
    const exDay = market.sessions.days[event.session];
    const before = market.sessions.days[event.session - 1];
    const range = { fromDay: before, toDay: before, code };
    const [asOf] = market.rows("/equities/bars/daily", { ...range, asOfDay: exDay - 1 });
    const [later] = market.rows("/equities/bars/daily", { ...range, asOfDay: exDay });
    expect(asOf.row["AdjC"]).toBe(asOf.row["C"]);
    expect(Number(later.row["AdjC"])).toBeCloseTo(Number(asOf.row["C"]) * event.factor, 0);
  });
});

describe("listings", () => {
  const master = allRows(market, "/equities/master");

  test("every bar has its master row and the reverse", () => {
    const keyOf = (row: Record<string, unknown>): string =>
      `${String(row["Date"])} ${String(row["Code"])}`;
    expect(new Set(master.map(keyOf))).toEqual(new Set(bars.map(keyOf)));
  });

  test("segments change on 2022-04-04 and on no other day", () => {
    const old = new Set(["0101", "0102", "0104", "0106", "0107"]);
    for (const row of master) {
      const isBefore = epochDay(String(row["Date"])) < epochDay("2022-04-04");
      if (old.has(String(row["Mkt"]))) expect(isBefore).toBe(true);
      if (["0111", "0112", "0113"].includes(String(row["Mkt"]))) expect(isBefore).toBe(false);
    }
  });

  test("hold special kinds, a new listing, a delisting and a code change that takes the price over", () => {
    const kinds = new Set(master.map((row) => row["ProdCat"]));
    expect(kinds).toEqual(new Set(["011", "013", "014", "021"]));
    expect(new Set(master.map((row) => row["Mkt"]))).toContain("0105");
    expect(market.issues.some((issue) => issue.listed > 0 && issue.predecessor < 0)).toBe(true);
    expect(market.issues.some((issue) => issue.delisted < market.sessions.count)).toBe(true);
    const preferred = market.issues.find((issue) => issue.kind === "preferred");
    expect(preferred?.code.at(-1)).toBe("5");
    expect(market.issues[preferred?.company ?? -1].code).toBe(`${preferred?.code.slice(0, 4)}0`);
    const successor = market.issues.find((issue) => issue.predecessor >= 0);
    if (successor === undefined) throw new Error("no code change");
    const { prices } = market;
    const taken = prices.close[(successor.listed - 1) * prices.issues + successor.predecessor];
    const first = prices.close[successor.listed * prices.issues + successor.index];
    expect(Math.abs(first / taken - 1)).toBeLessThan(0.2);
  });

  test("codes that are listed from 2024 hold a letter", async () => {
    const later = await makeMarket({ from: "2023-01-04", to: "2026-06-30", stocks: 200 });
    for (const issue of later.issues) {
      const isNew = issue.listed > 0 && later.sessions.days[issue.listed] >= epochDay("2024-01-01");
      expect(/[A-Z]/.test(issue.code)).toBe(isNew);
    }
    expect(later.issues.some((issue) => issue.code === "130A0")).toBe(true);
  });
});

test("the same config gives the same bytes and another seed others", async () => {
  const config = { from: "2024-01-04", to: "2024-03-29", stocks: 25, signal: "planted" } as const;
  const hashOf = async (seed: number): Promise<string> => {
    const made = await makeMarket({ ...config, seed });
    return hashValue(
      made.paths.map((path) => allRows(made, path).map((row) => JSON.stringify(row))),
    );
  };
  expect(await hashOf(3)).toBe(await hashOf(3));
  expect(await hashOf(3)).not.toBe(await hashOf(4));
});

test("a market from the cache is the market that was generated", async () => {
  const config = {
    ...longSpan,
    from: "2024-01-04",
    to: "2024-03-29",
    stocks: 25,
    signal: "planted",
  } as const;
  const folder = await mkdtemp(join(tmpdir(), "market-"));
  try {
    const shares: number[] = [];
    const options = { cacheDir: folder, onProgress: (share: number): number => shares.push(share) };
    const made = await createMarket(config, options);
    expect(shares.at(-1)).toBe(1);
    const calls = shares.length;
    const kept = await createMarket(config, options);
    expect(shares).toHaveLength(calls);
    for (const path of made.paths) expect(allRows(kept, path)).toEqual(allRows(made, path));
    expect(kept.oracle.expectation(30, 3, 5)).toBe(made.oracle.expectation(30, 3, 5));
    for (const seed of [8, 9, 10, 11]) await createMarket({ ...config, seed }, options);
    expect(await readdir(folder)).toHaveLength(3);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("half days trade in the morning only", async () => {
  const old = await makeMarket({ from: "2008-12-15", to: "2009-01-16", stocks: 30 });
  const rows = allRows(old, "/equities/bars/daily").filter(({ C }) => C !== null);
  const halves = rows.filter(({ Date }) => Date === "2008-12-30" || Date === "2009-01-05");
  expect(halves.length).toBeGreaterThan(40);
  for (const row of halves) {
    expect([row["AO"], row["AC"], row["AVo"]]).toEqual([null, null, null]);
    expect([row["O"], row["C"], row["H"], row["Vo"]]).toEqual([
      row["MO"],
      row["MC"],
      row["MH"],
      row["MVo"],
    ]);
  }
  expect(rows.filter(({ Date }) => Date === "2008-12-29").some((row) => row["AC"] !== null)).toBe(
    true,
  );
});

test("books follow prices: the median company trades at 8 to 35 times its trailing earnings after eight years", async () => {
  const later = await makeMarket({ from: "2017-01-04", to: "2025-03-31", stocks: 120 });
  const day = later.sessions.days[later.sessions.count - 1];
  const rows = later
    .rows("/equities/valuation", { fromDay: day, toDay: day })
    .map(({ row }) => Number(row["PER"] ?? Number.NaN));
  const known = rows.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  expect(known.length).toBeGreaterThan(60);
  const middle = known[Math.floor(known.length / 2)];
  expect(middle).toBeGreaterThan(8);
  expect(middle).toBeLessThan(35);
});

test("the bytes of a seed are the same on every machine", async () => {
  const { prices } = await makeMarket({
    from: "2024-01-04",
    to: "2024-06-28",
    stocks: 40,
    signal: "planted",
  });
  const hash = (column: Int32Array): string =>
    hashBytes(new Uint8Array(column.buffer)).slice(0, 16);
  expect([hash(prices.close), hash(prices.volume)]).toEqual([
    "08949b44e23fd24d",
    "915a67448c72a963",
  ]);
});

test("a cut cache file is an error that says what to do", async () => {
  const config = { ...longSpan, from: "2024-01-04", to: "2024-02-29", stocks: 10 } as const;
  const folder = await mkdtemp(join(tmpdir(), "market-"));
  try {
    await createMarket(config, { cacheDir: folder });
    const [name] = await readdir(folder);
    await truncate(join(folder, name), 9000);
    await expect(createMarket(config, { cacheDir: folder })).rejects.toThrow(/delete the file/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
