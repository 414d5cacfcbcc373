// Rows of /markets/margin-interest (weekly until 2026-09-24, daily from 2026-09-25) and /markets/margin-alert.

import { dayOfWeek, epochDay, isoDate } from "../../calendar/index.ts";
import { type MarketContext, type RowQuery, yen } from "./context.ts";
import type { Issue } from "./issues.ts";
import type { MarginBalance } from "./margin-book.ts";
import type { MarketRow } from "./types.ts";

/** First application date of the daily publication. */
const dailyFrom = epochDay("2026-09-25");

/** Weeks of this many sessions or fewer have no weekly row. */
const shortWeek = 2;

export function marginInterest(market: MarketContext, query: RowQuery): MarketRow[] {
  const rows: MarketRow[] = [];
  for (let d = query.first; d <= query.last; d += 1) {
    if (!isBalanceDay(market, d)) continue;
    for (const issue of query.issues) {
      if (d >= issue.listed && d < issue.delisted && issue.marginClass !== "3") {
        rows.push(interestRow(market, issue, d));
      }
    }
  }
  return rows;
}

/** True for the last session of a week of three sessions or more, and for every session from 2026-09-25. */
function isBalanceDay({ sessions }: MarketContext, d: number): boolean {
  const { calendar, days } = sessions;
  const day = days[d];
  if (day >= dailyFrom) return true;
  const monday = day - dayOfWeek(day) + 1;
  return calendar.next(day) > monday + 6 && calendar.countSessions(monday, day) > shortWeek;
}

function interestRow(market: MarketContext, issue: Issue, d: number): MarketRow {
  const { prices, sessions } = market;
  const balance = market.margin.balance(issue, d);
  const day = sessions.days[d];
  const isDaily = day >= dailyFrom;
  const close = yen(prices.close[d * prices.issues + issue.index]);
  const value = (shares: number): number | null => (isDaily ? Math.round(shares * close) : null);
  return {
    Date: isoDate(day),
    PubDate: isDaily ? isoDate(sessions.calendar.next(day)) : null,
    Code: issue.code,
    ShrtVol: balance.short,
    LongVol: balance.long,
    ShrtNegVol: balance.shortNegotiable,
    LongNegVol: balance.longNegotiable,
    ShrtStdVol: balance.shortStandardised,
    LongStdVol: balance.longStandardised,
    ShrtVal: value(balance.short),
    LongVal: value(balance.long),
    ShrtNegVal: value(balance.shortNegotiable),
    LongNegVal: value(balance.longNegotiable),
    ShrtStdVal: value(balance.shortStandardised),
    LongStdVal: value(balance.longStandardised),
    IssType: issue.marginClass,
  };
}

/** Sessions of a block in which an issue may come under daily publication once. */
const blockLength = 63;

interface Spell {
  readonly first: number;
  readonly last: number;
  readonly level: number;
}

/** Rows by publication date: the session after the balance date; now and then the same balance again a session later. */
export function marginAlert(market: MarketContext, query: RowQuery): MarketRow[] {
  const rows: MarketRow[] = [];
  for (let d = Math.max(1, query.first); d <= query.last; d += 1) {
    for (const issue of query.issues) {
      if (issue.marginClass === "3") continue;
      const spell = spellOf(market, issue, d - 1);
      if (spell !== undefined)
        rows.push(alertRow(market, issue, { published: d, applied: d - 1, spell }));
      const isCorrection = d >= 2 && spell !== undefined && (issue.index + d) % 97 === 0;
      if (isCorrection && d - 2 >= spell.first) {
        rows.push(alertRow(market, issue, { published: d, applied: d - 2, spell }));
      }
    }
  }
  return rows;
}

function spellOf(market: MarketContext, issue: Issue, d: number): Spell | undefined {
  if (d < issue.listed || d >= issue.delisted) return undefined;
  const offset = (issue.index * 17) % blockLength;
  const block = Math.floor((d + offset) / blockLength);
  const rng = market.rng.split(`alert/${issue.code}/${block}`);
  const isAlways = issue.index % 40 === 7;
  if (rng.uniform() >= 0.04 && !isAlways) return undefined;
  const first = Math.max(issue.listed, block * blockLength - offset + rng.integer(25));
  const last = first + 5 + rng.integer(32);
  return d >= first && d <= last ? { first, last, level: rng.integer(8) } : undefined;
}

const classes = ["001", "001", "002", "003", "003", "004", "101", "102"] as const;

interface AlertDay {
  readonly published: number;
  readonly applied: number;
  readonly spell: Spell;
}

function alertRow(
  market: MarketContext,
  issue: Issue,
  { applied, published, spell }: AlertDay,
): MarketRow {
  const { sessions } = market;
  const now = market.margin.balance(issue, applied);
  const before = applied > spell.first ? market.margin.balance(issue, applied - 1) : undefined;
  const shares = market.capital.shares(issue.index, applied);
  const isFund = issue.kind === "etf";
  const ratio = (balance: number): number | string =>
    isFund ? "*" : Math.round((balance / shares) * 10_000) / 100;
  const change = (name: keyof MarginBalance): number | string =>
    before === undefined ? "-" : now[name] - before[name];
  const level = spell.level;
  const on = (flag: boolean): string => (flag ? "1" : "0");
  return {
    PubDate: sessions.iso(published),
    Code: issue.code,
    AppDate: sessions.iso(applied),
    PubReason: {
      Restricted: on(level >= 3 && level <= 5),
      DailyPublication: on(level >= 2 && level <= 4),
      Monitoring: on(level === 7),
      RestrictedByJSF: on(level === 1 || level === 5),
      PrecautionByJSF: on(level === 0 || level === 3),
      UnclearOrSecOnAlert: on(level === 6),
    },
    ShrtOut: now.short,
    ShrtOutChg: change("short"),
    ShrtOutRatio: ratio(now.short),
    LongOut: now.long,
    LongOutChg: change("long"),
    LongOutRatio: ratio(now.long),
    SLRatio: now.long === 0 ? 0 : Math.round((now.short / now.long) * 1000) / 10,
    ShrtNegOut: now.shortNegotiable,
    ShrtNegOutChg: change("shortNegotiable"),
    ShrtStdOut: now.shortStandardised,
    ShrtStdOutChg: change("shortStandardised"),
    LongNegOut: now.longNegotiable,
    LongNegOutChg: change("longNegotiable"),
    LongStdOut: now.longStandardised,
    LongStdOutChg: change("longStandardised"),
    TSEMrgnRegCls: classes[level],
  };
}
