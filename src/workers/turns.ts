// One message a thread for many small blocks: threads draw the next block from a counter in shared memory.

import type { MapOptions, WorkerPool } from "./pool.ts";

/** What every kernel that takes turns finds in its arguments. */
export interface Turns {
  /** Blocks drawn so far. */
  readonly turn: Int32Array;
}

/**
 * Calls the kernel once a thread; each call draws positions with `takeTurns` until there are none and returns a list. Gives all
 * lists, one behind the other.
 */
export async function inTurns<Result>(
  pool: WorkerPool,
  { args = {}, ...options }: Omit<MapOptions, "blocks">,
): Promise<Result[]> {
  const turn = new Int32Array(new SharedArrayBuffer(4));
  const lists = await pool.mapBlocks<readonly Result[]>({
    ...options,
    blocks: Array.from({ length: pool.threads }, (_, thread) => ({
      start: thread,
      end: thread + 1,
      label: "thread",
    })),
    args: { ...args, turn },
  });
  return lists.flat();
}

/** Positions from 0 to before `count` that no other thread has drawn. */
export function* takeTurns(turn: Int32Array, count: number): Generator<number> {
  for (;;) {
    const mine = Atomics.add(turn, 0, 1);
    if (mine >= count) return;
    yield mine;
  }
}
