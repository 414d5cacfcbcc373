// Rows of /equities/master (a snapshot each session) and /markets/calendar.

import { isoDate } from "../../calendar/index.ts";
import {
  marginNames,
  marketName,
  otherSectorNames,
  scaleTexts,
  sector17Name,
  sectors,
} from "./code-tables.ts";
import type { MarketContext, RowQuery } from "./context.ts";
import { type Issue, segmentOn } from "./issues.ts";
import type { MarketRow } from "./types.ts";

/** The issues listed on each session. */
export function master(market: MarketContext, query: RowQuery): MarketRow[] {
  const rows: MarketRow[] = [];
  for (let d = query.first; d <= query.last; d += 1) {
    for (const issue of query.issues) {
      if (d >= issue.listed && d < issue.delisted) rows.push(masterRow(market, issue, d));
    }
  }
  return rows;
}

function masterRow({ prices, sessions }: MarketContext, issue: Issue, d: number): MarketRow {
  const sector = issue.sector < 0 ? otherSectorNames : sectors[issue.sector];
  const segment = segmentOn(issue, sessions.days[d]);
  return {
    Date: sessions.iso(d),
    Code: issue.code,
    CoName: issue.name,
    CoNameEn: issue.nameEn,
    S17: sector.s17,
    S17Nm: sector17Name(sector.s17),
    S33: sector.s33,
    S33Nm: sector.name,
    ScaleCat: scaleTexts[prices.scale[d * prices.issues + issue.index]],
    Mkt: segment,
    MktNm: marketName(segment),
    Mrgn: issue.marginClass,
    MrgnNm: marginNames.get(issue.marginClass) ?? otherSectorNames.name,
    ProdCat: issue.productCategory,
  };
}

/** One row a calendar day, sessions or not. */
export function calendarRows({ sessions }: MarketContext, query: RowQuery): MarketRow[] {
  const { calendar } = sessions;
  const rows: MarketRow[] = [];
  const last = Math.min(query.toDay, calendar.lastDay);
  for (let day = Math.max(query.fromDay, calendar.firstDay); day <= last; day += 1) {
    rows.push({ Date: isoDate(day), HolDiv: String(calendar.holidayDivision(day)) });
  }
  return rows;
}
