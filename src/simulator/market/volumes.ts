// Shares traded: each issue's turnover with slow and fast swings, more on days that move; thin issues sometimes do not trade.

import type { Rng } from "../../rng.ts";
import type { Issue } from "./issues.ts";

export interface DayVolume {
  readonly total: number;
  readonly morning: number;
}

const none: DayVolume = { total: 0, morning: 0 };

/** Logarithmic volume over its usual level; depends on the size of moves, never on their sign. */
export class Volumes {
  readonly #issues: readonly Issue[];
  readonly #swing: Float64Array;
  /** Logarithm of volume over the issue's usual level on its last traded day. */
  readonly surprise: Float64Array;
  #common = 0;

  constructor(issues: readonly Issue[]) {
    this.#issues = issues;
    this.#swing = new Float64Array(issues.length);
    this.surprise = new Float64Array(issues.length);
  }

  step(rng: Rng): void {
    this.#common = 0.9 * this.#common + 0.08 * rng.normal();
  }

  /**
   * True when an issue of `shares` in issue finds a buyer and a seller today. Drawn before prices, so that a day without a
   * trade hides no return that a later one would have to make up.
   */
  trades(issue: number, shares: number, rng: Rng): boolean {
    this.#swing[issue] = 0.88 * this.#swing[issue] + 0.24 * rng.normal();
    const { lot, turnover } = this.#issues[issue];
    const lots = (shares * turnover * Math.exp(this.#swing[issue])) / lot;
    return rng.uniform() >= Math.exp(-lots / 6);
  }

  /** `move`: absolute return in standard deviations; `boost`: added logarithm on days with news. */
  draw(issue: number, shares: number, move: number, boost: number, rng: Rng): DayVolume {
    const { lot, turnover } = this.#issues[issue];
    const surprise =
      this.#common +
      this.#swing[issue] +
      0.32 * Math.min(6, move) -
      0.25 +
      boost +
      0.25 * rng.normal();
    this.surprise[issue] = surprise;
    const lots = Math.max(10, Math.round((shares * turnover * Math.exp(surprise)) / lot));
    const share = 0.3 + 0.35 * rng.uniform();
    const morning = Math.max(4, Math.round(lots * share));
    return {
      total: Math.min(2_000_000_000, lots * lot),
      morning: Math.min(900_000_000, morning * lot),
    };
  }

  /** Volume of a day whose only trades came after lunch. */
  drawAfternoon(issue: number, rng: Rng): DayVolume {
    this.surprise[issue] = -1;
    return { total: this.#issues[issue].lot * (4 + rng.integer(12)), morning: 0 };
  }

  rest(issue: number): DayVolume {
    this.surprise[issue] = 0;
    return none;
  }
}
