// Filings of every company: earnings releases by quarter, forecast and dividend revisions, corrections. What a filing says
// beyond what was known is its surprise, a draw of its own: it moves the price once and nothing public foretells it.

import { civilOfDay, dayOfCivil, effectiveSession } from "../../calendar/index.ts";
import type { Rng } from "../../rng.ts";
import { disclosureTime, partOfTime } from "./filing-times.ts";
import { Fundamentals, type Figures } from "./fundamentals.ts";
import { mixingScale } from "./factors.ts";
import type { Issue } from "./issues.ts";
import { Jumps } from "./jumps.ts";
import type { Sessions } from "./sessions.ts";

export type FilingKind = "release" | "revision" | "dividendRevision" | "correction";

export interface Filing {
  /** Issue under whose code it is filed. */
  readonly issue: number;
  readonly kind: FilingKind;
  /** Quarter 1 to 4 that it reports, or that a revision precedes. */
  readonly quarter: number;
  readonly fiscalYearStart: number;
  readonly fiscalYearEnd: number;
  readonly periodEnd: number;
  /** Epoch day and `HH:MM` of the disclosure. */
  readonly day: number;
  readonly time: string;
  /** Session index from which it counts; the session count when that is after the span. */
  readonly session: number;
  /** Standard deviations above what was expected; 0 for corrections. */
  readonly surprise: number;
  readonly figures: Figures;
  /** `YYYYMMDD` and six digits, ascending in time of day. */
  readonly number: string;
}

export interface FilingBook {
  /** Ascending by number. */
  readonly filings: readonly Filing[];
  /** Filings of each company (root issue), oldest first. */
  readonly byCompany: ReadonlyMap<number, readonly Filing[]>;
}

/** Filings before their figures follow the market, and the price moves that they cause. */
export interface DraftBook extends FilingBook {
  readonly jumps: Jumps;
}

type Draft = Omit<Filing, "number">;

/** Writes every company's filings of the span and the price jumps that they cause. */
export function createFilings(rng: Rng, issues: readonly Issue[], sessions: Sessions): DraftBook {
  const drafts: Draft[] = [];
  const jumps = new Jumps();
  const successors = new Map(issues.map((issue) => [issue.predecessor, issue]));
  for (const root of issues) {
    if (root.kind !== "stock" || root.predecessor >= 0) continue;
    const successor = successors.get(root.index);
    const chain = successor === undefined ? [root] : [root, successor];
    draftCompany({ rng: rng.split(root.code), root, chain, sessions, drafts, jumps });
  }
  drafts.sort(
    (a, b) =>
      a.day - b.day || compare(a.time, b.time) || a.issue - b.issue || a.quarter - b.quarter,
  );
  return { ...bookOf(number(drafts), issues), jumps };
}

/** Filings, ascending by number, with their companies' lists. */
export function bookOf(filings: readonly Filing[], issues: readonly Issue[]): FilingBook {
  return { filings, byCompany: Map.groupBy(filings, (filing) => issues[filing.issue].company) };
}

interface CompanyInput {
  readonly rng: Rng;
  readonly root: Issue;
  /** The issue, and the one that took over its code. */
  readonly chain: readonly Issue[];
  readonly sessions: Sessions;
  readonly drafts: Draft[];
  readonly jumps: Jumps;
}

interface Period {
  readonly quarter: number;
  readonly fiscalYearStart: number;
  readonly fiscalYearEnd: number;
  readonly periodEnd: number;
}

