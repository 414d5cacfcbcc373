// Turnover of groups of issues by session, summed when first asked for: industries, market sections.

import { investorSection, sectors } from "./code-tables.ts";
import { flowSections } from "./flows.ts";
import { type Issue, segmentOn } from "./issues.ts";
import { cellTurnover } from "./daily-bars.ts";
import type { PriceTable } from "./price-table.ts";
import type { Sessions } from "./sessions.ts";

/** Position after the 33 industries: everything else, S33 9999. */
const otherIndustry: number = sectors.length;

export class Turnovers {
  readonly #issues: readonly Issue[];
  readonly #prices: PriceTable;
  readonly #sessions: Sessions;
  readonly #industries: Map<number, Float64Array> = new Map();
  readonly #sections: Map<number, Float64Array> = new Map();

  constructor(issues: readonly Issue[], prices: PriceTable, sessions: Sessions) {
    this.#issues = issues;
    this.#prices = prices;
    this.#sessions = sessions;
  }

  /** Yen traded in a session by industry, in the order of `sectors`, 9999 last. */
  industries(d: number): Float64Array {
    this.#sum(d);
    return this.#industries.get(d) ?? new Float64Array(otherIndustry + 1);
  }

  /** Yen traded in a session by section, in the order of `flowSections`. */
  sections(d: number): Float64Array {
    this.#sum(d);
    return this.#sections.get(d) ?? new Float64Array(flowSections.length);
  }

  #sum(d: number): void {
    if (this.#industries.has(d)) return;
    const industries = new Float64Array(otherIndustry + 1);
    const sections = new Float64Array(flowSections.length);
    const day = this.#sessions.days[d];
    for (const issue of this.#issues) {
      const turnover = cellTurnover(this.#prices, d * this.#prices.issues + issue.index);
      industries[issue.sector < 0 ? otherIndustry : issue.sector] += turnover;
      const section = flowSections.indexOf(investorSection(segmentOn(issue, day)));
      if (section >= 0) sections[section] += turnover;
    }
    this.#industries.set(d, industries);
    this.#sections.set(d, sections);
  }
}
