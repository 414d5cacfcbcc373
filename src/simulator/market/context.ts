// Everything that row builders read: the generated columns, the calendar, filings and seeded streams.

import type { Rng } from "../../rng.ts";
import type { CapitalHistory } from "./capital-history.ts";
import type { FilingBook } from "./filings.ts";
import type { CompanyViews } from "./company-views.ts";
import type { DividendNotice } from "./dividends.ts";
import type { ScheduleEntry } from "./earnings-dates.ts";
import type { FlowWeek } from "./flows.ts";
import type { IndexTable } from "./indices.ts";
import type { Issue } from "./issues.ts";
import type { MarginBook } from "./margin-book.ts";
import type { PriceTable } from "./price-table.ts";
import type { PositionReport } from "./positions.ts";
import type { Sessions } from "./sessions.ts";
import type { Turnovers } from "./turnovers.ts";
import type { MarketConfig, MarketRow } from "./types.ts";

export interface MarketContext {
  readonly config: MarketConfig;
  readonly rng: Rng;
  readonly sessions: Sessions;
  readonly issues: readonly Issue[];
  readonly prices: PriceTable;
  readonly capital: CapitalHistory;
  readonly filings: FilingBook;
  readonly indices: IndexTable;
  /** Weekly flows, oldest first. */
  readonly weeks: readonly FlowWeek[];
  readonly turnovers: Turnovers;
  readonly margin: MarginBook;
  readonly companies: CompanyViews;
  /** Short-position reports by disclosure session, made when first asked for. */
  readonly positionReports: () => ReadonlyMap<number, readonly PositionReport[]>;
  /** Index of an issue by code, -1 when there is none. */
  /** Earnings schedules by publication day, made when first asked for. */
  readonly schedule: () => readonly ScheduleEntry[];
  /** Dividend notices in order of publication, made when first asked for. */
  readonly dividendNotices: () => readonly DividendNotice[];
  readonly issueOf: (code: string) => number;
}

/** A query in sessions: `first` to `last` are the session indexes within the asked days. */
export interface RowQuery {
  readonly fromDay: number;
  readonly toDay: number;
  readonly first: number;
  readonly last: number;
  readonly code: string | undefined;
  /** Issues asked for: one, or all. Empty for an unknown code. */
  readonly issues: readonly Issue[];
  /** Last session whose capital changes are in adjusted columns. */
  readonly asOf: number;
}

/** Rows of one endpoint. */
export type RowSource = (market: MarketContext, query: RowQuery) => MarketRow[];

/** Tenths of a yen to yen. */
export function yen(tenths: number): number {
  return tenths / 10;
}
