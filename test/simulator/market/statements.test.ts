import { describe, expect, test } from "vitest";
import { effectiveSession, epochDay } from "../../../src/calendar/index.ts";
import { allRows, makeMarket } from "./small-market.ts";

type Row = Record<string, unknown>;
const text = (row: Row, name: string): string => String(row[name]);

const market = await makeMarket({ from: "2022-01-04", to: "2025-12-30", stocks: 120 });
const rows = allRows(market, "/fins/summary");
const releases = rows.filter((row) => text(row, "DocType").includes("FinancialStatements"));

describe("statements", () => {
  test("disclosure numbers ascend with the time of disclosure and never repeat", () => {
    const numbers = rows.map((row) => text(row, "DiscNo"));
    expect(numbers).toEqual([...new Set(numbers)].sort());
    for (let i = 1; i < rows.length; i += 1) {
      const [before, now] = [rows[i - 1], rows[i]].map(
        (row) => `${text(row, "DiscDate")} ${text(row, "DiscTime")}`,
      );
      expect(before <= now).toBe(true);
    }
  });

  test("a company files each quarter once and reports cumulative sales", () => {
    const years = Map.groupBy(
      releases.filter((row) => row["RetroRst"] === "false"),
      (row) => `${text(row, "Code")}${text(row, "CurFYEn")}`,
    );
    let full = 0;
    for (const filings of years.values()) {
      const quarters = filings.map((row) => text(row, "CurPerType"));
      expect(new Set(quarters).size).toBe(quarters.length);
      const sales = filings.map((row) =>
        Number(row["Sales"] === "" ? row["NCSales"] : row["Sales"]),
      );
      for (let i = 1; i < sales.length; i += 1) expect(sales[i]).toBeGreaterThan(sales[i - 1]);
      if (quarters.length === 4) full += 1;
    }
    expect(full).toBeGreaterThan(200);
  });

  test("full-year rows forecast the next year and leave this year's forecasts empty; quarters do the reverse", () => {
    for (const row of releases.filter(({ MatChgSub }) => MatChgSub !== "")) {
      const isFull = row["CurPerType"] === "FY";
      const scope = text(row, "DocType").includes("NonConsolidated") ? "NC" : "";
      expect(row[`F${scope}OP`] === "").toBe(isFull);
      expect(row[`NxF${scope}OP`] === "").toBe(!isFull);
      expect(row["NxtFYEn"] === "").toBe(!isFull);
    }
  });

  test("filers under IFRS have no ordinary profit and both standards appear", () => {
    const ifrs = releases.filter((row) => text(row, "DocType").endsWith("_IFRS"));
    const japanese = releases.filter((row) => text(row, "DocType").endsWith("Consolidated_JP"));
    expect(ifrs.length).toBeGreaterThan(10);
    expect(ifrs.every((row) => row["OdP"] === "" && row["NCOdP"] === "")).toBe(true);
    expect(japanese.filter((row) => row["OdP"] !== "").length).toBeGreaterThan(100);
  });

  test("revisions carry forecasts only and restatements a flag and a release before them", () => {
    const revisions = rows.filter((row) => row["DocType"] === "EarnForecastRevision");
    expect(revisions.length).toBeGreaterThan(50);
    expect(
      revisions.every((row) => row["Sales"] === "" && row["TA"] === "" && row["ShOutFY"] === ""),
    ).toBe(true);
    expect(revisions.every((row) => row["FOP"] !== "" || row["FNCOP"] !== "")).toBe(true);
    const restated = releases.filter((row) => row["RetroRst"] === "true");
    expect(restated.length).toBeGreaterThan(5);
    for (const row of restated) {
      const first = releases.find(
        (other) =>
          other["Code"] === row["Code"] &&
          other["CurPerEn"] === row["CurPerEn"] &&
          text(other, "DiscNo") < text(row, "DiscNo"),
      );
      if (first !== undefined) expect(text(first, "DiscDate") < text(row, "DiscDate")).toBe(true);
    }
  });

  test("disclosures come before, at and after the close of both regimes", () => {
    const times = (isLate: boolean): Set<string> =>
      new Set(
        rows
          .filter((row) => text(row, "DiscDate") >= "2024-11-05" === isLate)
          .map((row) => text(row, "DiscTime")),
      );
    for (const time of ["14:59:00", "15:00:00", "15:30:00"]) expect(times(false)).toContain(time);
    for (const time of ["15:00:00", "15:29:00", "15:30:00", "16:00:00"])
      expect(times(true)).toContain(time);
  });

  test("prices jump on the session from which a disclosure counts and not on the one before or after", () => {
    const { calendar } = market.sessions;
    const closes = new Map(
      allRows(market, "/equities/bars/daily").map((row) => [
        `${text(row, "Code")}${text(row, "Date")}`,
        row,
      ]),
    );
    const moves = [0, 0, 0];
    let count = 0;
    for (const row of releases.filter(({ RetroRst }) => RetroRst === "false")) {
      const session = effectiveSession(
        calendar,
        epochDay(text(row, "DiscDate")),
        text(row, "DiscTime"),
      );
      const at = [-2, -1, 0, 1].map((shift) => {
        const day = market.sessions.indexOf(calendar.add(session, shift));
        return day < 0 ? undefined : closes.get(`${text(row, "Code")}${market.sessions.iso(day)}`);
      });
      const prices = at.map((bar) => Number(bar?.["AdjC"] ?? Number.NaN));
      const returns = [1, 2, 3].map((i) => Math.abs(prices[i] / prices[i - 1] - 1));
      if (returns.some(Number.isNaN)) continue;
      returns.forEach((move, i) => {
        moves[i] += move;
      });
      count += 1;
    }
    expect(count).toBeGreaterThan(1000);
    expect(moves[1] / moves[0]).toBeGreaterThan(1.8);
    expect(moves[1] / moves[2]).toBeGreaterThan(1.8);
  });

  test("balance sheets balance and gross profit is sales less cost", () => {
    for (const row of allRows(market, "/fins/details")) {
      const statement = new Map(Object.entries(row["FS"] ?? {}));
      const value = (...names: string[]): number =>
        Number(names.map((name) => statement.get(name)).find((cell) => cell !== undefined));
      const assets = value("Total assets", "Assets (IFRS)");
      const other =
        value("Liabilities", "Liabilities (IFRS)") + value("Net assets", "Equity (IFRS)");
      expect(Math.abs(assets - other)).toBeLessThanOrEqual(1e6);
      const gross =
        value("Net sales", "Revenue (IFRS)") - value("Cost of sales", "Cost of sales (IFRS)");
      expect(
        Math.abs(gross - value("Gross profit (loss)", "Gross profit (IFRS)")),
      ).toBeLessThanOrEqual(1e6);
    }
  });
});

