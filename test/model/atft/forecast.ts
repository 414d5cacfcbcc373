// Forecasts of a small planted panel with fresh weights, for tests of the network.

import type { AtftConfig, AtftParams } from "../../../src/model/atft/index.ts";
import { allBlocks, type Blocks, initAtft } from "../../../src/model/atft/index.ts";
import { createRng } from "../../../src/rng.ts";
import type { Feed, PeersOn } from "../../../src/train/feed.ts";
import { allocateFeed, fillFeed } from "../../../src/train/feed.ts";
import type { Samples } from "../../../src/train/samples.ts";
import { predictStep } from "../../../src/train/step.ts";
import { compile, mapTree, parameter } from "../../../src/tensor/index.ts";
import { nextStocks, plantedSamples } from "../../train/planted.ts";

export interface ForecastOptions {
  readonly samples: Samples;
  readonly start: number;
  readonly days: number;
  readonly stocks?: Int32Array;
  readonly peersOn?: PeersOn | undefined;
  readonly blocks?: Blocks;
  readonly params?: AtftParams;
  readonly seed?: number;
  /** Changes the inputs after they were filled. */
  readonly change?: (feed: Feed) => void;
}

export function panelOf(config: Partial<AtftConfig> = {}): Samples {
  return plantedSamples({ sessions: 40, stocks: 8, features: 4, config });
}

/** Weights with everything random, biases too, so that no block is silent. */
export function randomParams(samples: Samples, seed = 1): AtftParams {
  const rng = createRng(seed);
  return mapTree(initAtft(rng, samples.spec), (leaf) =>
    parameter(
      Float32Array.from({ length: leaf.size }, () => 0.4 * rng.normal()),
      leaf.shape,
    ),
  );
}

export interface Forecast {
  readonly quantiles: Float32Array;
  readonly selection: Float32Array;
  readonly attention: Float32Array;
}

/** Outputs of one forecast of `days` sessions from `start`. */
export async function forecastBlock({
  samples,
  start,
  days,
  stocks = Int32Array.from(samples.codeNames.keys()),
  peersOn = nextStocks(samples),
  blocks = allBlocks,
  seed = 1,
  params = randomParams(samples, seed),
  change,
}: ForecastOptions): Promise<Forecast> {
  const shape = { days, stocks: stocks.length };
  const feed = allocateFeed(samples, shape);
  fillFeed(samples, { start, stocks }, feed, { shape, peersOn });
  change?.(feed);
  const step = await compile(
    predictStep(samples.spec, params, { shape, blocks, isExplained: true }),
    { threads: 1 },
  );
  const outputs = await step.run(feed);
  await step.close();
  const floats = (name: string): Float32Array => Float32Array.from(outputs[name], Number);
  return {
    quantiles: floats("quantiles"),
    selection: floats("selection"),
    attention: floats("attention"),
  };
}
