// Small synthetic rows of a few endpoints for the counting service.

import { isoDate, type Calendar } from "../../src/calendar/index.ts";
import type { RawRow } from "../../src/lake/index.ts";

/** Bars, lists, statements, indices, flows and calendar of a few codes on every session of [from, to]. */
export function marketRows(
  calendar: Calendar,
  from: number,
  to: number,
  codes: readonly string[] = ["13010", "72030", "130A0"],
): Map<string, RawRow[]> {
  const bars: RawRow[] = [];
  const lists: RawRow[] = [];
  const statements: RawRow[] = [];
  const topix: RawRow[] = [];
  const flows: RawRow[] = [];
  const days: RawRow[] = [];
  for (let day = from; day <= to; day += 1) {
    const date = isoDate(day);
    days.push({ Date: date, HolDiv: String(calendar.holidayDivision(day)) });
    if (!calendar.isSession(day)) continue;
    topix.push({ Date: date, O: day, H: day, L: day, C: day });
    if (day % 5 === 0) flows.push(flow(date, isoDate(day - 7), isoDate(day - 3)));
    codes.forEach((code, at) => {
      bars.push(bar(date, code, day % 11 === at ? null : 1000 + day / 10 + at));
      lists.push(listing(date, code));
      if ((day + at) % 9 === 0) statements.push(statement(date, code, day));
    });
  }
  return new Map([
    ["/equities/bars/daily", bars],
    ["/equities/master", lists],
    ["/fins/summary", statements],
    ["/indices/bars/daily/topix", topix],
    ["/equities/investor-types", flows],
    ["/markets/calendar", days],
  ]);
}

export function bar(date: string, code: string, price: number | null): RawRow {
  const prices = { O: price, H: price, L: price, C: price };
  const traded = { Vo: price === null ? null : 100, Va: price === null ? null : 1000 };
  return { Date: date, Code: code, ...prices, UL: "0", LL: "0", ...traded, AdjFactor: 1 };
}

function listing(date: string, code: string): RawRow {
  return {
    Date: date,
    Code: code,
    CoName: `会社${code}`,
    CoNameEn: `Company, ${code}`,
    S17: "1",
    S17Nm: "食品",
    S33: "0050",
    S33Nm: "水産・農林業",
    ScaleCat: "-",
    Mkt: "0111",
    MktNm: "プライム",
    Mrgn: "1",
    MrgnNm: "信用",
    ProdCat: "011",
  };
}

function statement(date: string, code: string, day: number): RawRow {
  return {
    DiscDate: date,
    DiscTime: "15:00:00",
    Code: code,
    DiscNo: `${date.replaceAll("-", "")}${code}`,
    DocType: "1QFinancialStatements_Consolidated_JP",
    Sales: String(day),
    OP: "",
  };
}

function flow(published: string, start: string, end: string): RawRow {
  return { PubDate: published, StDate: start, EnDate: end, Section: "TSEPrime", PropSell: 5 };
}
