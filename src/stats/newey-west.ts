// Newey and West (1987) covariance, robust to heteroskedasticity and autocorrelation, with Bartlett weights, as
// statsmodels' cov_type="HAC"; automatic lag as Newey and West (1994) for that kernel, floor(4 (n / 100)^(2/9)).

import { requireInteger } from "./arguments.ts";
import type { OlsFit } from "./ols.ts";

/** Options of the Newey-West estimates. */
export interface NeweyWestOptions {
  /** Autocovariances taken into account; default "auto": floor(4 (n / 100)^(2/9)). */
  readonly lags?: number | "auto";
  /** Multiply the covariance by n / (n − k); default false, as in statsmodels. */
  readonly smallSample?: boolean;
}

/** The mean of a series with its Newey-West standard error. */
export interface NeweyWestMean {
  readonly mean: number;
  readonly standardError: number;
  /** mean / standardError. */
  readonly tStatistic: number;
  readonly lags: number;
  /** Values that are not NaN. */
  readonly count: number;
}

/** The automatic lag for `count` rows: floor(4 (count / 100)^(2/9)), at most count − 1. */
export function neweyWestLags(count: number): number {
  return Math.max(0, Math.min(count - 1, Math.floor(4 * (count / 100) ** (2 / 9))));
}

/**
 * Mean of a series (oldest first) with the standard error that its autocorrelation leaves.
 * NaN values are left out and the rest taken as adjacent; standard error and t are NaN with fewer than two values,
 * t also when the series does not vary.
 */
export function neweyWestMean(values: Float64Array, options: NeweyWestOptions = {}): NeweyWestMean {
  const known = values.filter((value) => !Number.isNaN(value));
  const count = known.length;
  const lags = lagsOf("neweyWestMean", options, count);
  let sum = 0;
  for (let i = 0; i < count; i += 1) sum += known[i];
  const mean = sum / count;
  const scores = known.map((value) => value - mean);
  const scale = options.smallSample === true ? count / (count - 1) : 1;
  const variance = (longRun(scores, scores, lags) * scale) / (count * count);
  const defined = count > 1 && known.some((value) => value !== known[0]);
  const standardError = count > 1 ? Math.sqrt(defined ? variance : 0) : Number.NaN;
  const tStatistic = defined ? mean / standardError : Number.NaN;
  return { mean, standardError, tStatistic, lags, count };
}

/** Newey-West covariance of a regression's coefficients, row-major: (columns, columns). NaN when the fit is. */
export function neweyWestCovariance(fit: OlsFit, options: NeweyWestOptions = {}): Float64Array {
  const width = fit.design.length;
  const lags = lagsOf("neweyWestCovariance", options, fit.count);
  const residuals = fit.residuals.filter((value) => !Number.isNaN(value));
  const scores = fit.design.map((column) => residuals.map((residual, i) => residual * column[i]));
  const scale = options.smallSample === true ? fit.count / fit.degreesOfFreedom : 1;
  const middle = new Float64Array(width * width);
  for (let i = 0; i < width; i += 1) {
    for (let j = 0; j < width; j += 1) {
      middle[i * width + j] = longRun(scores[i], scores[j], lags) * scale;
    }
  }
  return product(product(fit.inverseGram, middle, width), fit.inverseGram, width);
}

/** Standard errors of a regression's coefficients: roots of the diagonal of `neweyWestCovariance`. */
export function neweyWestErrors(fit: OlsFit, options: NeweyWestOptions = {}): Float64Array {
  const covariance = neweyWestCovariance(fit, options);
  const width = fit.design.length;
  return Float64Array.from({ length: width }, (_, i) => Math.sqrt(covariance[i * width + i]));
}

function lagsOf(kernel: string, { lags = "auto" }: NeweyWestOptions, count: number): number {
  if (lags === "auto") return neweyWestLags(count);
  return requireInteger(kernel, "lags", lags, 0);
}

/** Σ a b plus, for each lag l, the share 1 − l / (lags + 1) of the products l rows apart, both ways. */
function longRun(a: Float64Array, b: Float64Array, lags: number): number {
  let total = 0;
  for (let lag = 0; lag <= lags && lag < a.length; lag += 1) {
    let sum = 0;
    for (let i = lag; i < a.length; i += 1) {
      sum += lag === 0 ? a[i] * b[i] : a[i] * b[i - lag] + a[i - lag] * b[i];
    }
    total += (1 - lag / (lags + 1)) * sum;
  }
  return total;
}

function product(a: Float64Array, b: Float64Array, width: number): Float64Array {
  const out = new Float64Array(width * width);
  for (let i = 0; i < width; i += 1) {
    for (let j = 0; j < width; j += 1) {
      for (let k = 0; k < width; k += 1) out[i * width + j] += a[i * width + k] * b[k * width + j];
    }
  }
  return out;
}
