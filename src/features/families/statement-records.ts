// What the releases and revisions of one company said so far: last figures by period, last forecasts by fiscal year.

import { ratio } from "../elementwise.ts";
import type { EventRecords } from "../feature.ts";

export const fieldNames = [
  "release", "quarter", "period", "fiscal_year", "next_fiscal_year", "sales", "operating", "net", "equity", "assets",
  "forecast_operating", "forecast_net", "forecast_eps", "forecast_dividend", "next_operating", "next_net", "next_eps",
  "next_dividend", "estimates_changed", "standards_changed", "shares_out",
] as const; // prettier-ignore

type Field = (typeof fieldNames)[number];

/** Figures of a period as last released; amounts since the start of the fiscal year. */
export interface Figures {
  readonly quarter: number;
  /** Months are counted from year 0. */
  readonly period: number;
  readonly fiscalYear: number;
  readonly sales: number;
  readonly operating: number;
  readonly net: number;
  readonly equity: number;
  readonly assets: number;
  readonly estimatesChanged: number;
  readonly standardsChanged: number;
}

export type ForecastFigure = "operating" | "net" | "eps" | "dividend";

export interface Statements {
  /** Takes record i; call it for 0, 1, 2 … in order. */
  readonly take: (i: number) => void;
  /** The release of the latest period. */
  readonly current: Figures | undefined;
  /** The same quarter of the fiscal year before, as last known. */
  readonly yearBefore: Figures | undefined;
  /** Shares outstanding of the last release that names them. */
  readonly shares: number;
  /** Last forecast for a fiscal year; NaN where there is none. */
  readonly forecastOf: (fiscalYear: number, figure: ForecastFigure) => number;
  /** Last revision of a forecast, as a ratio; NaN before the first. */
  readonly revisionOf: (figure: ForecastFigure) => number;
}

/** numerator / denominator within ±100, NaN where the denominator is none. */
export function clipped(numerator: number, denominator: number): number {
  return Math.min(100, Math.max(-100, ratio(numerator, denominator)));
}

const forecastFigures = ["operating", "net", "eps", "dividend"] as const;

const place: Readonly<Record<ForecastFigure, number>> = {
  operating: 0,
  net: 1,
  eps: 2,
  dividend: 3,
};

/** A record's forecasts for its own fiscal year and for the next. */
const forecastKinds = [
  { year: "fiscal_year", figures: forecastFigures.map((figure) => `forecast_${figure}` as const) },
  { year: "next_fiscal_year", figures: forecastFigures.map((figure) => `next_${figure}` as const) },
] as const;

/** The state of one company's records, `fields` in the order of `fieldNames`. */
export function readStatements(
  fields: readonly Float64Array[],
  { session }: EventRecords,
): Statements {
  const column = (name: Field): Float64Array => fields[fieldNames.indexOf(name)];
  const columns = figureFields.map(column);
  const [isRelease, sharesOut] = [column("release"), column("shares_out")];
  const said = forecastKinds.map(({ year, figures }) => ({
    year: column(year),
    figures: figures.map(column),
  }));
  const releases = new Map<number, Figures>();
  const forecasts = new ForecastBook();
  let current: Figures | undefined;
  let shares = Number.NaN;

  const release = (i: number): void => {
    const figures = figuresOf(columns, i);
    releases.set(keyOf(figures.quarter, figures.period), figures);
    if (current === undefined || figures.period >= current.period) current = figures;
    const count = sharesOut[i];
    if (count > 0) shares = count;
  };

  return {
    take(i) {
      if (isRelease[i] === 1) release(i);
      for (const { year, figures } of said) {
        if (year[i] === year[i]) forecasts.put(year[i], session[i], figures, i);
      }
    },
    get current() {
      return current;
    },
    get yearBefore() {
      return current && releases.get(keyOf(current.quarter, current.period - 12));
    },
    get shares() {
      return shares;
    },
    forecastOf: (year, figure) => forecasts.of(year, figure),
    revisionOf: (figure) => forecasts.revisionOf(figure),
  };
}

const figureFields = [
  "quarter", "period", "fiscal_year", "sales", "operating", "net", "equity", "assets", "estimates_changed",
  "standards_changed",
] as const; // prettier-ignore

/** The figures of record i, `columns` in the order of `figureFields`. */
function figuresOf(columns: readonly Float64Array[], i: number): Figures {
  const [quarter, period, fiscalYear, sales, operating, net, equity, assets, estimates, standards] =
    columns;
  return {
    quarter: quarter[i],
    period: period[i],
    fiscalYear: fiscalYear[i],
    sales: sales[i],
    operating: operating[i],
    net: net[i],
    equity: equity[i],
    assets: assets[i],
    estimatesChanged: estimates[i],
    standardsChanged: standards[i],
  };
}

/** One number for a quarter (0 when it is not named) of a period that ends in a month. */
function keyOf(quarter: number, period: number): number {
  return period * 8 + (quarter === quarter ? quarter : 0);
}

interface YearBook {
  /** By place in `forecastFigures`, as are the others. */
  readonly now: Float64Array;
  /** As they stood before the session in which each figure last came. */
  readonly before: Float64Array;
  readonly session: Float64Array;
}

/** Forecasts by fiscal year, and for each figure the last change of one. */
class ForecastBook {
  readonly #years: Map<number, YearBook> = new Map();
  readonly #revisions: Float64Array = noForecast();

  /** Takes record i of `said`, one column a figure, NaN where it says nothing of it. */
  put(year: number, session: number, said: readonly Float64Array[], i: number): void {
    const known = this.#years.get(year);
    const book = known ?? {
      now: noForecast(),
      before: noForecast(),
      session: noForecast().fill(-1),
    };
    if (known === undefined) this.#years.set(year, book);
    let isSilent = true;
    for (let k = 0; k < said.length; k += 1) {
      const value = said[k][i];
      if (value !== value) continue;
      isSilent = false;
      if (session > book.session[k]) {
        book.before[k] = book.now[k];
        book.session[k] = session;
      }
      book.now[k] = value;
    }
    if (isSilent) return;
    for (let k = 0; k < said.length; k += 1) {
      if (book.session[k] !== session) continue;
      const before = book.before[k] * shareScale(book, k);
      this.#revisions[k] = clipped(book.now[k] - before, Math.abs(before));
    }
  }

  of(year: number, figure: ForecastFigure): number {
    return this.#years.get(year)?.now[place[figure]] ?? Number.NaN;
  }

  revisionOf(figure: ForecastFigure): number {
    return this.#revisions[place[figure]];
  }
}

function noForecast(): Float64Array {
  return new Float64Array(forecastFigures.length).fill(Number.NaN);
}

/**
 * What turns a figure per earlier share into one per later share: the share counts behind both forecasts, net profit / earnings
 * per share, when they came with the figure. 1 where they are within a fifth of each other or unknown.
 */
function shareScale({ now, before, session }: YearBook, figure: number): number {
  const { net, eps, dividend } = place;
  if (figure !== eps && figure !== dividend) return 1;
  if (session[eps] !== session[figure] || session[net] !== session[figure]) return 1;
  const change = ratio(now[net], now[eps]) / ratio(before[net], before[eps]);
  return change >= 1.25 || (change > 0 && change <= 0.8) ? 1 / change : 1;
}