function draftCompany(input: CompanyInput): void {
  const { rng, root, sessions } = input;
  const fundamentals = new Fundamentals(rng.split("figures"), root);
  const habit = { delay: 30 + rng.integer(15), time: rng.uniform() };
  for (const period of periodsOf(root.fiscalMonth, sessions)) {
    const { fiscalYearEnd, fiscalYearStart, periodEnd, quarter } = period;
    const due = periodEnd + habit.delay + rng.integer(4);
    if (rng.uniform() < 0.14) {
      const surprise = drawSurprise(rng);
      const figures = fundamentals.revise(period.quarter, surprise);
      file(
        input,
        { ...period, kind: "revision", figures, surprise, day: due - 12 - rng.integer(16) },
        rng.uniform(),
      );
    }
    const time = rng.uniform() < 0.85 ? habit.time : rng.uniform();
    if (rng.uniform() < 0.05) {
      const surprise = 0.5 * drawSurprise(rng);
      const figures = fundamentals.reviseDividend(surprise);
      const isWithRelease = rng.uniform() < 0.3;
      const day = isWithRelease ? due : due - 4 - rng.integer(8);
      const revision = { ...period, kind: "dividendRevision", figures, surprise, day } as const;
      file(input, revision, isWithRelease ? time : rng.uniform());
    }
    const surprise = drawSurprise(rng);
    const figures = fundamentals.release(quarter, surprise);
    file(input, { ...period, kind: "release", figures, surprise, day: due }, time);
    if (rng.uniform() < 0.02) {
      const corrected = fundamentals.correct(figures);
      const day = due + 5 + rng.integer(30);
      const correction = {
        fiscalYearEnd,
        fiscalYearStart,
        periodEnd,
        quarter,
        surprise: 0,
        day,
      } as const;
      file(input, { ...correction, kind: "correction", figures: corrected }, rng.uniform());
    }
  }
}

/** Releases this long after the span are still scheduled within it. */
const scheduledAhead = 60;

/** Files under the company's code of the day, on a session, and moves the price; nothing where the company is not listed. */
function file(
  { chain, drafts, jumps, rng, sessions }: CompanyInput,
  draft: Omit<Draft, "issue" | "session" | "time">,
  timeDraw: number,
): void {
  const noise = rng.normal();
  const { calendar, count, haltIndex, lastDay } = sessions;
  if (draft.day < sessions.firstDay || draft.day > lastDay + scheduledAhead) return;
  const day = calendar.onOrAfter(draft.day);
  const time = disclosureTime(day, timeDraw);
  const filedOn = sessions.from(day);
  const session = sessions.from(effectiveSession(calendar, day, time));
  const filer = chain.find(
    ({ delisted, listed }) =>
      filedOn >= listed && session > listed && (session < delisted || delisted === count),
  );
  if (filer === undefined || session === haltIndex) return;
  drafts.push({ ...draft, day, time, session, issue: filer.index });
  if (draft.kind === "correction" || session >= count) return;
  const part = sessions.days[session] === day ? partOfTime(time) : 0;
  jumps.add(session, {
    issue: filer.index,
    part,
    size: 0.038 * draft.surprise + 0.022 * noise,
  });
}

function drawSurprise(rng: Rng): number {
  const scale = mixingScale(rng, 0.35);
  return scale * rng.normal();
}

/** Quarters whose filings can fall into the span, and a year before, so that figures have a past. */
function* periodsOf(fiscalMonth: number, sessions: Sessions): Generator<Period, undefined> {
  const firstYear = civilOfDay(sessions.firstDay).year - 1;
  const lastYear = civilOfDay(sessions.lastDay).year + 1;
  for (let year = firstYear; year <= lastYear; year += 1) {
    const fiscalYearEnd = monthEnd(year, fiscalMonth);
    const fiscalYearStart = monthEnd(year - 1, fiscalMonth) + 1;
    for (let quarter = 1; quarter <= 4; quarter += 1) {
      const periodEnd =
        quarter === 4 ? fiscalYearEnd : monthEnd(year, fiscalMonth - 12 + 3 * quarter);
      yield { quarter, fiscalYearStart, fiscalYearEnd, periodEnd };
    }
  }
  return undefined;
}

/** Last day of a month; months below 1 belong to the year before. */
export function monthEnd(year: number, month: number): number {
  const months = year * 12 + month;
  return dayOfCivil(Math.floor(months / 12), (months % 12) + 1, 1) - 1;
}

function number(drafts: readonly Draft[]): readonly Filing[] {
  let day = Number.NaN;
  let sequence = 0;
  let prefix = "";
  return drafts.map((draft) => {
    if (draft.day !== day) {
      day = draft.day;
      sequence = 0;
      const { year, month, dayOfMonth } = civilOfDay(day);
      prefix = `${year}${String(month).padStart(2, "0")}${String(dayOfMonth).padStart(2, "0")}`;
    }
    sequence += 1;
    return { ...draft, number: `${prefix}${String(400_000 + sequence)}` };
  });
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
