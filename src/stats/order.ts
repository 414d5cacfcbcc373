// The order of a column's values: a radix sort on the bits of float64 in reused typed arrays, insertion for short ones.

import { scratchInt32 } from "./arguments.ts";

const insertionLimit = 96;
const tieLimit = 24;
const bits = 11;
const digits = 2 ** bits;

const orderScratch = scratchInt32();
const spareScratch = scratchInt32();
const highScratch = scratchInt32();
const lowScratch = scratchInt32();
const starts = new Int32Array(3 * digits);

/** Positions in ascending order of their values; memory that the next call of `ascendingOrder` overwrites. */
export interface Order {
  readonly positions: Int32Array;
  /** How many of `positions` count: the values that are not NaN. */
  readonly count: number;
}

/** Positions of the values that are not NaN, ascending by value and then by position; −0 equals 0. */
export function ascendingOrder(values: Float64Array): Order {
  const positions = orderScratch(values.length);
  const count = listKnown(values, positions);
  if (count <= insertionLimit) {
    insertionSort(values, positions, 0, count);
    return { positions, count };
  }
  const high = highScratch(values.length);
  const low = lowScratch(values.length);
  writeKeys(values, high, low);
  const spare = spareScratch(values.length);
  sortByKey(high, positions, spare, count);
  if (mendTies(values, high, spare, count)) return { positions: spare, count };
  listKnown(values, positions);
  sortByKey(low, positions, spare, count);
  sortByKey(high, spare, positions, count);
  return { positions, count };
}

function listKnown(values: Float64Array, positions: Int32Array): number {
  let count = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (value === value) {
      positions[count] = i;
      count += 1;
    }
  }
  return count;
}

/** Two 32-bit keys a value whose unsigned order is the order of the values (sign flipped, negatives inverted). */
function writeKeys(values: Float64Array, high: Int32Array, low: Int32Array): void {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  for (let i = 0; i < values.length; i += 1) {
    const upper = values[i] === 0 ? 0 : words[2 * i + 1];
    const flip = upper >> 31;
    high[i] = upper ^ (flip | -2147483648);
    low[i] = words[2 * i] ^ flip;
  }
}

/** Stable sort of `from` by the unsigned 32 bits of its key in three passes; the result is in `to`. */
function sortByKey(key: Int32Array, from: Int32Array, to: Int32Array, count: number): void {
  starts.fill(0);
  for (let i = 0; i < count; i += 1) {
    const bitsOfKey = key[from[i]];
    starts[bitsOfKey & (digits - 1)] += 1;
    starts[digits + ((bitsOfKey >>> bits) & (digits - 1))] += 1;
    starts[2 * digits + (bitsOfKey >>> (2 * bits))] += 1;
  }
  for (let pass = 0, base = 0; pass < 3; pass += 1) {
    let total = 0;
    for (const end = base + digits; base < end; base += 1) {
      const held = starts[base];
      starts[base] = total;
      total += held;
    }
  }
  distribute(key, from, to, count, 0);
  distribute(key, to, from, count, 1);
  distribute(key, from, to, count, 2);
}

function distribute(
  key: Int32Array,
  from: Int32Array,
  to: Int32Array,
  count: number,
  pass: number,
): void {
  const base = pass * digits;
  const down = pass * bits;
  for (let i = 0; i < count; i += 1) {
    const position = from[i];
    const slot = base + ((key[position] >>> down) & (digits - 1));
    to[starts[slot]] = position;
    starts[slot] += 1;
  }
}

/** Sorts runs whose upper words agree; false when one is too long and unsorted for insertion. */
function mendTies(
  values: Float64Array,
  high: Int32Array,
  positions: Int32Array,
  count: number,
): boolean {
  let from = 0;
  while (from < count) {
    const key = high[positions[from]];
    let to = from + 1;
    let sorted = true;
    while (to < count && high[positions[to]] === key) {
      if (values[positions[to]] < values[positions[to - 1]]) sorted = false;
      to += 1;
    }
    if (!sorted) {
      if (to - from > tieLimit) return false;
      insertionSort(values, positions, from, to);
    }
    from = to;
  }
  return true;
}

function insertionSort(
  values: Float64Array,
  positions: Int32Array,
  from: number,
  to: number,
): void {
  for (let i = from + 1; i < to; i += 1) {
    const position = positions[i];
    const value = values[position];
    let j = i;
    while (j > from && values[positions[j - 1]] > value) {
      positions[j] = positions[j - 1];
      j -= 1;
    }
    positions[j] = position;
  }
}
