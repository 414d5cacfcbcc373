// Fair values of derivatives: cost of carry, a volatility surface with a term structure and skew, Black's formula.

import { normalCdf } from "../../stats/index.ts";
import type { MarketContext } from "./context.ts";
import { indexLevel } from "./indices.ts";

/** Dividend yield of the indices. */
const dividendYield = 0.018;

/** Long-run volatility, and the speed at which variance returns to it in a year. */
const longRun = { volatility: 0.19, speed: 6.2, premium: 1.08 } as const;

const tradingDays = 245;

/** Interest rate of a year: zero until the spring of 2024, then rising. */
export function interestRate(year: number): number {
  if (year < 2024) return 0.001;
  return year === 2024 ? 0.0025 : 0.006;
}

/** Forward over spot for a time in years. */
export function carry(years: number, rate: number): number {
  return Math.exp((rate - dividendYield) * years);
}

/** At-the-money volatility for a time in years: today's variance fades into the long run. */
export function atmVolatility({ prices }: MarketContext, d: number, years: number): number {
  const now = prices.marketDeviation[d] ** 2 * tradingDays;
  const long = longRun.volatility ** 2;
  const faded = longRun.speed * Math.max(years, 0.01);
  const variance = long + ((now - long) * (1 - Math.exp(-faded))) / faded;
  return longRun.premium * Math.sqrt(variance);
}

/** Volatility at a strike: puts below the forward are dearer. */
export function strikeVolatility(atm: number, strike: number, forward: number): number {
  const distance = Math.log(strike / forward);
  return atm * Math.max(0.6, Math.min(2.5, 1 - 1.6 * distance + 4 * distance * distance));
}

export interface OptionInput {
  readonly forward: number;
  readonly strike: number;
  readonly years: number;
  readonly rate: number;
  readonly volatility: number;
}

/** Black (1976): call and put, which differ by the discounted forward over the strike. */
export function blackPrices({ forward, rate, strike, volatility, years }: OptionInput): {
  readonly call: number;
  readonly put: number;
} {
  const deviation = volatility * Math.sqrt(Math.max(years, 1 / 3650));
  const d1 = Math.log(forward / strike) / deviation + deviation / 2;
  const discount = Math.exp(-rate * years);
  const call = discount * (forward * normalCdf(d1) - strike * normalCdf(d1 - deviation));
  return { call, put: call - discount * (forward - strike) };
}

export interface UnderlyingDay {
  readonly previous: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** Levels of the index at position `i` on session `d`; the first session's previous close is its open. */
export function underlyingDay(
  { indices }: MarketContext,
  d: number,
  i: number,
  width: number,
): UnderlyingDay {
  const open = indexLevel(indices, d, i, 0);
  return {
    previous: d === 0 ? open : indexLevel(indices, d - 1, i, 3),
    open,
    high: indices.highs[d * width + i],
    low: indices.lows[d * width + i],
    close: indexLevel(indices, d, i, 3),
  };
}
