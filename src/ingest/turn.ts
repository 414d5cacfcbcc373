// One at a time: work that shares the writer's connection waits for its turn.

export class Turn {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `work` after all work that asked before it, whether that succeeded or not. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const mine = (async () => {
      await before.catch(() => undefined);
      return work();
    })();
    this.#last = mine;
    return mine;
  }
}
