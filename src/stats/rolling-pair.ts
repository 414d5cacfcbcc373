// Rolling covariance, correlation and beta of two series as pandas.Series.rolling(window).cov(other) and .corr(other),
// in O(1) a row: the anchored blocks of rolling-moments.ts with five sums. A row counts where both series have a value.

import {
  outputFor,
  reciprocals,
  requireInteger,
  requireLength,
  requireWindow,
  scratchFloat64,
  scratchInt32,
  type RollingOptions,
} from "./arguments.ts";
import { blockAnchor, blockEnd, skipMissing } from "./rolling-block.ts";
import type { RollingVarOptions } from "./rolling-moments.ts";

/**
 * Covariance of the last `window` pairs (oldest first), today's included.
 * A pair with NaN or ±Infinity is missing; NaN where fewer than `minPeriods` pairs are there or count ≤ ddof.
 * `out` must not overlap `x` or `y`. Throws ShapeError when lengths differ.
 */
export function rollingCov(
  x: Float64Array,
  y: Float64Array,
  window: number,
  out?: Float64Array,
  options: RollingVarOptions = {},
): Float64Array {
  const ddof = requireInteger("rollingCov", "ddof", options.ddof ?? 1, 0);
  return rollingPair("rollingCov", x, y, window, out, options, ddof);
}

/** Pearson correlation of the last `window` pairs, within [−1, 1]; NaN where either side does not vary. */
export function rollingCorr(
  x: Float64Array,
  y: Float64Array,
  window: number,
  out?: Float64Array,
  options: RollingOptions = {},
): Float64Array {
  return rollingPair("rollingCorr", x, y, window, out, options, 1);
}

/** Slope of `y` on `x` over the last `window` pairs: cov(x, y) / var(x); NaN where `x` does not vary. */
export function rollingBeta(
  y: Float64Array,
  x: Float64Array,
  window: number,
  out?: Float64Array,
  options: RollingOptions = {},
): Float64Array {
  return rollingPair("rollingBeta", x, y, window, out, options, 1);
}

type Kernel = "rollingCov" | "rollingCorr" | "rollingBeta";

interface PairTails {
  readonly counts: Int32Array;
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  readonly xx: Float64Array;
  readonly yy: Float64Array;
  readonly xy: Float64Array;
}

const scratch = {
  counts: scratchInt32(),
  xs: scratchFloat64(),
  ys: scratchFloat64(),
  xx: scratchFloat64(),
  yy: scratchFloat64(),
  xy: scratchFloat64(),
  both: scratchFloat64(),
};

function rollingPair(
  kernel: Kernel,
  x: Float64Array,
  y: Float64Array,
  window: number,
  out: Float64Array | undefined,
  options: RollingOptions,
  ddof: number,
): Float64Array {
  const least = Math.max(requireWindow(kernel, window, options), ddof + 1);
  requireLength(kernel, "y", x.length, y.length);
  const result = outputFor(kernel, x.length, out);
  const reach = Math.min(window, x.length);
  const inverse = reciprocals(reach);
  const both = markPairs(x, y);
  const tails = tailScratch(reach);
  let row = skipMissing(both, 0, result);
  while (row < x.length) {
    const start = blockAnchor(both, row, window);
    if (start < 0) {
      row = skipMissing(both, row, result);
      continue;
    }
    const end = blockEnd(row, start, window, x.length);
    const oldest = Math.min(window - 1, start);
    fillTails(x, y, start, oldest, tails);
    let count = 0;
    let sx = 0;
    let sy = 0;
    let sxx = 0;
    let syy = 0;
    let sxy = 0;
    for (let i = start; i < end; i += 1) {
      const dx = x[i] - x[start];
      const dy = y[i] - y[start];
      const missing = dx - dx + (dy - dy);
      if (missing === 0) {
        count += 1;
        sx += dx;
        sy += dy;
        sxx += dx * dx;
        syy += dy * dy;
        sxy += dx * dy;
      }
      if (i < row) continue;
      const tail = Math.min(window - 1 - (i - start), oldest);
      const n = count + tails.counts[tail];
      const mx = (sx + tails.xs[tail]) * inverse[n];
      const totalY = sy + tails.ys[tail];
      const cxy = sxy + tails.xy[tail] - mx * totalY;
      const cxx = sxx + tails.xx[tail] - mx * (sx + tails.xs[tail]);
      if (n < least) result[i] = Number.NaN;
      else if (kernel === "rollingCov") result[i] = cxy * inverse[n - ddof];
      else if (kernel === "rollingBeta") result[i] = cxx > 0 ? cxy / cxx : Number.NaN;
      else result[i] = correlation(cxy, cxx, syy + tails.yy[tail] - totalY * totalY * inverse[n]);
    }
    row = end;
  }
  return result;
}

function correlation(cxy: number, cxx: number, cyy: number): number {
  if (!(cxx > 0 && cyy > 0)) return Number.NaN;
  return Math.max(-1, Math.min(1, cxy / (Math.sqrt(cxx) * Math.sqrt(cyy))));
}

/** NaN where either side is missing, else 0: what decides where blocks begin. */
function markPairs(x: Float64Array, y: Float64Array): Float64Array {
  const both = scratch.both(x.length).subarray(0, x.length);
  for (let i = 0; i < x.length; i += 1) both[i] = x[i] - x[i] + (y[i] - y[i]);
  return both;
}

function tailScratch(reach: number): PairTails {
  return {
    counts: scratch.counts(reach),
    xs: scratch.xs(reach),
    ys: scratch.ys(reach),
    xx: scratch.xx(reach),
    yy: scratch.yy(reach),
    xy: scratch.xy(reach),
  };
}

/** Entry t: count and sums of the gaps of the t pairs before `start`. */
function fillTails(
  x: Float64Array,
  y: Float64Array,
  start: number,
  oldest: number,
  tails: PairTails,
): void {
  let count = 0;
  let sx = 0;
  let sy = 0;
  let sxx = 0;
  let syy = 0;
  let sxy = 0;
  for (let tail = 0; tail <= oldest; tail += 1) {
    const dx = x[start - tail] - x[start];
    const dy = y[start - tail] - y[start];
    const missing = dx - dx + (dy - dy);
    if (missing === 0 && tail > 0) {
      count += 1;
      sx += dx;
      sy += dy;
      sxx += dx * dx;
      syy += dy * dy;
      sxy += dx * dy;
    }
    tails.counts[tail] = count;
    tails.xs[tail] = sx;
    tails.ys[tail] = sy;
    tails.xx[tail] = sxx;
    tails.yy[tail] = syy;
    tails.xy[tail] = sxy;
  }
}
