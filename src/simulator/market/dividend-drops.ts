// Falls of the close on ex-dates, for markets that are asked to have them: the dividend as it was known the day before.

import { civilOfDay } from "../../calendar/index.ts";
import { yearOf } from "./anchors.ts";
import { exDayOf } from "./dividends.ts";
import { type Filing, monthEnd } from "./filings.ts";
import type { Sessions } from "./sessions.ts";

export interface DividendDrop {
  readonly session: number;
  readonly issue: number;
  /** Yen in total, at scale 1. */
  readonly total: number;
  /** Fiscal year, by the calendar year of its end, whose scale applies. */
  readonly year: number;
}

export interface DividendDrops {
  on(session: number): readonly DividendDrop[];
  /** Drops of an issue, oldest first. */
  of(issue: number): readonly DividendDrop[];
}

/** Interim and final dividends of every company whose last filing before the ex-date gives one. */
export function createDividendDrops(
  byCompany: ReadonlyMap<number, readonly Filing[]>,
  sessions: Sessions,
): DividendDrops {
  const drops: DividendDrop[] = [];
  for (const filings of byCompany.values()) {
    for (const [recordDay, term] of recordDaysOf(filings)) {
      const exDay = exDayOf(sessions, recordDay);
      const session = sessions.indexOf(exDay);
      const last = filings.findLast((filing) => filing.day < exDay && filing.session < session);
      if (session < 0 || last === undefined) continue;
      const total = dividendOf(last, recordDay, term);
      const year = yearOf(last) + (recordDay <= last.fiscalYearEnd ? 0 : 1);
      if (total > 0) drops.push({ session, issue: last.issue, total, year });
    }
  }
  const bySession = Map.groupBy(drops, (drop) => drop.session);
  const byIssue = Map.groupBy(drops, (drop) => drop.issue);
  return {
    on: (session) => bySession.get(session) ?? [],
    of: (issue) => byIssue.get(issue) ?? [],
  };
}

type Term = "interim" | "final";

/** Record days of the fiscal years that filings speak of, the next one included. */
function recordDaysOf(filings: readonly Filing[]): ReadonlyMap<number, Term> {
  const days = new Map<number, Term>();
  for (const { fiscalYearEnd } of filings) {
    const { month, year } = civilOfDay(fiscalYearEnd);
    for (const end of [year, year + 1]) {
      days.set(monthEnd(end, month - 6), "interim");
      days.set(monthEnd(end, month), "final");
    }
  }
  return days;
}

/** What a filing says of the dividend with that record day: its own year's figures, or the forecast of the next. */
function dividendOf(
  { figures, fiscalYearEnd, kind, quarter }: Filing,
  recordDay: number,
  term: Term,
): number {
  const isThisYear = recordDay <= fiscalYearEnd;
  const speaksOfNext = quarter === 4 && (kind === "release" || kind === "correction");
  if (isThisYear) return figures.dividends[term];
  return speaksOfNext && recordDay <= fiscalYearEnd + 370 ? figures.dividendForecast[term] : 0;
}
