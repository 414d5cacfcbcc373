// What is known of a company on a date: the figures of the releases and forecasts disclosed before it.

import type { MarketContext } from "./context.ts";
import type { Filing } from "./filings.ts";
import type { Issue } from "./issues.ts";

export interface KnownFigures {
  /** Net profit of the last four quarters in yen; undefined before a full year is known. */
  readonly trailingNet: number | undefined;
  /** Forecast net profit of the running fiscal year in yen. */
  readonly forecastNet: number | undefined;
  readonly equity: number;
  readonly treasury: number;
}

/** Figures disclosed before `day`; undefined when none were. A quarter is trailed by last year's full and same quarter. */
export function knownFigures(
  { filings }: MarketContext,
  issue: Issue,
  day: number,
): KnownFigures | undefined {
  let last: Filing | undefined;
  let forecastNet: number | undefined;
  const released = new Map<string, Filing>();
  for (const filing of filings.byCompany.get(issue.company) ?? []) {
    if (filing.day >= day) break;
    const { actual, forecast, nextForecast } = filing.figures;
    forecastNet = nextForecast?.net ?? forecast?.net ?? forecastNet;
    if (actual === undefined) continue;
    last = filing;
    released.set(keyOf(filing.fiscalYearEnd, filing.quarter), filing);
  }
  if (last === undefined) return undefined;
  return {
    trailingNet: trailingNet(last, released),
    forecastNet,
    equity: last.figures.equity,
    treasury: last.figures.treasury,
  };
}

function trailingNet(last: Filing, released: ReadonlyMap<string, Filing>): number | undefined {
  const net = last.figures.actual?.net;
  if (last.quarter === 4 || net === undefined) return net;
  const previousYearEnd = last.fiscalYearStart - 1;
  const year = released.get(keyOf(previousYearEnd, 4))?.figures.actual?.net;
  const same = released.get(keyOf(previousYearEnd, last.quarter))?.figures.actual?.net;
  return year === undefined || same === undefined ? undefined : year - same + net;
}

function keyOf(fiscalYearEnd: number, quarter: number): string {
  return `${fiscalYearEnd}/${quarter}`;
}
