// The kernels that bench/stats.bench.ts maps over blocks of codes (series) or of dates (cross-sections).

import * as stats from "../src/stats/index.ts";
import type { Block } from "../src/workers/index.ts";

/** One array of equally long lines: a code's series, or a day's values. */
export interface Lines {
  readonly kernel: string;
  readonly window: number;
  readonly length: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly out: Float64Array;
}

type Line = (x: Float64Array, y: Float64Array, window: number, out: Float64Array) => void;

const kernels = new Map<string, Line>(
  Object.entries<Line>({
    shift: (x, _, window, out) => stats.shift(x, window, out),
    pctChange: (x, _, window, out) => stats.pctChange(x, window, out),
    cumSum: (x, _, __, out) => stats.cumSum(x, out),
    rollingSum: (x, _, window, out) => stats.rollingSum(x, window, out),
    rollingMean: (x, _, window, out) => stats.rollingMean(x, window, out),
    rollingVar: (x, _, window, out) => stats.rollingVar(x, window, out),
    rollingStd: (x, _, window, out) => stats.rollingStd(x, window, out),
    rollingZscore: (x, _, window, out) => stats.rollingZscore(x, window, out),
    rollingMin: (x, _, window, out) => stats.rollingMin(x, window, out),
    rollingMax: (x, _, window, out) => stats.rollingMax(x, window, out),
    rollingMedian: (x, _, window, out) => stats.rollingMedian(x, window, out),
    rollingQuantile: (x, _, window, out) => stats.rollingQuantile(x, window, 0.9, out),
    rollingRank: (x, _, window, out) => stats.rollingRank(x, window, out),
    rollingCov: (x, y, window, out) => stats.rollingCov(x, y, window, out),
    rollingCorr: (x, y, window, out) => stats.rollingCorr(x, y, window, out),
    rollingBeta: (x, y, window, out) => stats.rollingBeta(y, x, window, out),
    ewmMean: (x, _, window, out) => stats.ewmMean(x, { span: window }, out),
    ewmVar: (x, _, window, out) => stats.ewmVar(x, { span: window }, out),
    rank: (x, _, __, out) => stats.rank(x, out),
    zscore: (x, _, __, out) => stats.zscore(x, out),
    demean: (x, _, __, out) => stats.demean(x, out),
    winsorize: (x, _, __, out) => stats.winsorize(x, out),
  }),
);

export function runLines(block: Block, { kernel, window, length, x, y, out }: Lines): void {
  const line = kernels.get(kernel);
  if (line === undefined) throw new Error(`bench: no kernel ${kernel}`);
  for (let i = block.start; i < block.end; i += 1) {
    const from = i * length;
    const to = from + length;
    line(x.subarray(from, to), y.subarray(from, to), window, out.subarray(from, to));
  }
}
