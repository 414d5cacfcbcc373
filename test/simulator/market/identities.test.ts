import { describe, expect, test } from "vitest";
import { civilOfDay, epochDay } from "../../../src/calendar/index.ts";
import { allRows, makeMarket } from "./small-market.ts";

const market = await makeMarket({ from: "2021-10-01", to: "2022-12-30", stocks: 80 });
const daily = await makeMarket({ from: "2026-08-31", to: "2026-10-30", stocks: 40 });

type Row = Record<string, unknown>;
const at = (row: Row, name: string): number => Number(row[name]);
const text = (row: Row, name: string): string => String(row[name]);

describe("indices", () => {
  const bars = allRows(market, "/equities/bars/daily");
  const master = allRows(market, "/equities/master");
  const barsByDate = Map.groupBy(bars, (row) => text(row, "Date"));
  const masterByDate = Map.groupBy(master, (row) => text(row, "Date"));

  /** Largest relative gap between an index's daily ratio and that of its members' market values, from served rows alone. */
  function largestGap(index: string, isMember: (row: Row) => boolean): number {
    const levels = new Map(
      allRows(market, "/indices/bars/daily")
        .filter((row) => row["Code"] === index)
        .map((row) => [text(row, "Date"), at(row, "C")]),
    );
    const values = new Map<string, number>();
    let gap = 0;
    let before = Number.NaN;
    for (const [date, rows] of barsByDate) {
      const members = new Set(
        (masterByDate.get(date) ?? []).filter(isMember).map((row) => text(row, "Code")),
      );
      let base = 0;
      let now = 0;
      let hasRights = false;
      for (const row of rows) {
        const code = text(row, "Code");
        const last = values.get(code);
        const value = row["MktCap"] === null ? last : at(row, "MktCap");
        if (members.has(code) && row["ExRT"] === "3") hasRights = true;
        if (members.has(code) && last !== undefined && value !== undefined) {
          base += last;
          now += value;
        }
        if (value !== undefined) values.set(code, value);
      }
      const level = levels.get(date) ?? Number.NaN;
      if (!hasRights && base > 0 && before > 0)
        gap = Math.max(gap, Math.abs(level / before - now / base));
      before = level;
    }
    return gap;
  }

  test("TOPIX moves as the market value of its constituents does", () => {
    const isMember = (row: Row): boolean =>
      (row["Mkt"] === "0101" || row["Mkt"] === "0111") &&
      row["ProdCat"] === "011" &&
      !text(row, "Code").endsWith("5");
    expect(largestGap("0000", isMember)).toBeLessThan(3e-5);
  });

  test("a sector's index moves as its members do", () => {
    const isMember = (row: Row): boolean =>
      (row["Mkt"] === "0101" || row["Mkt"] === "0111") &&
      row["S33"] === "5250" &&
      row["ProdCat"] === "011" &&
      !text(row, "Code").endsWith("5");
    expect(largestGap("0058", isMember)).toBeLessThan(3e-4);
  });

  test("TOPIX has its own endpoint with the same bars, and highs and lows around open and close", () => {
    const own = allRows(market, "/indices/bars/daily/topix");
    const listed = allRows(market, "/indices/bars/daily").filter((row) => row["Code"] === "0000");
    expect(own).toEqual(listed.map(({ C, Date, H, L, O }) => ({ Date, O, H, L, C })));
    for (const row of own) {
      expect(at(row, "H")).toBeGreaterThanOrEqual(Math.max(at(row, "O"), at(row, "C")));
      expect(at(row, "L")).toBeLessThanOrEqual(Math.min(at(row, "O"), at(row, "C")));
    }
  });

  test("the second section and JASDAQ end on 2022-04-01 and the new segments begin on 2022-06-27", () => {
    const spans = Map.groupBy(allRows(market, "/indices/bars/daily"), (row) => text(row, "Code"));
    const ends = (code: string): string[] => [
      text(spans.get(code)?.[0] ?? {}, "Date"),
      text(spans.get(code)?.at(-1) ?? {}, "Date"),
    ];
    expect(ends("0001")[1]).toBe("2022-04-01");
    expect(ends("0091")[1]).toBe("2022-04-01");
    expect(ends("0500")[0]).toBe("2022-06-27");
  });
});

