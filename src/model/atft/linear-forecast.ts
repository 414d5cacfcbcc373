// What of the forecast is linear in today's inputs, the stock's own and its peers' mean: training finds it in closed form.

import type { Tensor } from "../../tensor/index.ts";
import {
  add,
  div,
  gather,
  isNaN,
  matmul,
  maximum,
  mul,
  reduceSum,
  reshape,
  where,
} from "../../tensor/index.ts";
import type { Neighbourhood } from "../../tensor/nn/index.ts";
import { filled } from "../../tensor/nn/index.ts";
import type { AtftSpec } from "./config.ts";
import { lastOf } from "./windowed-norm.ts";

export type LinearForecast = {
  /** (F, K) */
  readonly own: Tensor;
  /** (F, K) of the mean over the peers. */
  readonly peers: Tensor;
};

/** Zeros: a network that nobody has fitted yet. */
export function initLinearForecast({ config, features }: AtftSpec): LinearForecast {
  const shape = [features.length, config.horizons.length];
  return { own: filled(shape, 0), peers: filled(shape, 0) };
}

export interface LinearInput {
  /** (L, S, F), NaN where missing. */
  readonly x: Tensor;
  /** Sessions forecast, D. */
  readonly count: number;
  /** Absent: the peers' part is left out. */
  readonly hood?: Neighbourhood | undefined;
}

/** (N, K, 1): x·W + mean over the peers of x·V, x the last D sessions with 0 where missing; it moves all quantiles alike. */
export function linearForecast(
  { own, peers }: LinearForecast,
  { x, count, hood }: LinearInput,
): Tensor {
  const last = lastOf(x, count);
  const inputs = reshape(where(isNaN(last), 0, last), [-1, own.shape[0]]); // (N, F)
  const alone = matmul(inputs, own);
  const said = hood === undefined ? alone : add(alone, meanOfPeers(matmul(inputs, peers), hood));
  return reshape(said, [-1, own.shape[1], 1]);
}

/** (N, K) to (N, K); 0 for a stock without peers. */
function meanOfPeers(values: Tensor, { neighbours, present }: Neighbourhood): Tensor {
  const [nodes, count] = present.shape;
  const flags = reshape(present, [nodes, count, 1]);
  const sums = reduceSum(mul(gather(values, neighbours), flags), { axes: 1 }); // (N, K)
  return div(sums, maximum(reduceSum(present, { axes: 1, keepDims: true }), 1));
}
