// Rows of /fins/earnings-date (schedules and their changes) and /equities/earnings-calendar (the next session's releases).

import { civilOfDay, isoDate } from "../../calendar/index.ts";
import { marketName, otherSectorNames, sectors } from "./code-tables.ts";
import type { MarketContext, RowQuery } from "./context.ts";
import type { Filing } from "./filings.ts";
import { segmentOn } from "./issues.ts";
import type { MarketRow } from "./types.ts";

/** A schedule as published; a later row of the same period replaces an earlier one. */
export interface ScheduleEntry {
  readonly filing: Filing;
  readonly published: number;
  /** Scheduled day; undefined while undecided. */
  readonly scheduled: number | undefined;
}

/**
 * Every release was scheduled about five weeks ahead; one in twelve for another day at first, which was changed a week before,
 * and one in fifty without a day.
 */
export function createSchedule({
  filings,
  sessions,
}: Pick<MarketContext, "filings" | "sessions">): readonly ScheduleEntry[] {
  const { calendar } = sessions;
  const entries: ScheduleEntry[] = [];
  for (const filing of filings.filings) {
    if (filing.kind !== "release") continue;
    const draw = (Number(filing.number.slice(-5)) * 7919 + filing.issue * 104_729) % 600;
    const published = calendar.onOrBefore(filing.day - 33 - (draw % 9));
    const changed = calendar.onOrBefore(filing.day - 7);
    if (draw < 50) {
      entries.push({
        filing,
        published,
        scheduled: calendar.add(filing.day, draw % 2 === 0 ? 2 : -1),
      });
      entries.push({ filing, published: changed, scheduled: filing.day });
    } else if (draw < 62) {
      entries.push({ filing, published, scheduled: undefined });
      entries.push({ filing, published: changed, scheduled: filing.day });
    } else {
      entries.push({ filing, published, scheduled: filing.day });
    }
  }
  return entries.sort((a, b) => a.published - b.published || a.filing.issue - b.filing.issue);
}

/** Rows by publication date. */
export function earningsDates(market: MarketContext, query: RowQuery): MarketRow[] {
  const wanted = new Set(query.issues.map((issue) => issue.index));
  return market
    .schedule()
    .filter(({ published }) => published >= query.fromDay && published <= query.toDay)
    .filter(({ filing }) => wanted.has(filing.issue))
    .map(({ filing, published, scheduled }) => {
      const issue = market.issues[filing.issue];
      return {
        PubDate: isoDate(published),
        SchDate: scheduled === undefined ? "" : isoDate(scheduled),
        FQName: filing.quarter === 4 ? "FY" : `${filing.quarter}Q`,
        FYE: isoDate(filing.fiscalYearEnd).slice(5).replace("-", ""),
        Code: issue.code,
        CoName: issue.name,
        CoNameEn: issue.nameEn,
      };
    });
}

const quarterNames = ["第１四半期", "第２四半期", "第３四半期", "本決算"] as const;

/** Releases by their day, of companies whose fiscal year ends in March or September. */
export function earningsCalendar(market: MarketContext, query: RowQuery): MarketRow[] {
  const wanted = new Set(query.issues.map((issue) => issue.index));
  const rows: MarketRow[] = [];
  for (const filing of market.filings.filings) {
    if (filing.kind !== "release" || filing.day < query.fromDay || filing.day > query.toDay)
      continue;
    const issue = market.issues[filing.issue];
    if (!wanted.has(filing.issue) || (issue.fiscalMonth !== 3 && issue.fiscalMonth !== 9)) continue;
    const { dayOfMonth, month } = civilOfDay(filing.fiscalYearEnd);
    rows.push({
      Date: isoDate(filing.day),
      Code: issue.code,
      CoName: issue.name,
      FY: `${month}月${dayOfMonth}日`,
      SectorNm: issue.sector < 0 ? otherSectorNames.name : sectors[issue.sector].name,
      FQ: quarterNames[filing.quarter - 1],
      Section: marketName(segmentOn(issue, filing.day)),
    });
  }
  return rows.sort((a, b) => compare(a["Date"], b["Date"]) || compare(a["Code"], b["Code"]));
}

function compare(a: unknown, b: unknown): number {
  if (typeof a !== "string" || typeof b !== "string" || a === b) return 0;
  return a < b ? -1 : 1;
}