describe("schedules and dividends", () => {
  test("every release was scheduled, and the last schedule before it names its day", () => {
    const schedule = Map.groupBy(
      allRows(market, "/fins/earnings-date"),
      (row) => `${text(row, "Code")}${text(row, "SchDate")}`,
    );
    for (const row of releases.filter(
      ({ RetroRst, DiscDate }) => RetroRst === "false" && String(DiscDate) > "2022-03-01",
    )) {
      const entry = schedule.get(`${text(row, "Code")}${text(row, "DiscDate")}`)?.at(-1);
      expect(text(entry ?? {}, "PubDate") < text(row, "DiscDate")).toBe(true);
    }
    const dates = Map.groupBy(
      allRows(market, "/fins/earnings-date"),
      (row) => `${text(row, "Code")}${text(row, "FQName")}${text(row, "PubDate").slice(0, 4)}`,
    );
    expect([...dates.values()].some((list) => list.length > 1)).toBe(true);
  });

  test("the earnings calendar holds March and September year-ends only", () => {
    const calendar = allRows(market, "/equities/earnings-calendar");
    expect(new Set(calendar.map((row) => row["FY"]))).toEqual(new Set(["3月31日", "9月30日"]));
  });

  test("dividend chains begin with a new notice, refer to it, and hold corrections, deletions and undecided rates", () => {
    const notices = allRows(market, "/fins/dividend");
    const originals = new Map(
      notices.filter((row) => row["StatCode"] === "1").map((row) => [row["RefNo"], row]),
    );
    for (const row of notices) {
      if (row["StatCode"] === "1") expect(row["CARefNo"]).toBe(row["RefNo"]);
      else expect(originals.get(row["CARefNo"])?.["Code"]).toBe(row["Code"]);
      expect(text(row, "ExDate") < text(row, "RecDate")).toBe(true);
    }
    expect(new Set(notices.map((row) => row["StatCode"]))).toEqual(new Set(["1", "2", "3"]));
    expect(notices.some((row) => row["DivRate"] === "-")).toBe(true);
  });
});

test("a company may file two documents on one day under numbers of their own", () => {
  const days = Map.groupBy(rows, (row) => `${text(row, "Code")}${text(row, "DiscDate")}`);
  const pairs = [...days.values()].filter((list) => list.length > 1);
  expect(pairs.length).toBeGreaterThan(3);
  for (const list of pairs)
    expect(new Set(list.map((row) => row["DiscNo"])).size).toBe(list.length);
});
