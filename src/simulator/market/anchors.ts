// Keeps books and prices in one world: each full-year release sets the next year's scale half way towards what the market value
// of the session before the filing says. Past prices enter figures; nothing of a figure enters later prices but its surprise.

import { civilOfDay } from "../../calendar/index.ts";
import type { Filing } from "./filings.ts";
import type { Dividends, Figures, Income } from "./fundamentals.ts";
import type { Issue } from "./issues.ts";
import type { Sessions } from "./sessions.ts";

/** Scale of a company's figures from a fiscal year on. */
export interface Anchor {
  readonly company: number;
  /** Calendar year in which the fiscal year ends. */
  readonly year: number;
  readonly scale: number;
}

const catchUp = 0.5;

/** Bounds of one year's change. */
const changeBounds = [0.55, 1.8] as const;

/** Scales by company and year; those of a year hold until a later one is set. */
export class Scales {
  readonly #byCompany: Map<number, Anchor[]> = new Map();

  add(anchor: Anchor): void {
    const list = this.#byCompany.get(anchor.company);
    if (list === undefined) this.#byCompany.set(anchor.company, [anchor]);
    else list.push(anchor);
  }

  /** Scale of the fiscal year that ends in `year`; 1 before the first anchor. */
  of(company: number, year: number): number {
    return this.#byCompany.get(company)?.findLast((anchor) => anchor.year <= year)?.scale ?? 1;
  }
}

/** Sets anchors as the market goes on, session by session. */
export class Anchors {
  readonly list: Anchor[] = [];
  readonly scales: Scales = new Scales();
  readonly #issues: readonly Issue[];
  readonly #bySession: ReadonlyMap<number, readonly Filing[]>;

  constructor(filings: readonly Filing[], issues: readonly Issue[], sessions: Sessions) {
    this.#issues = issues;
    const full = filings.filter((filing) => filing.kind === "release" && filing.quarter === 4);
    this.#bySession = Map.groupBy(full, (filing) => sessions.from(filing.day) - 1);
  }

  /** Sets the next years of the full-year releases that are filed after session `d` and by the next, from values at `d`. */
  update(d: number, marketValue: Float64Array): void {
    for (const filing of this.#bySession.get(d) ?? []) {
      const value = marketValue[filing.issue];
      if (!(value > 0)) continue;
      const { company } = this.#issues[filing.issue];
      const { initialPrice, shares } = this.#issues[company];
      const year = yearOf(filing);
      const now = this.scales.of(company, year);
      const [least, most] = changeBounds;
      const wanted = (value / (initialPrice * shares * now)) ** catchUp;
      const anchor = {
        company,
        year: year + 1,
        scale: now * Math.min(most, Math.max(least, wanted)),
      };
      this.list.push(anchor);
      this.scales.add(anchor);
    }
  }
}

/** Filings with every figure at its fiscal year's scale. */
export function anchorFilings(
  filings: readonly Filing[],
  issues: readonly Issue[],
  scales: Scales,
): readonly Filing[] {
  return filings.map((filing) => {
    const { company } = issues[filing.issue];
    const year = yearOf(filing);
    const figures = scaleFigures(filing, scales.of(company, year), scales.of(company, year + 1));
    return { ...filing, figures };
  });
}

/** Calendar year in which a filing's fiscal year ends. */
export function yearOf(filing: Filing): number {
  return civilOfDay(filing.fiscalYearEnd).year;
}

function scaleFigures({ figures }: Filing, scale: number, nextScale: number): Figures {
  const { actual, cashFlow, dividendForecast, dividends, forecast, nextForecast } = figures;
  const million = (yen: number): number => Math.round((yen * scale) / 1e6) * 1e6;
  return {
    ...figures,
    actual: scaleIncome(actual, scale),
    forecast: scaleIncome(forecast, scale),
    nextForecast: scaleIncome(nextForecast, nextScale),
    totalAssets: million(figures.totalAssets),
    equity: million(figures.equity),
    cashFlow: {
      operating: million(cashFlow.operating),
      investing: million(cashFlow.investing),
      financing: million(cashFlow.financing),
      cash: million(cashFlow.cash),
    },
    dividends: scaleDividends(dividends, scale),
    dividendForecast: scaleDividends(
      dividendForecast,
      nextForecast === undefined ? scale : nextScale,
    ),
  };
}

function scaleIncome(income: Income | undefined, scale: number): Income | undefined {
  if (income === undefined) return undefined;
  const million = (yen: number): number => Math.round((yen * scale) / 1e6) * 1e6;
  return {
    sales: million(income.sales),
    operating: million(income.operating),
    ordinary: million(income.ordinary),
    net: million(income.net),
  };
}

function scaleDividends({ final, interim }: Dividends, scale: number): Dividends {
  return { interim: interim * scale, final: final * scale };
}
