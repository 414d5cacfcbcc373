// Exponentially weighted sums over exactly the last L sessions, in time that does not grow with L.

/** Which sessions a stock's rows are of. */
export interface SessionAxis {
  /** Number of the session; only differences count. */
  readonly position: Float64Array;
  /** Epoch day of the session. */
  readonly day: Float64Array;
}

export interface DecayWindow {
  /** Sessions after which a weight has halved. */
  readonly halfLife: number;
  /** Sessions that count, today included. */
  readonly length: number;
  /** Weight by age in sessions, from today's to that of the session before the window. */
  readonly weights: Float64Array;
}

/** Sessions after which a weight is below a thousandth: ten half-lives. */
export function decayWindow(halfLife: number): DecayWindow {
  const length = Math.ceil(10 * halfLife);
  const weights = Float64Array.from({ length: length + 1 }, (_, age) => 0.5 ** (age / halfLife));
  return { halfLife, length, weights };
}

/**
 * Sum of value · 0.5^(age / halfLife) over the last `length` sessions, age in sessions; NaN and sessions without a row add 0.
 * Sums are taken within blocks of `length` calendar days since 1970, forwards and backwards, and joined: nothing is ever
 * subtracted, and the bits depend on the window alone, not on where the history begins.
 */
export function decayedSum(
  values: Float64Array,
  { position, day }: SessionAxis,
  { length, weights }: DecayWindow,
  out: Float64Array,
): void {
  const { blockEnd, tail } = blockTails(values, { position, day }, weights, length);
  let sum = 0;
  let first = 0;
  for (let i = 0; i < values.length; i += 1) {
    const isBlockStart = i === 0 || blockEnd[i - 1] === i - 1;
    const kept = isBlockStart ? 0 : sum * weightOf(weights, position[i] - position[i - 1]);
    sum = kept + finite(values[i]);
    while (position[first] <= position[i] - length) first += 1;
    let total = sum;
    for (let j = first; blockEnd[j] !== blockEnd[i]; j = blockEnd[j] + 1) {
      total += tail[j] * weightOf(weights, position[i] - position[blockEnd[j]]);
    }
    out[i] = total;
  }
}

/** How many values of the last `length` sessions are not NaN. */
export function seenInWindow(
  values: Float64Array,
  { position }: SessionAxis,
  { length }: Pick<DecayWindow, "length">,
  out: Float64Array,
): void {
  let count = 0;
  let first = 0;
  for (let i = 0; i < values.length; i += 1) {
    if (values[i] === values[i]) count += 1;
    for (; position[first] <= position[i] - length; first += 1) {
      if (values[first] === values[first]) count -= 1;
    }
    out[i] = count;
  }
}

interface BlockTails {
  /** Index of the last row of each row's block. */
  readonly blockEnd: Int32Array;
  /** Weighted sum from each row to the end of its block, as of that end. */
  readonly tail: Float64Array;
}

/** A block has fewer than `length` sessions, so a window begins before the block in which it ends. */
function blockTails(
  values: Float64Array,
  { position, day }: SessionAxis,
  weights: Float64Array,
  length: number,
): BlockTails {
  const count = values.length;
  const blockEnd = new Int32Array(count);
  const tail = new Float64Array(count);
  for (let i = count - 1; i >= 0; i -= 1) {
    const isLast =
      i === count - 1 || Math.floor(day[i] / length) !== Math.floor(day[i + 1] / length);
    blockEnd[i] = isLast ? i : blockEnd[i + 1];
    const age = position[blockEnd[i]] - position[i];
    tail[i] = (isLast ? 0 : tail[i + 1]) + finite(values[i]) * weightOf(weights, age);
  }
  return { blockEnd, tail };
}

function weightOf(weights: Float64Array, age: number): number {
  return age < weights.length ? weights[age] : 0;
}

function finite(value: number): number {
  return value - value === 0 ? value : 0;
}
