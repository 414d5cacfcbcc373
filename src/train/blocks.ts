// Day blocks: D whole trading days forecast together, so that windows that overlap are computed once.

import type { Rng } from "../rng.ts";
import type { Samples } from "./samples.ts";

/** Sessions `start` to `end` - 1 are forecast. */
export interface SessionSpan {
  readonly start: number;
  readonly end: number;
}

export interface Block {
  /** First session forecast; the block has as many as it was planned for. */
  readonly start: number;
  /** Positions of the stocks that have a row on one of its days. */
  readonly stocks: Int32Array;
}

/** Blocks of `days` sessions that cover the spans; the last of a span reaches back to be whole. */
export function coveringBlocks(
  samples: Samples,
  spans: readonly SessionSpan[],
  days: number,
): Block[] {
  return spans.flatMap(({ start, end }) => {
    const starts: number[] = [];
    for (let at = start; at < end; at += days) starts.push(Math.max(0, Math.min(at, end - days)));
    return starts.map((at) => blockAt(samples, at, days));
  });
}

/** The blocks of one epoch in random order, cut at a random offset so that days meet other days each time. */
export function shuffledBlocks(
  samples: Samples,
  spans: readonly SessionSpan[],
  { days, rng }: { readonly days: number; readonly rng: Rng },
): Block[] {
  const blocks = spans.flatMap(({ start, end }) => {
    const first = start + rng.integer(days);
    const count = Math.max(1, Math.floor((end - first) / days));
    return Array.from({ length: count }, (_, i) =>
      blockAt(samples, Math.max(0, Math.min(first + i * days, end - days)), days),
    );
  });
  return rng.shuffle(blocks);
}

/** Stocks of every block that an epoch could cut from the spans. */
export function stockCounts(
  samples: Samples,
  spans: readonly SessionSpan[],
  days: number,
): readonly number[] {
  return spans.flatMap(({ start, end }) => {
    const last = Math.max(start, end - days);
    return Array.from({ length: last - start + 1 }, (_, i) => {
      return blockAt(samples, Math.max(0, Math.min(start + i, end - days)), days).stocks.length;
    });
  });
}

function blockAt({ rowOf, codeNames, dates }: Samples, start: number, days: number): Block {
  const codes = codeNames.length;
  const end = Math.min(start + days, dates.length);
  const stocks: number[] = [];
  for (let code = 0; code < codes; code += 1) {
    let session = start;
    while (session < end && rowOf[session * codes + code] < 0) session += 1;
    if (session < end) stocks.push(code);
  }
  return { start, stocks: Int32Array.from(stocks) };
}

/**
 * The sizes that blocks are padded to: the largest, and a second one where a quarter of the work would be padding. Few, because
 * each is a compiled graph.
 */
export function padSizes(counts: readonly number[], multiple = 8): readonly number[] {
  const round = (count: number): number =>
    Math.max(multiple, Math.ceil(count / multiple) * multiple);
  const sorted = [...counts].sort((a, b) => a - b);
  const largest = round(sorted.at(-1) ?? 1);
  const total = sorted.reduce((sum, count) => sum + count, 0);
  if (total > 0.75 * largest * sorted.length) return [largest];
  const candidates = [...new Set(sorted.map(round))];
  const cost = (size: number): number =>
    sorted.reduce((sum, count) => sum + (count <= size ? size : largest), 0);
  const best = candidates.reduce((a, b) => (cost(b) < cost(a) ? b : a), largest);
  return best === largest ? [largest] : [best, largest];
}
