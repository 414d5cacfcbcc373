// Checks of the arguments that all kernels on one series share, and the scratch memory they reuse between calls.

import { ShapeError } from "../errors.ts";

/** Options of every rolling kernel. */
export interface RollingOptions {
  /** Fewest values a window must hold for a result; default: the whole window. */
  readonly minPeriods?: number;
}

/** `out`, or a new array of `length` cells when there is none. Throws ShapeError when its length differs. */
export function outputFor(
  kernel: string,
  length: number,
  out: Float64Array | undefined,
): Float64Array {
  if (out === undefined) return new Float64Array(length);
  requireLength(kernel, "out", length, out.length);
  return out;
}

export function requireLength(kernel: string, what: string, expected: number, found: number): void {
  if (expected !== found) {
    throw new ShapeError(`${kernel}: ${what} must have ${expected} values, found ${found}`);
  }
}

/** `value`. Throws ShapeError unless it is an integer of at least `least`. */
export function requireInteger(kernel: string, what: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least) return value;
  throw new ShapeError(
    `${kernel}: ${what} must be an integer of at least ${least}, found ${value}`,
  );
}

/** The fewest values a window needs. Throws ShapeError unless window ≥ 1 and 0 ≤ minPeriods ≤ window. */
export function requireWindow(kernel: string, window: number, options: RollingOptions): number {
  const { minPeriods = window } = options;
  requireInteger(kernel, "window", window, 1);
  if (!Number.isInteger(minPeriods) || minPeriods < 0 || minPeriods > window) {
    throw new ShapeError(
      `${kernel}: minPeriods must be an integer from 0 to the window ${window}, found ${minPeriods}`,
    );
  }
  return minPeriods;
}

/** A function that hands out one growing Float64Array: its contents are what the last user left. */
export function scratchFloat64(): (length: number) => Float64Array {
  let memory = new Float64Array(0);
  return (length) => {
    if (memory.length < length) memory = new Float64Array(2 ** Math.ceil(Math.log2(length)));
    return memory;
  };
}

/** As `scratchFloat64`, of Int32Array. */
export function scratchInt32(): (length: number) => Int32Array {
  let memory = new Int32Array(0);
  return (length) => {
    if (memory.length < length) memory = new Int32Array(2 ** Math.ceil(Math.log2(length)));
    return memory;
  };
}

const reciprocalScratch = scratchFloat64();
let reciprocalsKnown = 0;

/** A table whose entry n is 1 / n for n from 1 to `count`, and 0 at 0. */
export function reciprocals(count: number): Float64Array {
  const table = reciprocalScratch(count + 1);
  if (reciprocalsKnown < table.length) {
    table[0] = 0;
    for (let n = 1; n < table.length; n += 1) table[n] = 1 / n;
    reciprocalsKnown = table.length;
  }
  return table;
}
