import { describe, expect, it } from "vitest";
import { epochDay } from "../../../src/calendar/index.ts";
import { withDerived } from "../../../src/simulator/derived/index.ts";
import type { MarketRow } from "../../../src/simulator/market/types.ts";
import { market, textOf } from "./server-under-test.ts";

const whole = withDerived(market);

function rows(path: string, from: string, to: string = from, code?: string): MarketRow[] {
  const range = { fromDay: epochDay(from), toDay: epochDay(to) };
  return whole.rows(path, code === undefined ? range : { ...range, code }).map(({ row }) => row);
}

describe("ticks", () => {
  const day = "2026-10-20";
  const ticks = rows("/equities/trades", day);

  it("add up to the volume of each issue's daily bar", () => {
    const volumes = new Map<unknown, number>();
    for (const { Code: code, TradingVolume: volume } of ticks) {
      volumes.set(code, (volumes.get(code) ?? 0) + Number(volume));
    }
    const traded = rows("/equities/bars/daily", day).filter((row) => row["Vo"] !== null);
    expect(traded.map((row) => volumes.get(row["Code"]))).toEqual(traded.map((row) => row["Vo"]));
  });

  it("touch the high and the low of the day and nothing beyond", () => {
    for (const bar of rows("/equities/bars/daily", day).slice(0, 10)) {
      if (bar["Vo"] === null) continue;
      const prices = ticks
        .filter((row) => row["Code"] === bar["Code"])
        .map((row) => Number(row["Price"]));
      expect([Math.max(...prices), Math.min(...prices)]).toEqual([bar["H"], bar["L"]]);
    }
  });

  it("have ids of twelve digits that rise", () => {
    const ids = ticks.map((row) => textOf(row, "TransactionId"));
    expect(ids.every((id) => /^\d{12}$/.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("minutes", () => {
  it("lie within the two sessions, the close of 15:30 included", () => {
    const times = rows("/equities/bars/minute", "2026-10-20").map((row) => textOf(row, "Time"));
    const isInside = (time: string): boolean =>
      (time >= "09:00" && time <= "11:30") || (time >= "12:30" && time <= "15:30");
    expect(times.every(isInside)).toBe(true);
    expect(times.at(-1)).toBe("15:30");
  });

  it("do not exist on the day the exchange stood still", () => {
    expect(rows("/equities/bars/minute", "2026-10-12")).toEqual([]);
  });
});

describe("timely disclosures", () => {
  it("stand beside every statement, under its number and time", () => {
    const statements = rows("/fins/summary", "2026-05-11", "2026-05-15");
    const listed = rows("/td/list", "2026-05-11", "2026-05-15");
    expect(listed.map((row) => row["DiscNo"])).toEqual(statements.map((row) => row["DiscNo"]));
    expect(listed[0]["DiscTime"]).toBe(textOf(statements[0], "DiscTime").slice(0, 5));
  });
});

describe("annual reports", () => {
  it("come after the release of the year, at most once a company and year", () => {
    const reports = rows("/edinet/major-shareholders", "2025-01-06", "2026-10-30");
    const keys = reports.map((row) => `${textOf(row, "Code")}${textOf(row, "PerEn")}`);
    expect(new Set(keys).size).toBe(reports.length);
    expect(reports.every((row) => textOf(row, "SubDate") > textOf(row, "PerEn"))).toBe(true);
  });

  it("rank holders by their shares, which are less than all", () => {
    const [report] = rows("/edinet/major-shareholders", "2026-06-01", "2026-07-31");
    const holders = report["Hldrs"] as readonly MarketRow[];
    const shares = holders.map((holder) => Number(holder["ShsHeld"]));
    expect(shares).toEqual([...shares].sort((left, right) => right - left));
    const ratios = holders.map((holder) => Number(holder["ShsRatio"]));
    expect(ratios.reduce((sum, ratio) => sum + ratio, 0)).toBeLessThan(1);
  });

  it("give as listed book value the sum of the holdings", () => {
    for (const row of rows("/edinet/cross-shareholdings", "2026-06-01", "2026-07-31")) {
      const report = row["Report"] as MarketRow;
      const held = report["Spec"] as readonly MarketRow[];
      const sum = held.reduce((total, holding) => total + Number(holding["CurBookVal"]), 0);
      expect([report["ListedIss"], report["ListedBookVal"]]).toEqual([held.length, sum]);
    }
  });
});

describe("large holdings", () => {
  it("are the same by day and by company", () => {
    const all = rows("/edinet/large-volume-shareholders", "2025-01-06", "2026-10-30");
    expect(all.length).toBeGreaterThan(10);
    for (const row of all.slice(0, 10)) {
      const code = textOf(row, "Code");
      const byCode = rows("/edinet/large-volume-shareholders", "2025-01-06", "2026-10-30", code);
      const byDay = rows("/edinet/large-volume-shareholders", textOf(row, "SubDate"));
      expect(byCode).toContainEqual(row);
      expect(byDay).toContainEqual(row);
    }
  });
});

describe("withDerived", () => {
  it("leaves a market's own rows alone", () => {
    const own = { ...market, paths: [...market.paths, "/td/list"], rows: () => [] };
    expect(withDerived(own).rows("/td/list", { fromDay: 0, toDay: 30_000 })).toEqual([]);
  });
});
