// How many requests are in flight: grows while answers come, halves when the service struggles.

/** Additive increase, multiplicative decrease (Chiu and Jain, 1989) between 1 and `most`. */
export class Concurrency {
  readonly most: number;
  #limit: number;
  #running = 0;
  #successes = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(most = 8, start = 4) {
    this.most = most;
    this.#limit = Math.min(start, most);
  }

  get limit(): number {
    return this.#limit;
  }

  /** Runs `work` as soon as a place is free. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    while (this.#running >= this.#limit) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#wake();
    }
  }

  succeeded(): void {
    this.#successes += 1;
    if (this.#successes < 10 || this.#limit >= this.most) return;
    this.#successes = 0;
    this.#limit += 1;
    this.#wake();
  }

  struggled(): void {
    this.#successes = 0;
    this.#limit = Math.max(1, Math.floor(this.#limit / 2));
  }

  #wake(): void {
    for (let free = this.#limit - this.#running; free > 0; free -= 1) this.#waiting.shift()?.();
  }
}
