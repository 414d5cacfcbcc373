// Where a calendar comes from: the rows of J-Quants /markets/calendar, or the rules of the JPX where there are none.

import holidayJp from "@holiday-jp/holiday_jp";
import { SchemaError } from "../errors.ts";
import { Calendar, type HolidayDivision } from "./calendar.ts";
import { civilOfDay, dayOfWeek, epochDay, isoDate } from "./days.ts";

/** First session of the Prime, Standard and Growth markets, which replaced the First and Second Sections, Mothers and JASDAQ. */
export const marketReformDay: number = epochDay("2022-04-04");

/** First holiday on which the Osaka Exchange traded derivatives. */
export const holidayTradingDay: number = epochDay("2022-09-23");

/** The exchange's system failed before the open and stayed down: a session without a single trade. */
export const systemHaltDay: number = epochDay("2020-10-01");

/**
 * Sessions of the morning only. The last trading day of 2009 and the first of 2010 were full days, and so is every one
 * since: https://media.rakuten-sec.net/articles/print/18698
 */
const halfDays: ReadonlySet<number> = new Set(
  ["2008-01-04", "2008-12-30", "2009-01-05"].map(epochDay),
);

/**
 * Holidays that the exchange left out of holiday trading beside 31 December, 1 and 2 January (system tests and migrations):
 * https://www.jpx.co.jp/derivatives/rules/holidaytrading/
 */
const withoutHolidayTrading: ReadonlySet<number> = new Set(
  [
    "2023-01-09",
    "2024-01-08",
    "2024-08-12",
    "2024-09-16",
    "2024-11-04",
    "2025-01-13",
    "2025-09-15",
    "2026-11-23",
  ].map(epochDay),
);

export interface JpxRange {
  /** First day, `YYYY-MM-DD`; default 2008-01-01, where J-Quants' calendar begins. */
  readonly from?: string;
  /** Last day, `YYYY-MM-DD`; default 2027-12-31. */
  readonly to?: string;
}

/**
 * The calendar by rule: closed on Saturdays, Sundays, national holidays and from 31 December to 3 January. One-off holidays
 * (2019's ten days, the Olympic ones of 2020 and 2021) are in the holiday package. Holiday trading of derivatives is by rule
 * and by the exchange's announced exceptions, so divisions 0 and 3 of future years may change; sessions do not depend on them.
 */
export function jpxCalendar({ from = "2008-01-01", to = "2027-12-31" }: JpxRange = {}): Calendar {
  const firstDay = epochDay(from);
  const length = Math.max(0, epochDay(to) - firstDay + 1);
  const holidays = new Set(Object.keys(holidayJp.holidays));
  return new Calendar({
    firstDay,
    divisions: Array.from({ length }, (_, i) => divisionByRule(firstDay + i, holidays)),
    haltedDays: [systemHaltDay],
    source: "JPX rules",
  });
}

/** A row of J-Quants `/markets/calendar`. */
export interface CalendarRow {
  /** `YYYY-MM-DD`. */
  readonly Date: string;
  /** "0" to "3". */
  readonly HolDiv: string | number;
}

export interface RowsOptions {
  /** Fills the days before the first and after the last row; must reach the rows. Without it the calendar ends with them. */
  readonly base?: Calendar;
}

/**
 * The calendar of the API's rows, in any order. Throws SchemaError for an unknown division, a date that comes twice, or a
 * day missing between the first and the last row.
 */
export function calendarFromRows(rows: Iterable<CalendarRow>, options: RowsOptions = {}): Calendar {
  const byDay = new Map<number, HolidayDivision>();
  for (const row of rows) {
    const day = epochDay(row.Date);
    if (byDay.has(day)) {
      throw new SchemaError(`/markets/calendar: expected ${row.Date} once, found it twice`);
    }
    byDay.set(day, parseDivision(row));
  }
  const { firstRow, lastRow } = spanOfRows(byDay);
  const firstDay = Math.min(firstRow, options.base?.firstDay ?? firstRow);
  const lastDay = Math.max(lastRow, options.base?.lastDay ?? lastRow);
  const divisions: HolidayDivision[] = [];
  for (let day = firstDay; day <= lastDay; day += 1) {
    const isOutside = day < firstRow || day > lastRow;
    const division = isOutside ? options.base?.holidayDivision(day) : byDay.get(day);
    if (division === undefined) {
      throw new SchemaError(
        `/markets/calendar: expected a row for every day, found none for ${isoDate(day)}`,
      );
    }
    divisions.push(division);
  }
  return new Calendar({
    firstDay,
    divisions,
    haltedDays: [systemHaltDay],
    source: "/markets/calendar",
  });
}

function divisionByRule(day: number, holidays: ReadonlySet<string>): HolidayDivision {
  if (dayOfWeek(day) >= 6) return 0;
  const { month, dayOfMonth } = civilOfDay(day);
  const isYearEnd = (month === 12 && dayOfMonth === 31) || (month === 1 && dayOfMonth <= 3);
  if (!isYearEnd && !holidays.has(isoDate(day))) return halfDays.has(day) ? 2 : 1;
  if (day < holidayTradingDay || withoutHolidayTrading.has(day)) return 0;
  return isYearEnd && dayOfMonth !== 3 ? 0 : 3;
}

function parseDivision(row: CalendarRow): HolidayDivision {
  switch (String(row.HolDiv)) {
    case "0":
      return 0;
    case "1":
      return 1;
    case "2":
      return 2;
    case "3":
      return 3;
    default:
      throw new SchemaError(
        `/markets/calendar ${row.Date}: expected HolDiv 0, 1, 2 or 3, found ${row.HolDiv}`,
      );
  }
}

function spanOfRows(byDay: ReadonlyMap<number, HolidayDivision>): {
  readonly firstRow: number;
  readonly lastRow: number;
} {
  if (byDay.size === 0) {
    throw new SchemaError("/markets/calendar: expected at least one row, found none");
  }
  let firstRow = Number.POSITIVE_INFINITY;
  let lastRow = Number.NEGATIVE_INFINITY;
  for (const day of byDay.keys()) {
    firstRow = Math.min(firstRow, day);
    lastRow = Math.max(lastRow, day);
  }
  return { firstRow, lastRow };
}
