// Which bulk files an endpoint has on a day: one a finished month, one a day of the months that are not folded yet.

import { civilOfDay, dayOfCivil, epochDay, isoDate, jstDay } from "../../calendar/index.ts";
import { tableName } from "../../jquants/index.ts";
import type { DaySpan } from "./parameters.ts";
import type { RowStore, Subscription } from "./served-market.ts";

export interface BulkPeriod {
  readonly key: string;
  /** The days whose rows the file holds. */
  readonly span: DaySpan;
  /** True while it is still served by the day. */
  readonly isLive: boolean;
}

/** Until this day of a month the month before is still served by the day. */
export const foldDay = 3;

const calendarPath = "/markets/calendar";
const calendarKey = "markets/calendar/markets_calendar.csv.gz";

/** Periods from the subscription's window on, or from where the market begins. */
export function bulkPeriods(
  store: RowStore,
  path: string,
  { window, nowMs }: Subscription,
): BulkPeriod[] {
  const today = jstDay(nowMs);
  if (path === calendarPath) {
    const span = { fromDay: window.fromDay, toDay: store.calendar.lastDay };
    return [{ key: calendarKey, span, isLive: true }];
  }
  const from = Math.max(window.fromDay, epochDay(store.market.config.from));
  const { year, month, dayOfMonth } = civilOfDay(today);
  const live = dayOfMonth <= foldDay ? monthOf(year, month - 1) : monthOf(year, month);
  const periods: BulkPeriod[] = [];
  let current = monthOf(civilOfDay(from).year, civilOfDay(from).month);
  for (; current.fromDay < live.fromDay; current = monthAfter(current)) {
    periods.push({ key: monthKey(path, current.fromDay), span: current, isLive: false });
  }
  for (let day = Math.max(live.fromDay, from); day <= today; day += 1) {
    periods.push({ key: dayKey(path, day), span: { fromDay: day, toDay: day }, isLive: true });
  }
  return periods;
}

/** True when the spans share a day. */
export function overlaps(left: DaySpan, right: DaySpan): boolean {
  return left.fromDay <= right.toDay && right.fromDay <= left.toDay;
}

/** `equities/bars/daily/historical/2025/equities_bars_daily_202501.csv.gz` */
function monthKey(path: string, firstDay: number): string {
  const [year, month] = isoDate(firstDay).split("-");
  return `${path.slice(1)}/historical/${year}/${fileStem(path)}_${year}${month}.csv.gz`;
}

/** `equities/bars/daily/live/equities_bars_daily_20260817.csv.gz` */
function dayKey(path: string, day: number): string {
  return `${path.slice(1)}/live/${fileStem(path)}_${isoDate(day).replaceAll("-", "")}.csv.gz`;
}

/** Unlike a table's name, a file's keeps its hyphens. */
function fileStem(path: string): string {
  return path.includes("-") ? path.slice(1).replaceAll("/", "_") : tableName(path);
}

/** The month `month` of `year`; month 0 is the December before. */
function monthOf(year: number, month: number): DaySpan {
  const fromDay = month < 1 ? dayOfCivil(year - 1, month + 12, 1) : dayOfCivil(year, month, 1);
  const next = civilOfDay(fromDay + 31);
  return { fromDay, toDay: dayOfCivil(next.year, next.month, 1) - 1 };
}

function monthAfter({ toDay }: DaySpan): DaySpan {
  const { year, month } = civilOfDay(toDay + 1);
  return monthOf(year, month);
}
