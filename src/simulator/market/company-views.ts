// What is known of a company on a date: the figures of the releases and forecasts disclosed before it.

import type { Filing } from "./filings.ts";

export interface KnownFigures {
  /** First day on which they are known: the one after the disclosure. */
  readonly from: number;
  /** Net profit of the last four quarters in yen; undefined before a full year is known. */
  readonly trailingNet: number | undefined;
  /** Forecast net profit of the running fiscal year in yen. */
  readonly forecastNet: number | undefined;
  readonly equity: number;
  readonly treasury: number;
}

/** Figures of every company by date, worked out for a company when first asked for. */
export class CompanyViews {
  readonly #filings: ReadonlyMap<number, readonly Filing[]>;
  readonly #views: Map<number, readonly KnownFigures[]> = new Map();

  constructor(byCompany: ReadonlyMap<number, readonly Filing[]>) {
    this.#filings = byCompany;
  }

  /** Figures disclosed before `day`; undefined when none were. */
  on(company: number, day: number): KnownFigures | undefined {
    let views = this.#views.get(company);
    if (views === undefined) {
      views = viewsOf(this.#filings.get(company) ?? []);
      this.#views.set(company, views);
    }
    return views.findLast((view) => view.from <= day);
  }
}

/** One view a filing that changes something; a quarter is trailed by last year's full and same quarter. */
function viewsOf(filings: readonly Filing[]): readonly KnownFigures[] {
  const views: KnownFigures[] = [];
  const released = new Map<string, Filing>();
  let last: Filing | undefined;
  let forecastNet: number | undefined;
  for (const filing of filings) {
    const { actual, forecast, nextForecast } = filing.figures;
    forecastNet = nextForecast?.net ?? forecast?.net ?? forecastNet;
    if (actual !== undefined) {
      last = filing;
      released.set(keyOf(filing.fiscalYearEnd, filing.quarter), filing);
    }
    if (last === undefined) continue;
    const { equity, treasury } = last.figures;
    views.push({
      from: filing.day + 1,
      trailingNet: trailingNet(last, released),
      forecastNet,
      equity,
      treasury,
    });
  }
  return views;
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
