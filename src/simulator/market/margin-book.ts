// Margin balances of every issue by session: buyers lean against falls, sellers against rises; only past returns enter.

import type { Rng } from "../../rng.ts";
import type { CapitalHistory } from "./capital-history.ts";
import type { Issue } from "./issues.ts";
import type { PriceTable } from "./price-table.ts";

/** Shares; standardised + negotiable = total. */
export interface MarginBalance {
  readonly long: number;
  readonly short: number;
  readonly longNegotiable: number;
  readonly shortNegotiable: number;
  readonly longStandardised: number;
  readonly shortStandardised: number;
}

interface Path {
  readonly long: Float32Array;
  readonly short: Float32Array;
  readonly negotiable: number;
}

export interface MarginInput {
  readonly rng: Rng;
  readonly issues: readonly Issue[];
  readonly prices: PriceTable;
  readonly capital: CapitalHistory;
}

/** Balances as shares of the issue follow a mean-reverting logarithm, made for an issue when first asked for. */
export class MarginBook {
  readonly #input: MarginInput;
  readonly #paths: Map<number, Path> = new Map();

  constructor(input: MarginInput) {
    this.#input = input;
  }

  /** Balance at the close of session `d`, in whole lots. */
  balance(issue: Issue, d: number): MarginBalance {
    const path = this.#pathOf(issue);
    const shares = this.#input.capital.shares(issue.index, d);
    const lots = (ratio: number): number => Math.floor((shares * ratio) / issue.lot) * issue.lot;
    const at = d - issue.listed;
    const long = lots(path.long[at]);
    const short = issue.marginClass === "2" ? lots(path.short[at]) : 0;
    const longNegotiable = Math.floor((long * path.negotiable) / issue.lot) * issue.lot;
    const shortNegotiable = Math.floor((short * path.negotiable * 0.5) / issue.lot) * issue.lot;
    return {
      long,
      short,
      longNegotiable,
      shortNegotiable,
      longStandardised: long - longNegotiable,
      shortStandardised: short - shortNegotiable,
    };
  }

  #pathOf(issue: Issue): Path {
    const known = this.#paths.get(issue.index);
    if (known !== undefined) return known;
    const path = this.#generate(issue);
    this.#paths.set(issue.index, path);
    return path;
  }

  #generate(issue: Issue): Path {
    const { capital, prices, rng } = this.#input;
    const draws = rng.split(issue.code);
    const levels = { long: -4.4 + 0.7 * draws.normal(), short: -6.3 + 0.9 * draws.normal() };
    const negotiable = 0.1 + 0.3 * draws.uniform();
    const length = issue.delisted - issue.listed;
    const path = { long: new Float32Array(length), short: new Float32Array(length), negotiable };
    let long = 0.4 * draws.normal();
    let short = 0.5 * draws.normal();
    for (let at = 0; at < length; at += 1) {
      const cell = (issue.listed + at) * prices.issues + issue.index;
      const factor = capital.on(issue.index, issue.listed + at)?.factor ?? 1;
      const base = at === 0 ? prices.close[cell] : prices.close[cell - prices.issues] * factor;
      const last = Math.log(prices.close[cell] / base);
      const move = Math.max(-0.2, Math.min(0.2, last));
      long = 0.985 * long - 0.7 * move + 0.035 * draws.normal();
      short = 0.97 * short + 1.1 * move + 0.07 * draws.normal();
      path.long[at] = Math.min(0.2, Math.exp(levels.long + long));
      path.short[at] = Math.min(0.1, Math.exp(levels.short + short));
    }
    return path;
  }
}
