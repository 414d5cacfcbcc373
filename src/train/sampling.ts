// Which blocks an epoch takes where calm sessions count more: drawn with replacement, with chances inverse to volatility.

import type { Rng } from "../rng.ts";
import { std } from "../stats/index.ts";
import type { Block } from "./blocks.ts";
import type { Samples } from "./samples.ts";

/** One a block of `days` sessions: 1 over the mean deviation of the returns learnt from in a session; 0 where there are none. */
export function calmness(
  samples: Samples,
  returns: Float32Array,
  { blocks, days }: { readonly blocks: readonly Block[]; readonly days: number },
): readonly number[] {
  return blocks.map(({ start, stocks }) => {
    const deviations = Array.from({ length: days }, (_, day) =>
      deviationOn(samples, returns, start + day, stocks),
    ).filter((deviation) => deviation > 0);
    const sum = deviations.reduce((total, deviation) => total + deviation, 0);
    return deviations.length === 0 ? 0 : deviations.length / sum;
  });
}

function deviationOn(
  { rowOf, codeNames, targets }: Samples,
  returns: Float32Array,
  session: number,
  stocks: Int32Array,
): number {
  const known: number[] = [];
  for (const code of stocks) {
    const row = rowOf[session * codeNames.length + code];
    if (row >= 0 && Number.isFinite(targets[0][row])) known.push(returns[row]);
  }
  return std(Float64Array.from(known));
}

/** `count` of the items with replacement, each with a chance proportional to its weight. All alike where all weights are 0. */
export function drawWeighted<T>(
  items: readonly T[],
  weights: readonly number[],
  { count, rng }: { readonly count: number; readonly rng: Rng },
): readonly T[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Array.from({ length: count }, () => {
    let left = rng.uniform() * total;
    const found = weights.findIndex((weight) => (left -= weight) < 0);
    return items[found < 0 ? rng.integer(items.length) : found];
  });
}
