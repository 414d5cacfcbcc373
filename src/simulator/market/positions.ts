// Short positions of 0.5 % and more: who reports them, when, and the rows of /markets/short-sale-report.

import { isoDate } from "../../calendar/index.ts";
import type { Rng } from "../../rng.ts";
import type { MarketContext, RowQuery } from "./context.ts";
import type { Issue } from "./issues.ts";
import type { Sessions } from "./sessions.ts";
import type { MarketRow } from "./types.ts";

interface Seller {
  readonly name: string;
  readonly address: string;
  readonly fund: string;
}

const sellers: readonly Seller[] = [
  { name: "Simulated Capital Management LLP", address: "London, United Kingdom", fund: "" },
  { name: "Imaginary Securities plc", address: "London, United Kingdom", fund: "" },
  { name: "模擬アセットマネジメント株式会社", address: "東京都千代田区", fund: "模擬ファンド１号" },
  { name: "Example Quant Partners LP", address: "New York, U.S.A.", fund: "Example Master Fund" },
  { name: "Fictional Hong Kong Limited", address: "Hong Kong", fund: "" },
  { name: "個人", address: "", fund: "" },
];

export interface PositionReport {
  readonly issue: Issue;
  readonly seller: Seller;
  /** Session indexes. */
  readonly calculated: number;
  readonly disclosed: number;
  /** Share of the issue, decimal, and the one reported before; -1 when none was. */
  readonly ratio: number;
  readonly previousSession: number;
  readonly previousRatio: number;
}

export interface PositionInput {
  readonly rng: Rng;
  readonly issues: readonly Issue[];
  readonly sessions: Sessions;
}

/** Reports of positions that cross or move while at least 0.5 %, and the one that falls below, by disclosure session. */
export function createPositionReports({
  issues,
  rng,
  sessions,
}: PositionInput): ReadonlyMap<number, PositionReport[]> {
  const reports: PositionReport[] = [];
  for (const issue of issues) {
    if (issue.kind !== "stock") continue;
    const draws = rng.split(issue.code);
    let d = issue.listed + draws.integer(400);
    while (d < issue.delisted) {
      const seller = sellers[draws.integer(sellers.length)];
      let ratio = 0.005 + 0.004 * draws.uniform();
      let previousSession = -1;
      let previousRatio = 0;
      while (d + 2 < Math.min(issue.delisted, sessions.count)) {
        const rounded = Math.round(ratio * 10_000) / 10_000;
        reports.push({
          issue,
          seller,
          calculated: d,
          disclosed: d + 2,
          ratio: rounded,
          previousSession,
          previousRatio,
        });
        if (rounded < 0.005) break;
        previousSession = d;
        previousRatio = rounded;
        d += 1 + draws.integer(18);
        ratio = Math.max(0.0005, ratio + 0.0012 * draws.normal() - 0.0001);
      }
      d += 5 + draws.integer(300);
    }
  }
  return Map.groupBy(reports, (report) => report.disclosed);
}

/** Rows by disclosure date, two sessions after the calculation date. */
export function shortSaleReports(market: MarketContext, query: RowQuery): MarketRow[] {
  const wanted = new Set(query.issues.map((issue) => issue.index));
  const rows: MarketRow[] = [];
  for (let d = query.first; d <= query.last; d += 1) {
    for (const report of market.positionReports().get(d) ?? []) {
      if (wanted.has(report.issue.index)) rows.push(reportRow(market, report));
    }
  }
  return rows;
}

function reportRow(market: MarketContext, report: PositionReport): MarketRow {
  const { days } = market.sessions;
  const { issue, previousRatio, previousSession, ratio, seller } = report;
  const shares =
    Math.floor((market.capital.shares(issue.index, report.calculated) * ratio) / 100) * 100;
  return {
    DiscDate: isoDate(days[report.disclosed]),
    CalcDate: isoDate(days[report.calculated]),
    Code: issue.code,
    SSName: seller.name,
    SSAddr: seller.address,
    DICName: "",
    DICAddr: "",
    FundName: seller.fund,
    ShrtPosToSO: ratio,
    ShrtPosShares: shares,
    ShrtPosUnits: shares / issue.lot,
    PrevRptDate: previousSession < 0 ? "" : isoDate(days[previousSession]),
    PrevRptRatio: previousRatio,
    Notes: "",
  };
}
