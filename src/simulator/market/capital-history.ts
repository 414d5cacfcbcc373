// What splits did to an issue: adjustment factors between two sessions and the shares in issue on one.

import type { Issue } from "./issues.ts";
import type { CapitalEvent } from "./price-table.ts";

/** Rights issues add a tenth of the shares and adjust prices only. */
export const rightsShareRatio = 1.1;

export class CapitalHistory {
  readonly #issues: readonly Issue[];
  readonly #byIssue: Map<number, CapitalEvent[]> = new Map();

  constructor(issues: readonly Issue[], events: readonly CapitalEvent[]) {
    this.#issues = issues;
    for (const event of events) {
      const list = this.#byIssue.get(event.issue);
      if (list === undefined) this.#byIssue.set(event.issue, [event]);
      else list.push(event);
    }
  }

  /** The capital change that goes ex on a session. */
  on(issue: number, session: number): CapitalEvent | undefined {
    return this.#byIssue.get(issue)?.find((event) => event.session === session);
  }

  /** Product of the factors of sessions after `session` up to `last`: raw price × it = adjusted price as of `last`. */
  priceFactor(issue: number, session: number, last: number): number {
    const events = this.#byIssue.get(issue);
    if (events === undefined) return 1;
    let product = 1;
    for (const event of events) {
      if (event.session > session && event.session <= last) product *= event.factor;
    }
    return product;
  }

  /** The same product without rights issues, which leave volumes alone. */
  volumeFactor(issue: number, session: number, last: number): number {
    const events = this.#byIssue.get(issue);
    if (events === undefined) return 1;
    let product = 1;
    for (const event of events) {
      if (event.kind !== "3" && event.session > session && event.session <= last)
        product *= event.factor;
    }
    return product;
  }

  /** Shares in issue on a session, treasury shares included. */
  shares(issue: number, session: number): number {
    const { listed, predecessor, shares } = this.#issues[issue];
    let count = predecessor >= 0 ? this.shares(predecessor, listed - 1) : shares;
    for (const event of this.#byIssue.get(issue) ?? []) {
      if (event.session > session) break;
      count = Math.round(event.kind === "3" ? count * rightsShareRatio : count / event.factor);
    }
    return count;
  }
}
