// Which function builds the rows of which endpoint.

import type { RowSource } from "./context.ts";
import { dailyBars, morningBars } from "./daily-bars.ts";
import { indexBars, topixBars } from "./indices.ts";
import { calendarRows, master } from "./master.ts";
import { statements } from "./statement-rows.ts";

export const rowSources: ReadonlyMap<string, RowSource> = new Map<string, RowSource>([
  ["/equities/master", master],
  ["/equities/bars/daily", dailyBars],
  ["/equities/bars/daily/am", morningBars],
  ["/fins/summary", statements],
  ["/indices/bars/daily", indexBars],
  ["/indices/bars/daily/topix", topixBars],
  ["/markets/calendar", calendarRows],
]);