describe("investor types", () => {
  const rows = allRows(market, "/equities/investor-types");
  const customers = [
    "Ind",
    "Frgn",
    "SecCo",
    "InvTr",
    "BusCo",
    "OthCo",
    "InsCo",
    "Bank",
    "TrstBnk",
    "OthFin",
  ];
  const names = ["Prop", "Brk", "Tot", ...customers];

  test("totals are sells plus buys, balances buys less sells, and the parts add up to the whole", () => {
    for (const row of rows) {
      for (const name of names) {
        expect(at(row, `${name}Tot`)).toBe(at(row, `${name}Sell`) + at(row, `${name}Buy`));
        expect(at(row, `${name}Bal`)).toBe(at(row, `${name}Buy`) - at(row, `${name}Sell`));
        expect(Math.min(at(row, `${name}Sell`), at(row, `${name}Buy`))).toBeGreaterThanOrEqual(0);
      }
      for (const side of ["Sell", "Buy"]) {
        const sum = customers.reduce((total, name) => total + at(row, name + side), 0);
        expect(at(row, `Brk${side}`)).toBe(sum);
        expect(at(row, `Tot${side}`)).toBe(at(row, `Prop${side}`) + sum);
      }
    }
  });

  test("Tokyo and Nagoya together are the sum of the sections", () => {
    const releases = Map.groupBy(rows, (row) => `${text(row, "PubDate")}${text(row, "StDate")}`);
    for (const release of releases.values()) {
      const whole = release.find((row) => row["Section"] === "TokyoNagoya");
      const parts = release.filter((row) => row["Section"] !== "TokyoNagoya");
      expect(at(whole ?? {}, "FrgnBuy")).toBe(
        parts.reduce((sum, row) => sum + at(row, "FrgnBuy"), 0),
      );
    }
  });

  test("sales of a section are its turnover of the week, and sections switch with the reform", () => {
    const bars = allRows(market, "/equities/bars/daily");
    const segments = new Map(
      allRows(market, "/equities/master").map((row) => [
        `${text(row, "Date")}${text(row, "Code")}`,
        row["Mkt"],
      ]),
    );
    const week = rows.find((row) => row["Section"] === "TSEPrime");
    const sum = bars
      .filter(
        (row) =>
          row["Date"] !== null &&
          text(row, "Date") >= text(week ?? {}, "StDate") &&
          text(row, "Date") <= text(week ?? {}, "EnDate"),
      )
      .filter((row) => segments.get(`${text(row, "Date")}${text(row, "Code")}`) === "0111")
      .reduce((total, row) => total + at(row, "Va"), 0);
    expect(at(week ?? {}, "TotSell")).toBe(Math.round(sum / 1000));
    expect(text(week ?? {}, "StDate")).toBe("2022-04-04");
    expect(rows.filter((row) => row["Section"] === "TSE1st").at(-1)?.["EnDate"]).toBe("2022-04-01");
  });

  test("a correction is a second row of its week with a later publication", () => {
    const weeks = Map.groupBy(rows, (row) => `${text(row, "Section")}${text(row, "StDate")}`);
    const corrected = [...weeks.values()].filter((list) => list.length > 1);
    expect(corrected.length).toBeGreaterThan(2);
    for (const [first, second] of corrected) {
      expect(text(second, "PubDate") > text(first, "PubDate")).toBe(true);
      expect(second["InvTrSell"]).not.toBe(first["InvTrSell"]);
    }
  });
});

describe("margin, shorts and orders", () => {
  test("negotiable and standardised balances add up, weekly before 2026-09-25 and daily from it", () => {
    const rows = allRows(daily, "/markets/margin-interest");
    for (const row of rows) {
      expect(at(row, "LongVol")).toBe(at(row, "LongNegVol") + at(row, "LongStdVol"));
      expect(at(row, "ShrtVol")).toBe(at(row, "ShrtNegVol") + at(row, "ShrtStdVol"));
    }
    const dates = [...new Set(rows.map((row) => text(row, "Date")))];
    expect(dates.filter((date) => date < "2026-09-25")).toEqual([
      "2026-09-04",
      "2026-09-11",
      "2026-09-18",
    ]);
    const sessions = [...daily.sessions.days].filter((day) => day >= epochDay("2026-09-25"));
    expect(dates.filter((date) => date >= "2026-09-25")).toHaveLength(sessions.length);
    const row = rows.find(({ Date }) => Date === "2026-09-25");
    expect(row?.["PubDate"]).toBe("2026-09-28");
    expect(rows[0]["PubDate"]).toBeNull();
    expect(rows[0]["LongVal"]).toBeNull();
  });

  test("an alert repeats the balances of margin-interest and its changes are differences of them", () => {
    const balances = new Map(
      allRows(daily, "/markets/margin-interest").map((row) => [
        `${text(row, "Code")}${text(row, "Date")}`,
        row,
      ]),
    );
    const rows = allRows(daily, "/markets/margin-alert").filter(
      (row) => text(row, "AppDate") >= "2026-09-28",
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      const balance = balances.get(`${text(row, "Code")}${text(row, "AppDate")}`);
      expect(row["LongOut"]).toBe(balance?.["LongVol"]);
      expect(at(row, "LongOut")).toBe(at(row, "LongNegOut") + at(row, "LongStdOut"));
    }
  });

  test("short and other sales of an industry are its turnover", () => {
    const sectors = new Map(
      allRows(market, "/equities/master").map((row) => [
        `${text(row, "Date")}${text(row, "Code")}`,
        text(row, "S33"),
      ]),
    );
    const sums = new Map<string, number>();
    for (const row of allRows(market, "/equities/bars/daily")) {
      const key = `${text(row, "Date")}${sectors.get(`${text(row, "Date")}${text(row, "Code")}`)}`;
      sums.set(key, (sums.get(key) ?? 0) + at(row, "Va"));
    }
    for (const row of allRows(market, "/markets/short-ratio")) {
      const sum = at(row, "SellExShortVa") + at(row, "ShrtWithResVa") + at(row, "ShrtNoResVa");
      expect(sum).toBe(sums.get(`${text(row, "Date")}${text(row, "S33")}`));
    }
  });

  test("orders to sell and orders to buy each add up to the day's turnover and volume", () => {
    const bars = new Map(
      allRows(daily, "/equities/bars/daily").map((row) => [
        `${text(row, "Date")}${text(row, "Code")}`,
        row,
      ]),
    );
    for (const row of allRows(daily, "/markets/breakdown")) {
      const bar = bars.get(`${text(row, "Date")}${text(row, "Code")}`) ?? {};
      for (const [unit, total] of [
        ["Va", at(bar, "Va")],
        ["Vo", at(bar, "Vo")],
      ] as const) {
        const sells = ["LongSell", "ShrtNoMrgn", "MrgnSellNew", "MrgnSellClose"].map((name) =>
          at(row, name + unit),
        );
        const buys = ["LongBuy", "MrgnBuyNew", "MrgnBuyClose"].map((name) => at(row, name + unit));
        expect(sells.reduce((a, b) => a + b)).toBe(total);
        expect(buys.reduce((a, b) => a + b)).toBe(total);
      }
    }
  });

  test("reported short positions start at 0.5 %, name the report before, and end below", () => {
    const rows = allRows(market, "/markets/short-sale-report");
    const first = rows.filter((row) => row["PrevRptDate"] === "");
    expect(first.length).toBeGreaterThan(5);
    expect(first.every((row) => at(row, "ShrtPosToSO") >= 0.005)).toBe(true);
    const below = rows.filter((row) => at(row, "ShrtPosToSO") < 0.005);
    expect(below.every((row) => at(row, "PrevRptRatio") >= 0.005)).toBe(true);
  });
});

