// Dividend notifications: a forecast with last year's results, corrections when it is revised, the resolution with the results.

import { civilOfDay, epochDay, isoDate } from "../../calendar/index.ts";
import type { MarketContext, RowQuery } from "./context.ts";
import type { Filing } from "./filings.ts";
import { monthEnd } from "./filings.ts";
import { dividendPerShare } from "./statement-rows.ts";
import type { MarketRow } from "./types.ts";

/** First ex-date under settlement in two days instead of three. */
const shorterSettlement = epochDay("2019-07-16");

const specialsFrom = epochDay("2022-06-06");

export interface DividendNotice {
  readonly filing: Filing;
  /** 1 new, 2 correction, 3 deletion. */
  readonly status: "1" | "2" | "3";
  /** 1 interim, 2 year-end. */
  readonly term: "1" | "2";
  readonly isForecast: boolean;
  readonly recordDay: number;
  /** Yen in total; undefined while undecided. */
  readonly total: number | undefined;
  readonly reference: string;
  /** Reference of the chain's first notice. */
  readonly original: string;
}

/** All notices by publication day and time. */
export function createDividends({
  filings,
}: Pick<MarketContext, "filings">): readonly DividendNotice[] {
  const chains = new Map<string, string>();
  const notices: DividendNotice[] = [];
  let day = Number.NaN;
  let sequence = 0;
  let prefix = "";
  for (const filing of filings.filings) {
    if (filing.day !== day) {
      day = filing.day;
      sequence = 0;
      prefix = `${isoDate(day).replaceAll("-", "")}1B`;
    }
    for (const draft of draftsOf(filing)) {
      const key = `${filing.issue}/${draft.term}/${draft.recordDay}`;
      sequence += 1;
      const reference = `${prefix}${String(sequence).padStart(5, "0")}`;
      const original = chains.get(key);
      const status = original === undefined ? "1" : draft.status;
      if (status === "3") chains.delete(key);
      else chains.set(key, original ?? reference);
      notices.push({ ...draft, filing, status, reference, original: original ?? reference });
    }
  }
  return notices;
}

type Draft = Pick<DividendNotice, "term" | "isForecast" | "recordDay" | "total"> & {
  readonly status: "2" | "3";
};

function draftsOf(filing: Filing): readonly Draft[] {
  const { dividendForecast, dividends } = filing.figures;
  const { fiscalYearEnd, kind, quarter } = filing;
  const final = { term: "2", recordDay: fiscalYearEnd, status: "2" } as const;
  if (kind === "dividendRevision") return [{ ...final, isForecast: true, total: dividends.final }];
  if (kind !== "release") return [];
  if (quarter === 2 && dividends.interim > 0) {
    return [
      {
        term: "1",
        status: "2",
        isForecast: false,
        recordDay: filing.periodEnd,
        total: dividends.interim,
      },
    ];
  }
  if (quarter !== 4) return withMistake(filing);
  const next = yearLater(fiscalYearEnd);
  const drafts: Draft[] = [];
  if (dividends.final > 0) drafts.push({ ...final, isForecast: false, total: dividends.final });
  if (dividendForecast.interim > 0) {
    const { month, year } = civilOfDay(next);
    const total = dividendForecast.interim;
    drafts.push({
      term: "1",
      status: "2",
      isForecast: true,
      recordDay: monthEnd(year, month - 6),
      total,
    });
  }
  const isUndecided = filing.issue % 25 === 3;
  const total = isUndecided ? undefined : dividendForecast.final;
  if (dividendForecast.final > 0)
    drafts.push({ term: "2", status: "2", isForecast: true, recordDay: next, total });
  return drafts;
}

/** Now and then a notice of a dividend that is not paid is sent and deleted by the next one. */
function withMistake(filing: Filing): readonly Draft[] {
  if ((filing.issue * 31 + filing.fiscalYearEnd) % 41 !== 0) return [];
  const mistaken = { term: "1", isForecast: true, recordDay: filing.fiscalYearStart + 88 } as const;
  const total = filing.figures.dividends.final;
  if (filing.quarter === 1) return [{ ...mistaken, status: "2", total }];
  return filing.quarter === 3 ? [{ ...mistaken, status: "3", total }] : [];
}

function yearLater(day: number): number {
  const { month, year } = civilOfDay(day);
  return monthEnd(year + 1, month);
}

/** Rows of /fins/dividend by publication date. */
export function dividends(market: MarketContext, query: RowQuery): MarketRow[] {
  const wanted = new Set(query.issues.map((issue) => issue.index));
  return market
    .dividendNotices()
    .filter(
      ({ filing }) =>
        filing.day >= query.fromDay && filing.day <= query.toDay && wanted.has(filing.issue),
    )
    .map((notice) => dividendRow(market, notice));
}

/** Ex-date of a record day: one session before the last session up to it, two before 2019-07-16. */
export function exDayOf({ calendar }: MarketContext["sessions"], recordDay: number): number {
  const record = calendar.onOrBefore(recordDay);
  const day = calendar.add(record, -1);
  return day >= shorterSettlement ? day : calendar.add(record, -2);
}

function dividendRow(market: MarketContext, notice: DividendNotice): MarketRow {
  const { filing, isForecast, recordDay, term } = notice;
  const { capital, issues, sessions } = market;
  const outstanding = capital.shares(filing.issue, filing.session) * (1 - filing.figures.treasury);
  const rate = notice.total === undefined ? "-" : dividendPerShare(notice.total, outstanding);
  const hasSpecials = filing.day >= specialsFrom;
  return {
    PubDate: isoDate(filing.day),
    PubTime: filing.time,
    Code: issues[filing.issue].code,
    RefNo: notice.reference,
    StatCode: notice.status,
    BoardDate: isoDate(filing.day),
    IFCode: term,
    FRCode: isForecast ? "2" : "1",
    IFTerm: isoDate(recordDay).slice(0, 7),
    DivRate: rate,
    RecDate: isoDate(recordDay),
    ExDate: isoDate(exDayOf(sessions, recordDay)),
    ActRecDate: isoDate(sessions.calendar.onOrBefore(recordDay)),
    PayDate: isForecast ? "-" : isoDate(sessions.calendar.onOrAfter(recordDay + 80)),
    CARefNo: notice.original,
    DistAmt: "",
    RetEarn: "",
    DeemDiv: "",
    DeemCapGains: "",
    NetAssetDecRatio: "",
    CommSpecCode: "0",
    CommDivRate: hasSpecials ? 0 : "",
    SpecDivRate: hasSpecials ? 0 : "",
  };
}
