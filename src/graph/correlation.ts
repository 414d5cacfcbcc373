// Correlation graph of stocks as of a date: exponentially weighted correlations of their last returns, shrunk, the strongest kept.

import { ConfigError, ShapeError } from "../errors.ts";
import { correlateMasked, type PairCorrelation } from "./masked-correlation.ts";
import { NearestEdges } from "./nearest-edges.ts";

export interface CorrelationGraphOptions {
  /** Sessions of returns, the last one included; default 60. */
  readonly window?: number;
  /** Sessions after which a return's weight has halved; Infinity weighs all alike. Default 30. */
  readonly halfLife?: number;
  /** Share taken off every correlation of two different stocks; default 0.1. */
  readonly shrinkage?: number;
  /** Neighbours kept a stock, the strongest by |rho|; default 15. */
  readonly topK?: number;
  /** Smallest |rho| of an edge, after shrinkage; default 0.3. */
  readonly threshold?: number;
  /** Fewest sessions that both stocks need; default 40. */
  readonly minOverlap?: number;
}

export const correlationGraphDefaults: Required<CorrelationGraphOptions> = {
  window: 60,
  halfLife: 30,
  shrinkage: 0.1,
  topK: 15,
  threshold: 0.3,
  minOverlap: 40,
};

export interface GraphInput {
  /** (stocks, window) row-major simple or log returns, oldest first; NaN where a stock did not trade. */
  readonly returns: Float64Array;
  readonly stocks: number;
  /** (stocks) sector as of the date, -1 unknown. */
  readonly sector: Int32Array;
  /** (stocks) market section as of the date, -1 unknown. */
  readonly section: Int32Array;
}

/** Directed edges from each stock to its neighbours, by stock and then by falling |rho|. */
export interface CorrelationGraph {
  readonly stocks: number;
  /** (stocks + 1) where each stock's edges start. */
  readonly offsets: Int32Array;
  /** (E) the neighbour. */
  readonly neighbours: Int32Array;
  /** (E, 3) row-major: correlation after shrinkage, 1 for the same sector, 1 for the same section. */
  readonly attributes: Float32Array;
}

/**
 * rho = cov / (sigma sigma'), with weights proportional to 2^(-age / halfLife) over the sessions that both stocks have, times
 * (1 - shrinkage). Pairs with fewer than `minOverlap` common sessions, or where one side does not vary, have no edge; equal
 * |rho| prefers the lower stock. Reads nothing but the window it is given. Throws ShapeError when lengths disagree.
 */
export function correlationGraph(
  input: GraphInput,
  options: CorrelationGraphOptions = {},
): CorrelationGraph {
  const resolved = resolveGraphOptions(options);
  requireShape(input, resolved.window);
  const nearest = new NearestEdges(input.stocks, resolved.topK);
  const { threshold, shrinkage } = resolved;
  const keep: PairCorrelation = (left, right, correlation) => {
    const rho = correlation * (1 - shrinkage);
    if (Math.abs(rho) >= threshold) nearest.offer(left, right, rho);
  };
  correlateMasked(input.returns, input.stocks, resolved, keep);
  return withAttributes(nearest, input);
}

/** Fills in defaults. Throws ConfigError for impossible settings. */
export function resolveGraphOptions(
  options: CorrelationGraphOptions,
): Required<CorrelationGraphOptions> {
  const resolved = { ...correlationGraphDefaults, ...options };
  const { window, halfLife, shrinkage, topK, threshold, minOverlap } = resolved;
  require(Number.isInteger(window) && window >= 2, "window", "a whole number from 2", window);
  require(halfLife > 0, "halfLife", "above 0", halfLife);
  require(shrinkage >= 0 && shrinkage < 1, "shrinkage", "in [0, 1)", shrinkage);
  require(Number.isInteger(topK) && topK >= 1, "topK", "a whole number from 1", topK);
  require(threshold >= 0 && threshold <= 1, "threshold", "in [0, 1]", threshold);
  require(minOverlap >= 2 && minOverlap <= window, "minOverlap", "in [2, window]", minOverlap);
  return resolved;
}

function withAttributes(nearest: NearestEdges, input: GraphInput): CorrelationGraph {
  const { offsets, neighbours, weights } = nearest.sorted();
  const attributes = new Float32Array(neighbours.length * 3);
  const same = (groups: Int32Array, a: number, b: number): number =>
    Number(groups[a] >= 0 && groups[a] === groups[b]);
  for (let stock = 0; stock < input.stocks; stock += 1) {
    for (let edge = offsets[stock]; edge < offsets[stock + 1]; edge += 1) {
      attributes[edge * 3] = weights[edge];
      attributes[edge * 3 + 1] = same(input.sector, stock, neighbours[edge]);
      attributes[edge * 3 + 2] = same(input.section, stock, neighbours[edge]);
    }
  }
  return { stocks: input.stocks, offsets, neighbours, attributes };
}

function requireShape({ returns, stocks, sector, section }: GraphInput, window: number): void {
  const isRight =
    returns.length === stocks * window && sector.length === stocks && section.length === stocks;
  if (isRight) return;
  throw new ShapeError(
    `correlationGraph: expected ${stocks} × ${window} returns and ${stocks} sectors and sections, ` +
      `found ${returns.length}, ${sector.length} and ${section.length}`,
  );
}

function require(isRight: boolean, name: string, expected: string, found: number): void {
  if (isRight) return;
  throw new ConfigError(`correlationGraph: ${name} must be ${expected}, found ${found}`);
}