describe("derivatives", () => {
  const range = { from: "2023-02-01", to: "2023-03-31", stocks: 40 };

  test("puts and calls keep parity: theoretical prices exactly, settlements within their ticks", async () => {
    const options = allRows(await makeMarket(range), "/derivatives/bars/daily/options/225");
    const chains = Map.groupBy(
      options.filter((row) => row["EmMrgnTrgDiv"] === "002"),
      (row) => `${text(row, "Date")}${text(row, "CM")}`,
    );
    let checked = 0;
    for (const chain of chains.values()) {
      const pairs = [...Map.groupBy(chain, (row) => at(row, "Strike"))].map(([strike, list]) => ({
        strike,
        call: list.find((row) => row["PCDiv"] === "2") ?? {},
        put: list.find((row) => row["PCDiv"] === "1") ?? {},
      }));
      const [{ call, put, strike }] = pairs;
      const years = (epochDay(text(call, "SQD")) - epochDay(text(call, "Date"))) / 365;
      const discount = Math.exp((-at(call, "IR") / 100) * years);
      for (const other of pairs.slice(1)) {
        const expected = discount * (other.strike - strike);
        const theoretical =
          at(call, "Theo") - at(put, "Theo") - (at(other.call, "Theo") - at(other.put, "Theo"));
        const settled =
          at(call, "Settle") -
          at(put, "Settle") -
          (at(other.call, "Settle") - at(other.put, "Settle"));
        expect(Math.abs(theoretical - expected)).toBeLessThan(0.001);
        expect(Math.abs(settled - expected)).toBeLessThanOrEqual(20);
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThan(1000);
  });

  test("index futures settle within 6 basis points and half a tick of spot with its carry", async () => {
    const made = await makeMarket(range);
    const topix = new Map(
      allRows(made, "/indices/bars/daily/topix").map((row) => [text(row, "Date"), at(row, "C")]),
    );
    const rows = allRows(made, "/derivatives/bars/daily/futures").filter(
      (row) => row["ProdCat"] === "TOPIXF",
    );
    expect(rows.length).toBeGreaterThan(100);
    for (const row of rows) {
      const day = epochDay(text(row, "Date"));
      const rate = civilOfDay(day).year < 2024 ? 0.001 : 0.0025;
      const fair =
        (topix.get(text(row, "Date")) ?? 0) *
        Math.exp(((rate - 0.018) * (epochDay(text(row, "SQD")) - day)) / 365);
      expect(Math.abs(at(row, "Settle") - fair)).toBeLessThanOrEqual(fair * 0.0006 + 0.26);
    }
  });

  test("the central month rolls before its last day and a new contract has no night session", async () => {
    const rows = allRows(await makeMarket(range), "/derivatives/bars/daily/futures").filter(
      (row) => row["ProdCat"] === "NK225F",
    );
    const central = rows.filter((row) => row["CCMFlag"] === "1");
    expect(new Set(central.map((row) => row["CM"]))).toEqual(new Set(["2023-03", "2023-06"]));
    expect(central.every((row) => text(row, "Date") < text(row, "LTD"))).toBe(true);
    const first = rows.filter((row) => row["EO"] === "");
    expect(first.map((row) => [row["Date"], row["CM"]])).toEqual([["2023-03-10", "2024-06"]]);
    expect(first[0]["O"]).toBe(first[0]["AO"]);
  });
});
