// What can be set of a LightGBM model, in our names, and the parameter string that the library reads.

import { availableParallelism } from "node:os";
import { ConfigError } from "../../errors.ts";

export type Objective = "regression" | "quantile" | "huber" | "lambdarank";

/** Defaults suit daily returns, where one part in a thousand of the variance can be told: many small, heavily averaged trees. */
export interface LightGbmOptions {
  readonly objective?: Objective;
  /** Level of the quantile objective, or the point where huber turns linear. */
  readonly alpha?: number;
  readonly rounds?: number;
  /** Rounds without a better validation RankIC (mean of ten rounds) before training stops; the best round is kept. */
  readonly patience?: number;
  readonly learningRate?: number;
  readonly numLeaves?: number;
  /** -1 for no limit. */
  readonly maxDepth?: number;
  readonly minDataInLeaf?: number;
  /** Share of the features that a tree sees; never fewer than ten of them. */
  readonly featureFraction?: number;
  readonly baggingFraction?: number;
  readonly baggingFreq?: number;
  readonly lambdaL1?: number;
  readonly lambdaL2?: number;
  readonly maxBin?: number;
  /** Relevance grades a session's labels are cut into for lambdarank. */
  readonly grades?: number;
  readonly seed?: number;
  /** OpenMP threads; 0 takes every core. */
  readonly threads?: number;
}

export const lightGbmDefaults: Required<LightGbmOptions> = {
  objective: "regression",
  alpha: 0.9,
  rounds: 400,
  patience: 100,
  learningRate: 0.03,
  numLeaves: 8,
  maxDepth: -1,
  minDataInLeaf: 500,
  featureFraction: 0.2,
  baggingFraction: 0.5,
  baggingFreq: 1,
  lambdaL1: 0,
  lambdaL2: 50,
  maxBin: 255,
  grades: 10,
  seed: 7,
  threads: 0,
};

export type ResolvedOptions = Required<LightGbmOptions>;

/** Fills in defaults. Throws ConfigError for values that the library would refuse or silently change. */
export function resolveOptions(options: LightGbmOptions = {}): ResolvedOptions {
  const resolved: ResolvedOptions = { ...lightGbmDefaults, ...options };
  requireWithin("rounds", resolved.rounds, 1, 100_000);
  requireWithin("patience", resolved.patience, 1, 100_000);
  requireWithin("learningRate", resolved.learningRate, 1e-6, 1);
  requireWithin("numLeaves", resolved.numLeaves, 2, 131_072);
  requireWithin("minDataInLeaf", resolved.minDataInLeaf, 1, 1e9);
  requireWithin("featureFraction", resolved.featureFraction, 1e-6, 1);
  requireWithin("baggingFraction", resolved.baggingFraction, 1e-6, 1);
  requireWithin("maxBin", resolved.maxBin, 2, 65_535);
  requireWithin("grades", resolved.grades, 2, 31);
  if (resolved.objective === "quantile") requireWithin("alpha", resolved.alpha, 1e-6, 1 - 1e-6);
  return resolved;
}

/** The parameter string of the library: deterministic, silent, without its own metrics. */
export function parameterString(options: ResolvedOptions): string {
  const values: Readonly<Record<string, string | number | boolean>> = {
    objective: options.objective,
    alpha: options.alpha,
    learning_rate: options.learningRate,
    num_leaves: options.numLeaves,
    max_depth: options.maxDepth,
    min_data_in_leaf: options.minDataInLeaf,
    feature_fraction: options.featureFraction,
    bagging_fraction: options.baggingFraction,
    bagging_freq: options.baggingFreq,
    lambda_l1: options.lambdaL1,
    lambda_l2: options.lambdaL2,
    max_bin: options.maxBin,
    seed: options.seed,
    num_threads: options.threads === 0 ? availableParallelism() : options.threads,
    deterministic: true,
    force_col_wise: true,
    metric: "none",
    verbosity: -1,
  };
  return Object.entries(values)
    .map(([key, value]) => `${key}=${value}`)
    .join(" ");
}

function requireWithin(name: string, value: number, low: number, high: number): void {
  if (value >= low && value <= high) return;
  throw new ConfigError(`lightgbm: ${name} must be in [${low}, ${high}], found ${value}`);
}
