// Splits, reverse splits and one rights issue: decided at month ends from prices, effective some sessions later.

import { civilOfDay } from "../../calendar/index.ts";
import type { Rng } from "../../rng.ts";
import type { Issue } from "./issues.ts";
import type { CapitalChange, CapitalEvent } from "./price-table.ts";
import type { Sessions } from "./sessions.ts";

/** Sessions from a decision to the ex-date. */
const noticeSessions = 25;

interface Plan {
  readonly factor: number;
  readonly kind: CapitalChange;
}

/** Plans capital changes and hands them out on their ex-dates. */
export class CapitalChanges {
  readonly events: CapitalEvent[] = [];
  readonly #rng: Rng;
  readonly #issues: readonly Issue[];
  readonly #sessions: Sessions;
  readonly #due: Map<number, CapitalEvent[]> = new Map();
  readonly #busyUntil: Int32Array;

  constructor(rng: Rng, issues: readonly Issue[], sessions: Sessions) {
    this.#rng = rng;
    this.#issues = issues;
    this.#sessions = sessions;
    this.#busyUntil = new Int32Array(issues.length);
  }

  /** Changes whose ex-date is session `d`. */
  on(d: number): readonly CapitalEvent[] {
    return this.#due.get(d) ?? [];
  }

  /** Looks at the closes (tenths of a yen) of session `d` and plans. */
  plan(d: number, closes: Int32Array): void {
    const { count } = this.#sessions;
    if (this.#issues.length >= 20) {
      if (d === Math.floor(count * 0.35)) this.#force(d, closes, { factor: 0.5, kind: "1" });
      if (d === Math.floor(count * 0.5)) this.#force(d, closes, { factor: 10, kind: "2" });
      if (d === Math.floor(count * 0.6)) this.#force(d, closes, { factor: 0.95, kind: "3" });
    }
    if (d + 1 >= count || sameMonth(this.#sessions.days[d], this.#sessions.days[d + 1])) return;
    for (let c = 0; c < closes.length; c += 1) {
      const draw = this.#rng.uniform();
      const choice = this.#rng.uniform();
      if (this.#mayChange(c, d, noticeSessions)) {
        const plan = planFor(closes[c], draw, choice);
        if (plan !== undefined) this.#add(c, d + noticeSessions, plan);
      }
    }
  }

  #force(d: number, closes: Int32Array, plan: Plan): void {
    const notice = Math.min(noticeSessions, 10);
    let best = -1;
    for (let c = 0; c < closes.length; c += 1) {
      if (!this.#mayChange(c, d, notice)) continue;
      const isBetter = plan.kind === "2" ? closes[c] < closes[best] : closes[c] > closes[best];
      if (best < 0 || isBetter) best = c;
    }
    if (best >= 0) this.#add(best, d + notice, plan);
  }

  #mayChange(c: number, d: number, notice: number): boolean {
    const issue = this.#issues[c];
    return (
      issue.kind === "stock" &&
      issue.listed < d &&
      issue.delisted > d + notice + 5 &&
      this.#busyUntil[c] <= d &&
      d + notice !== this.#sessions.haltIndex
    );
  }

  #add(issue: number, session: number, plan: Plan): void {
    if (session >= this.#sessions.count) return;
    const event = { issue, session, ...plan };
    this.#busyUntil[issue] = session + 60;
    this.events.push(event);
    const due = this.#due.get(session);
    if (due === undefined) this.#due.set(session, [event]);
    else due.push(event);
  }
}

function planFor(close: number, draw: number, choice: number): Plan | undefined {
  if (close > 50_000 && draw < 0.12) {
    const ratio = close > 120_000 ? 5 : choice < 0.7 ? 2 : 3;
    return { factor: 1 / ratio, kind: "1" };
  }
  if (close < 2_000 && draw < 0.3) return { factor: choice < 0.5 ? 10 : 5, kind: "2" };
  return undefined;
}

function sameMonth(a: number, b: number): boolean {
  return civilOfDay(a).month === civilOfDay(b).month;
}
