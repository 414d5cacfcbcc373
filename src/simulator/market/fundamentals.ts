// A company's books: guidance, cumulative actuals, balance sheet, cash flow and dividends, moved only by surprises and noise.

import type { Rng } from "../../rng.ts";
import type { Issue } from "./issues.ts";

/** Sales and profits in yen. */
export interface Income {
  readonly sales: number;
  readonly operating: number;
  readonly ordinary: number;
  readonly net: number;
}

/** Total dividends in yen. */
export interface Dividends {
  readonly interim: number;
  readonly final: number;
}

/** State of the books when a filing was made. `undefined` where the filing does not give it. */
export interface Figures {
  /** Cumulative actuals of the fiscal year. */
  readonly actual: Income | undefined;
  /** Company forecast of the running fiscal year; undefined on full-year releases. */
  readonly forecast: Income | undefined;
  /** Forecast of the next fiscal year, on full-year releases. */
  readonly nextForecast: Income | undefined;
  readonly totalAssets: number;
  readonly equity: number;
  readonly cashFlow: {
    readonly operating: number;
    readonly investing: number;
    readonly financing: number;
    readonly cash: number;
  };
  /** Paid or resolved so far this year, and forecast for this year. */
  readonly dividends: Dividends;
  readonly dividendForecast: Dividends;
  /** Treasury shares over shares in issue. */
  readonly treasury: number;
}

const quarterShares = [0.24, 0.49, 0.75, 1] as const;

/** Draws come from the company's own stream; the price is never read, so the books say nothing about the future. */
export class Fundamentals {
  readonly #rng: Rng;
  readonly #standard: Issue["standard"];
  readonly #payout: number;
  readonly #interim: boolean;
  readonly #treasury: number;
  readonly #assetRatio: number;
  #forecast: Income;
  #dividends: Dividends;
  #equity: number;
  /** Below this, owners put capital in. */
  readonly #leastEquity: number;
  #cash: number;

  constructor(rng: Rng, issue: Issue) {
    this.#rng = rng;
    this.#standard = issue.standard;
    const marketCap = (issue.initialPrice / 10) * issue.shares;
    const margin = rng.uniform() < 0.1 ? -0.05 - 0.05 * rng.uniform() : 0.03 + 0.09 * rng.uniform();
    const earnings = marketCap / (10 + 14 * rng.uniform());
    const operating = (margin < 0 ? -0.6 : 1) * (earnings / 0.68);
    this.#forecast = this.#income(Math.abs(operating / margin), operating);
    this.#payout = rng.uniform() < 0.12 ? 0 : 0.15 + 0.35 * rng.uniform();
    this.#interim = rng.uniform() < 0.7;
    this.#treasury = 0.005 + 0.05 * rng.uniform();
    this.#assetRatio = 0.2 + 0.5 * rng.uniform();
    this.#equity = marketCap * (0.4 + 1.2 * rng.uniform());
    this.#leastEquity = 0.2 * this.#equity;
    this.#cash = this.#equity * (0.1 + 0.4 * rng.uniform());
    this.#dividends = this.#dividendsFor(this.#forecast);
  }

  /** A revision before a release: the year's forecast moves by 8 % of its size for a surprise of 1. */
  revise(_quarter: number, surprise: number): Figures {
    this.#forecast = this.#moved(this.#forecast, 0.08 * surprise);
    return this.#figures(undefined, this.#forecast, undefined);
  }

  reviseDividend(surprise: number): Figures {
    const factor = Math.max(0, 1 + 0.15 * surprise);
    this.#dividends = { interim: this.#dividends.interim, final: this.#dividends.final * factor };
    return this.#figures(undefined, undefined, undefined);
  }

