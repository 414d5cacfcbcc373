// Moving-block bootstrap (Künsch 1989): a series is rebuilt from overlapping blocks of adjacent rows drawn with
// replacement, so that a statistic's interval keeps the series' autocorrelation.

import { ShapeError } from "../errors.ts";
import type { Rng } from "../rng.ts";
import { requireInteger } from "./arguments.ts";
import { quantiles } from "./quantile.ts";
import { std } from "./standardize.ts";

/** Options of `movingBlockBootstrap`. */
export interface BootstrapOptions {
  readonly rng: Rng;
  /** Adjacent rows a block; default ⌈n^(1/3)⌉ (Bühlmann and Künsch 1999). */
  readonly blockLength?: number;
  /** Rebuilt series; default 1,000. */
  readonly nResamples?: number;
  /** Share of replicates inside the interval; default 0.95. */
  readonly confidence?: number;
}

/** A statistic with its percentile interval. */
export interface BootstrapResult {
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
  readonly standardError: number;
  /** The statistic on each rebuilt series. */
  readonly replicates: Float64Array;
}

/**
 * `statistic` of a series (oldest first) with its percentile interval.
 * NaN values are left out and the rest taken as adjacent; all NaN when none is left. Same rng state, same result.
 * Throws ShapeError on an option out of range.
 */
export function movingBlockBootstrap(
  values: Float64Array,
  statistic: (sample: Float64Array) => number,
  options: BootstrapOptions,
): BootstrapResult {
  const kernel = "movingBlockBootstrap";
  const known = values.filter((value) => !Number.isNaN(value));
  const { rng, nResamples = 1000, confidence = 0.95 } = options;
  const wanted = options.blockLength ?? Math.max(1, Math.ceil(Math.cbrt(known.length)));
  const blockLength = Math.min(requireInteger(kernel, "blockLength", wanted, 1), known.length);
  requireInteger(kernel, "nResamples", nResamples, 1);
  if (!(confidence > 0 && confidence < 1)) {
    throw new ShapeError(`${kernel}: confidence must be in (0, 1), found ${confidence}`);
  }
  const replicates = new Float64Array(nResamples).fill(Number.NaN);
  const estimate = known.length === 0 ? Number.NaN : statistic(known);
  const sample = new Float64Array(known.length);
  for (let i = 0; i < nResamples && known.length > 0; i += 1) {
    drawBlocks(known, blockLength, rng, sample);
    replicates[i] = statistic(sample);
  }
  const [lower, upper] = quantiles(replicates, [(1 - confidence) / 2, (1 + confidence) / 2]);
  return { estimate, lower, upper, standardError: std(replicates), replicates };
}

function drawBlocks(
  values: Float64Array,
  blockLength: number,
  rng: Rng,
  sample: Float64Array,
): void {
  for (let filled = 0; filled < sample.length; filled += blockLength) {
    const start = rng.integer(values.length - blockLength + 1);
    const length = Math.min(blockLength, sample.length - filled);
    for (let i = 0; i < length; i += 1) sample[filled + i] = values[start + i];
  }
}
