// Kernels of the worker tests.

import { LeakageError } from "../../src/errors.ts";
import type { Block } from "../../src/workers/index.ts";

interface Columns {
  readonly input: Float64Array;
  readonly output: Float64Array;
}

export function squares(block: Block, { input, output }: Columns): number {
  for (let i = block.start; i < block.end; i += 1) output[i] = input[i] * input[i];
  return block.end - block.start;
}

export async function failsOnThird(block: Block): Promise<void> {
  if (block.start === 20) {
    throw new RangeError("the third block is bad", { cause: new Error("its row 23") });
  }
  return Promise.resolve();
}

export function countsAndFailsFirst(block: Block, { calls }: { readonly calls: Int32Array }): void {
  Atomics.add(calls, 0, 1);
  if (block.start === 0) throw new Error("the first block is bad");
}

/** Counts in shared memory for ever: only an abort ends it. */
export function spins(_: Block, { ticks }: { readonly ticks: Int32Array }): void {
  for (;;) Atomics.add(ticks, 0, 1);
}

export function exits(block: Block): void {
  if (block.start === 0) process.exit(3);
}

export function leaks(): void {
  throw new LeakageError("beta_60d reads a later session");
}

/** Adds what every worker was handed when it started. */
export function plusShared(block: Block, _: object, shared: { readonly offset: number }): number {
  return block.start + shared.offset;
}
