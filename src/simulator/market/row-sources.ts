// Which function builds the rows of which endpoint.

import type { RowSource } from "./context.ts";
import { dailyBars, morningBars } from "./daily-bars.ts";
import { dividends } from "./dividends.ts";
import { earningsCalendar, earningsDates } from "./earnings-dates.ts";
import { futures } from "./futures.ts";
import { indexBars, topixBars } from "./indices.ts";
import { calendarRows, master } from "./master.ts";
import { investorTypes } from "./investor-types.ts";
import { marginAlert, marginInterest } from "./margin-rows.ts";
import { nikkeiOptions, options } from "./options.ts";
import { shortSaleReports } from "./positions.ts";
import { breakdown, shortRatio } from "./short-rows.ts";
import { statementDetails } from "./statement-details.ts";
import { statements } from "./statement-rows.ts";
import { valuation } from "./valuation.ts";

export const rowSources: ReadonlyMap<string, RowSource> = new Map<string, RowSource>([
  ["/equities/master", master],
  ["/equities/bars/daily", dailyBars],
  ["/equities/bars/daily/am", morningBars],
  ["/fins/summary", statements],
  ["/indices/bars/daily", indexBars],
  ["/indices/bars/daily/topix", topixBars],
  ["/markets/calendar", calendarRows],
  ["/equities/investor-types", investorTypes],
  ["/markets/margin-interest", marginInterest],
  ["/markets/margin-alert", marginAlert],
  ["/markets/short-ratio", shortRatio],
  ["/markets/short-sale-report", shortSaleReports],
  ["/markets/breakdown", breakdown],
  ["/equities/valuation", valuation],
  ["/equities/earnings-calendar", earningsCalendar],
  ["/fins/earnings-date", earningsDates],
  ["/fins/details", statementDetails],
  ["/fins/dividend", dividends],
  ["/derivatives/bars/daily/futures", futures],
  ["/derivatives/bars/daily/options", options],
  ["/derivatives/bars/daily/options/225", nikkeiOptions],
]);
