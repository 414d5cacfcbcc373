// Rows of /equities/valuation: what a date's close costs in terms of the figures disclosed before that date.

import type { KnownFigures } from "./company-views.ts";
import { type MarketContext, type RowQuery, yen } from "./context.ts";
import { cellFlags } from "./price-table.ts";
import type { MarketRow } from "./types.ts";

const nothing = {
  EPS: null,
  FwdEPS: null,
  BPS: null,
  ROE: null,
  FwdROE: null,
  PER: null,
  FwdPER: null,
  PBR: null,
};

/** One row a session and listed issue; issues without statements have nulls. */
export function valuation(market: MarketContext, query: RowQuery): MarketRow[] {
  const { capital, prices, sessions } = market;
  const rows: MarketRow[] = [];
  for (let d = query.first; d <= query.last; d += 1) {
    for (const issue of query.issues) {
      if (d < issue.listed || d >= issue.delisted) continue;
      const cell = d * prices.issues + issue.index;
      const known =
        issue.kind === "stock" ? market.companies.on(issue.company, sessions.days[d]) : undefined;
      const shares = capital.shares(issue.index, d) * (1 - (known?.treasury ?? 0));
      const close = prices.has(cell, cellFlags.traded) ? yen(prices.close[cell]) : undefined;
      rows.push({
        Date: sessions.iso(d),
        Code: issue.code,
        ...(known === undefined ? nothing : ratiosOf(known, shares, close)),
        MktCap:
          close === undefined || issue.kind === "etf" ? null : Math.round((close * shares) / 1e6),
      });
    }
  }
  return rows;
}

/** Earnings multiples of losses are null. */
function ratiosOf(known: KnownFigures, shares: number, close: number | undefined): MarketRow {
  const eps = known.trailingNet === undefined ? undefined : known.trailingNet / shares;
  const forward = known.forecastNet === undefined ? undefined : known.forecastNet / shares;
  const book = known.equity / shares;
  const multiple = (value: number | undefined): number | null =>
    close === undefined || value === undefined || value <= 0 ? null : round(close / value, 100);
  return {
    EPS: eps === undefined ? null : round(eps, 100),
    FwdEPS: forward === undefined ? null : round(forward, 100),
    BPS: round(book, 100),
    ROE: eps === undefined ? null : round(eps / book, 10_000),
    FwdROE: forward === undefined ? null : round(forward / book, 10_000),
    PER: multiple(eps),
    FwdPER: multiple(forward),
    PBR: multiple(book),
  };
}

function round(value: number, scale: number): number {
  return Math.round(value * scale) / scale;
}
