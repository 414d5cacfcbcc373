// Time enters the program here and nowhere else: a clock is passed to whoever needs the present.

/** Epoch milliseconds of now. */
export interface Clock {
  nowMs(): number;
}

/** The machine's clock. */
export const systemClock: Clock = { nowMs: () => Temporal.Now.instant().epochMilliseconds };

/** A clock that stands still until it is moved; for tests and simulations. */
export class ManualClock implements Clock {
  #nowMs: number;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  advance(byMs: number): void {
    this.#nowMs += byMs;
  }

  set(nowMs: number): void {
    this.#nowMs = nowMs;
  }
}
