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

type Forecast = Readonly<Record<ForecastFigure, number>>;

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

const forecastFigures: readonly ForecastFigure[] = ["operating", "net", "eps", "dividend"];

/** The state of one company's records, `fields` in the order of `fieldNames`. */
export function readStatements(
  fields: readonly Float64Array[],
  { session }: EventRecords,
): Statements {
  const at = (name: Field, i: number): number => fields[fieldNames.indexOf(name)][i];
  const releases = new Map<string, Figures>();
  const forecasts = new ForecastBook();
  let current: Figures | undefined;
  let shares = Number.NaN;

  const release = (i: number): void => {
    const figures: Figures = {
      quarter: at("quarter", i),
      period: at("period", i),
      fiscalYear: at("fiscal_year", i),
      sales: at("sales", i),
      operating: at("operating", i),
      net: at("net", i),
      equity: at("equity", i),
      assets: at("assets", i),
      estimatesChanged: at("estimates_changed", i),
      standardsChanged: at("standards_changed", i),
    };
    releases.set(keyOf(figures.quarter, figures.period), figures);
    if (current === undefined || figures.period >= current.period) current = figures;
    const count = at("shares_out", i);
    if (count > 0) shares = count;
  };

  return {
    take(i) {
      if (at("release", i) === 1) release(i);
      for (const prefix of ["forecast", "next"] as const) {
        const year = at(prefix === "next" ? "next_fiscal_year" : "fiscal_year", i);
        const said = forecastFigures.flatMap((figure) => {
          const value = at(`${prefix}_${figure}`, i);
          return value === value ? [[figure, value] as const] : [];
        });
        if (year === year) forecasts.put(year, session[i], said);
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
    forecastOf: (year, figure) => forecasts.of(year)[figure],
    revisionOf: (figure) => forecasts.revisionOf(figure),
  };
}

function keyOf(quarter: number, period: number): string {
  return `${quarter}/${period}`;
}

const nothing: Forecast = {
  operating: Number.NaN,
  net: Number.NaN,
  eps: Number.NaN,
  dividend: Number.NaN,
};

interface YearBook {
  now: Forecast;
  /** As they stood before the session in which each figure last came. */
  before: Forecast;
  session: Readonly<Record<ForecastFigure, number>>;
}

/** Forecasts by fiscal year, and for each figure the last change of one. */
class ForecastBook {
  readonly #years: Map<number, YearBook> = new Map();
  readonly #revisions: Map<ForecastFigure, number> = new Map();

  put(year: number, session: number, said: readonly (readonly [ForecastFigure, number])[]): void {
    const none = { operating: -1, net: -1, eps: -1, dividend: -1 };
    const book = this.#years.get(year) ?? { now: nothing, before: nothing, session: none };
    this.#years.set(year, book);
    for (const [figure, value] of said) {
      if (session > book.session[figure]) {
        book.before = { ...book.before, [figure]: book.now[figure] };
        book.session = { ...book.session, [figure]: session };
      }
      book.now = { ...book.now, [figure]: value };
    }
    if (said.length === 0) return;
    for (const figure of forecastFigures) {
      if (book.session[figure] !== session) continue;
      const before = book.before[figure] * shareScale(book, figure);
      this.#revisions.set(figure, clipped(book.now[figure] - before, Math.abs(before)));
    }
  }

  of(year: number): Forecast {
    return this.#years.get(year)?.now ?? nothing;
  }

  revisionOf(figure: ForecastFigure): number {
    return this.#revisions.get(figure) ?? Number.NaN;
  }
}

/**
 * What turns a figure per earlier share into one per later share: the share counts behind both forecasts, net profit / earnings
 * per share, when they came with the figure. 1 where they are within a fifth of each other or unknown.
 */
function shareScale({ now, before, session }: YearBook, figure: ForecastFigure): number {
  if (figure !== "eps" && figure !== "dividend") return 1;
  if (session.eps !== session[figure] || session.net !== session[figure]) return 1;
  const change = ratio(now.net, now.eps) / ratio(before.net, before.eps);
  return change >= 1.25 || (change > 0 && change <= 0.8) ? 1 / change : 1;
}
