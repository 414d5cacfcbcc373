// Price moves at disclosures, by session: what a filing says moves the price once, when the market first can read it.

export interface Jump {
  readonly issue: number;
  /** Part of the day: 0 overnight, 1 morning, 2 lunch, 3 afternoon. */
  readonly part: number;
  /** Return. */
  readonly size: number;
}

export class Jumps {
  readonly #bySession: Map<number, Jump[]> = new Map();

  add(session: number, jump: Jump): void {
    const jumps = this.#bySession.get(session);
    if (jumps === undefined) this.#bySession.set(session, [jump]);
    else jumps.push(jump);
  }

  on(session: number): readonly Jump[] {
    return this.#bySession.get(session) ?? [];
  }
}
