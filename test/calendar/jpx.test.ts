import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  type Calendar,
  calendarFromRows,
  type CalendarRow,
  dayOfWeek,
  epochDay,
  holidayTradingDay,
  isoDate,
  jpxCalendar,
  marketReformDay,
} from "../../src/calendar/index.ts";

interface Golden {
  readonly from: string;
  readonly to: string;
  readonly closedWeekdays: readonly string[];
  readonly differences: { readonly onlyXtks: readonly string[] };
}

const golden: Golden = JSON.parse(
  readFileSync(new URL("../golden/jpx-sessions.json", import.meta.url), "utf8"),
);
const calendar = jpxCalendar();

function sessionDates(from: string, to: string): string[] {
  return Array.from(calendar.sessionsBetween(epochDay(from), epochDay(to)), isoDate);
}

function rowsOf(source: Calendar, from: string, to: string): CalendarRow[] {
  const rows: CalendarRow[] = [];
  for (let day = epochDay(from); day <= epochDay(to); day += 1) {
    rows.push({ Date: isoDate(day), HolDiv: String(source.holidayDivision(day)) });
  }
  return rows;
}

test("the rules close the same weekdays from 2008 to 2027 as jpholiday and exchange_calendars' XTKS", () => {
  const closed: string[] = [];
  for (let day = epochDay(golden.from); day <= epochDay(golden.to); day += 1) {
    if (dayOfWeek(day) < 6 && !calendar.isSession(day)) closed.push(isoDate(day));
    if (dayOfWeek(day) >= 6) expect(calendar.isSession(day)).toBe(false);
  }
  expect(closed).toEqual(golden.closedWeekdays);
  expect(golden.differences.onlyXtks).toEqual(["2020-10-01"]);
});

test("2020-10-01 is a session on which nothing traded, and the only one", () => {
  const halt = epochDay("2020-10-01");
  expect(calendar.isSession(halt)).toBe(true);
  expect(Array.from(calendar.sessions).filter((day) => calendar.isHalted(day))).toEqual([halt]);
});

test("Golden Week 2024 has sessions on 30 April, 1, 2 and 7 May", () => {
  expect(sessionDates("2024-04-27", "2024-05-07")).toEqual([
    "2024-04-30",
    "2024-05-01",
    "2024-05-02",
    "2024-05-07",
  ]);
});

test("the year ends on 30 December and begins on 4 January, or on the weekday next to it", () => {
  expect(sessionDates("2024-12-28", "2025-01-07")).toEqual([
    "2024-12-30",
    "2025-01-06",
    "2025-01-07",
  ]);
  expect(sessionDates("2022-12-29", "2023-01-04")).toEqual([
    "2022-12-29",
    "2022-12-30",
    "2023-01-04",
  ]);
});

test("the enthronement of 2019 closes ten days in a row", () => {
  expect(isoDate(calendar.next(epochDay("2019-04-26")))).toBe("2019-05-07");
  expect(calendar.isSession(epochDay("2019-10-22"))).toBe(false);
});

test("the holidays that the Olympics moved in 2020 and 2021 are closed where they went, open where they were", () => {
  const closed = [
    "2020-07-23",
    "2020-07-24",
    "2020-08-10",
    "2021-07-22",
    "2021-07-23",
    "2021-08-09",
  ];
  const open = ["2020-07-20", "2020-10-12", "2021-07-19", "2021-10-11", "2021-08-11"];
  expect(closed.filter((date) => calendar.isSession(epochDay(date)))).toEqual([]);
  expect(open.filter((date) => !calendar.isSession(epochDay(date)))).toEqual([]);
});

test("only three sessions since 2008 were half days: full days came with the end of 2009", () => {
  const halfDays = Array.from(calendar.sessions)
    .filter((day) => calendar.isHalfDay(day))
    .map(isoDate);
  expect(halfDays).toEqual(["2008-01-04", "2008-12-30", "2009-01-05"]);
  expect(calendar.holidayDivision(epochDay("2009-12-30"))).toBe(1);
  expect(calendar.holidayDivision(epochDay("2010-01-04"))).toBe(1);
});

test("the market reform of 2022-04-04 was a session", () => {
  expect(isoDate(marketReformDay)).toBe("2022-04-04");
  expect(calendar.isSession(marketReformDay)).toBe(true);
});

test.each([
  ["2022-07-18", 0],
  ["2022-09-19", 0],
  ["2022-09-23", 3],
  ["2023-01-02", 0],
  ["2023-01-03", 3],
  ["2023-01-09", 0],
  ["2024-01-02", 0],
  ["2024-01-03", 3],
  ["2024-01-08", 0],
  ["2024-02-12", 3],
  ["2024-05-06", 3],
  ["2024-08-12", 0],
  ["2024-09-16", 0],
  ["2024-09-23", 3],
  ["2024-11-04", 0],
  ["2024-12-31", 0],
  ["2025-01-01", 0],
  ["2025-01-13", 0],
  ["2026-11-23", 0],
] as const)("HolDiv of the closed day %s is %i, as the exchange announced", (date, division) => {
  expect(calendar.holidayDivision(epochDay(date))).toBe(division);
});

test("derivatives-only days begin on 2022-09-23, never fall on a weekend and are never sessions", () => {
  let first = 0;
  for (let day = calendar.firstDay; day <= calendar.lastDay; day += 1) {
    if (calendar.holidayDivision(day) !== 3) continue;
    first ||= day;
    expect(dayOfWeek(day)).toBeLessThan(6);
    expect(calendar.isSession(day)).toBe(false);
    expect(calendar.sessionIndex(day)).toBe(-1);
  }
  expect(first).toBe(holidayTradingDay);
});

test("a calendar from the API's rows, in any order, equals the one they were printed from", () => {
  const rows = rowsOf(calendar, "2008-01-01", "2027-12-31").reverse();
  const parsed = calendarFromRows(rows);
  expect(parsed.sessions).toEqual(calendar.sessions);
  expect(rowsOf(parsed, "2008-01-01", "2027-12-31")).toEqual(
    rowsOf(calendar, "2008-01-01", "2027-12-31"),
  );
  expect(parsed.isHalted(epochDay("2020-10-01"))).toBe(true);
  expect(parsed.source).toBe("/markets/calendar");
});

test("the API's rows win over the rules, which only fill the days outside them", () => {
  const rows = rowsOf(calendar, "2024-11-04", "2024-11-06").map((row) =>
    row.Date === "2024-11-06" ? { ...row, HolDiv: "0" } : row,
  );
  const merged = calendarFromRows(rows, { base: calendar });
  expect(merged.isSession(epochDay("2024-11-06"))).toBe(false);
  expect(merged.isSession(epochDay("2024-11-07"))).toBe(true);
  expect([merged.firstDay, merged.lastDay]).toEqual([calendar.firstDay, calendar.lastDay]);
});

test("rows that leave a day out, repeat one, carry an unknown division or are none are refused by name", () => {
  const rows = rowsOf(calendar, "2024-11-01", "2024-11-05");
  expect(() => calendarFromRows(rows.filter((row) => row.Date !== "2024-11-03"))).toThrow(
    "expected a row for every day, found none for 2024-11-03",
  );
  expect(() => calendarFromRows([...rows, rows[0]])).toThrow(
    "expected 2024-11-01 once, found it twice",
  );
  expect(() => calendarFromRows([{ Date: "2024-11-01", HolDiv: "4" }])).toThrow(
    "2024-11-01: expected HolDiv 0, 1, 2 or 3, found 4",
  );
  expect(() => calendarFromRows([])).toThrow("expected at least one row, found none");
});