  /** An earnings release. Its surprise shows in the actuals, in the year's forecast and, at year end, in the next year's. */
  release(quarter: number, surprise: number): Figures {
    if (quarter === 4) return this.#closeYear(surprise);
    this.#forecast = this.#moved(this.#forecast, 0.06 * surprise);
    const actual = this.#scaled(
      this.#forecast,
      quarterShares[quarter - 1] * (1 + 0.02 * this.#rng.normal()),
    );
    this.#equity = Math.max(this.#leastEquity, this.#equity + this.#forecast.net * 0.25);
    return this.#figures(actual, this.#forecast, undefined);
  }

  /** The same period restated: actuals a few per cent off what was first filed. */
  correct(figures: Figures): Figures {
    const factor = 1 + 0.03 * this.#rng.normal();
    const actual = figures.actual === undefined ? undefined : this.#scaled(figures.actual, factor);
    return { ...figures, actual };
  }

  #closeYear(surprise: number): Figures {
    const actual = this.#moved(this.#forecast, 0.04 * surprise);
    this.#equity = Math.max(
      this.#leastEquity,
      this.#equity + actual.net * 0.25 - this.#dividends.final - this.#dividends.interim,
    );
    const growth = 0.02 + 0.05 * this.#rng.normal() + 0.05 * surprise;
    const next = this.#turned(this.#moved(actual, growth));
    const figures = this.#figures(actual, undefined, next);
    this.#forecast = next;
    this.#dividends = this.#dividendsFor(next);
    return { ...figures, dividendForecast: this.#dividends };
  }

  #figures(
    actual: Income | undefined,
    forecast: Income | undefined,
    nextForecast: Income | undefined,
  ): Figures {
    const year = actual ?? this.#forecast;
    const operating = year.net * 1.2 + Math.abs(year.sales) * 0.02 * this.#rng.normal();
    const investing = -Math.abs(year.sales) * 0.03 * (0.5 + this.#rng.uniform());
    const financing = -0.6 * (operating + investing);
    this.#cash = Math.max(this.#cash * 0.7, this.#cash + 0.2 * (operating + investing + financing));
    return {
      actual,
      forecast,
      nextForecast,
      totalAssets: whole(this.#equity / this.#assetRatio),
      equity: whole(this.#equity),
      cashFlow: {
        operating: whole(operating),
        investing: whole(investing),
        financing: whole(financing),
        cash: whole(this.#cash),
      },
      dividends: this.#dividends,
      dividendForecast: this.#dividends,
      treasury: this.#treasury,
    };
  }

  #dividendsFor(income: Income): Dividends {
    const total = Math.max(0, income.net) * this.#payout;
    return this.#interim ? { interim: total / 2, final: total / 2 } : { interim: 0, final: total };
  }

  /** One loss in four is forecast to end, and one profit in fifty to turn into a loss. */
  #turned(income: Income): Income {
    const draw = this.#rng.uniform();
    const turns = draw < (income.operating < 0 ? 0.25 : 0.02);
    if (!turns) return income;
    return this.#income(income.sales, income.sales * (income.operating < 0 ? 0.04 : -0.02));
  }

  /** Operating profit moves by `share` of its size, sales by a quarter of that. */
  #moved(income: Income, share: number): Income {
    return this.#income(
      income.sales * Math.exp(0.25 * share),
      income.operating + share * Math.abs(income.operating),
    );
  }

  #scaled(income: Income, factor: number): Income {
    const up = (value: number): number => whole(value * factor);
    return {
      sales: up(income.sales),
      operating: up(income.operating),
      ordinary: up(income.ordinary),
      net: up(income.net),
    };
  }

  #income(sales: number, operating: number): Income {
    const ordinary = operating * 1.03;
    const tax = this.#standard === "JP" ? 0.66 : 0.7;
    return {
      sales: whole(sales),
      operating: whole(operating),
      ordinary: whole(ordinary),
      net: whole(ordinary * (ordinary > 0 ? tax : 1.05)),
    };
  }
}

/** Rounded to the million yen that companies report in. */
function whole(yen: number): number {
  return Math.round(yen / 1e6) * 1e6;
}
