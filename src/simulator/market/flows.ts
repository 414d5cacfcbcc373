// Weekly buying and selling by market section: foreigners follow the market and their own habit; the others take the rest.

import { dayOfWeek, marketReformDay } from "../../calendar/index.ts";
import type { Rng } from "../../rng.ts";
import type { Sessions } from "./sessions.ts";

const sectionsBefore = ["TSE1st", "TSE2nd", "TSEMothers", "TSEJASDAQ"] as const;
const sectionsAfter = ["TSEPrime", "TSEStandard", "TSEGrowth"] as const;

/** Every section with a pressure of its own, in the order of `pressures`. */
export const flowSections: readonly string[] = [...sectionsBefore, ...sectionsAfter, "TokyoNagoya"];

export interface FlowWeek {
  /** Session indexes of the week's first and last session. */
  readonly first: number;
  readonly last: number;
  /** Publication: 18:00 on the fourth business day of the next week. */
  readonly publicationDay: number;
  /** Foreigners' net buying by section in standard deviations. */
  readonly pressures: Float64Array;
}

/** A week's pressure keeps this share of the week before. */
export const flowMemory = 0.85;

/** Builds weeks session by session and hands out the pressure that is public. */
export class Flows {
  /** Grows as the market goes on. */
  readonly weeks: FlowWeek[] = [];
  readonly #rng: Rng;
  readonly #sessions: Sessions;
  readonly #state: Float64Array = new Float64Array(flowSections.length);
  #weekStart = 0;
  #marketReturn = 0;
  #published = -1;

  constructor(rng: Rng, sessions: Sessions) {
    this.#rng = rng;
    this.#sessions = sessions;
    for (let s = 0; s < this.#state.length; s += 1) this.#state[s] = rng.normal();
  }

  /** Takes the market's return of session `d`; closes the week on its last session. */
  update(d: number, marketReturn: number): void {
    const { calendar, days } = this.#sessions;
    this.#marketReturn += marketReturn;
    const day = days[d];
    const next = calendar.next(day);
    if (next - day < 7 && dayOfWeek(next) > dayOfWeek(day)) return;
    const common = this.#rng.normal();
    const market = Math.max(-3, Math.min(3, this.#marketReturn / 0.026));
    const news = Math.sqrt(1 - flowMemory ** 2);
    for (let s = 0; s < this.#state.length; s += 1) {
      const shock = 0.4 * market + 0.5 * common + 0.76 * this.#rng.normal();
      this.#state[s] = flowMemory * this.#state[s] + news * shock;
    }
    const publicationDay = calendar.add(next, 3);
    this.weeks.push({
      first: this.#weekStart,
      last: d,
      publicationDay,
      pressures: this.#state.slice(),
    });
    this.#weekStart = d + 1;
    this.#marketReturn = 0;
  }

  /** Pressures of the last week published before the close of session `d`; undefined before the first. */
  publicAt(d: number): Float64Array | undefined {
    const day = this.#sessions.days[d];
    while (
      this.#published + 1 < this.weeks.length &&
      this.weeks[this.#published + 1].publicationDay < day
    ) {
      this.#published += 1;
    }
    return this.weeks[this.#published]?.pressures;
  }
}

/** True when a section is published for a week that ends on `day`. */
export function isSectionOn(section: string, day: number): boolean {
  if (section === "TokyoNagoya") return true;
  const isNew = sectionsAfter.some((name) => name === section);
  return isNew === day >= marketReformDay;
}
