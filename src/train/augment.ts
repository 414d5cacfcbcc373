// Augmentation of a batch: noise on known features, frequencies and neighbours dropped, stocks mixed. Same update, same draws.

import type { AugmentationConfig } from "../config/train.ts";
import type { Rng } from "../rng.ts";
import type { BatchShape, Feed } from "./feed.ts";

export interface AugmentOptions {
  readonly shape: BatchShape;
  /** Stocks of the block, the first of the shape's; the others are padding. */
  readonly stocks: number;
  readonly features: number;
  readonly rng: Rng;
}

/** Changes `feed` in place; missing values stay missing. */
export function augment(feed: Feed, config: AugmentationConfig, options: AugmentOptions): void {
  const { rng } = options;
  if (config.mixup > 0) mixStocks(feed, config.mixup, { ...options, rng: rng.split("mixup") });
  if (config.frequencyDropout > 0) {
    dropFrequencies(feed, config.frequencyDropout, { ...options, rng: rng.split("frequency") });
  }
  if (config.noise > 0) addNoise(feed.x, config.noise, rng.split("noise"));
  if (config.edgeDropout > 0) dropEdges(feed.present, config.edgeDropout, rng.split("edges"));
}

function addNoise(x: Float32Array, deviation: number, rng: Rng): void {
  for (let i = 0; i < x.length; i += 1) x[i] += deviation * rng.normal();
}

function dropEdges(present: Float32Array, share: number, rng: Rng): void {
  for (let edge = 0; edge < present.length; edge += 1) {
    if (rng.uniform() < share) present[edge] = 0;
  }
}

/**
 * mixup (Zhang et al. 2018): each stock becomes λ of itself and 1 - λ of another stock of the block, inputs and labels alike,
 * with one λ from Beta(α, α), the larger half its own. A label is known where both are; peers stay the stock's own.
 */
function mixStocks(
  { x, labels, known }: Feed,
  alpha: number,
  { shape, stocks, features, rng }: AugmentOptions,
): void {
  const drawn = symmetricBeta(alpha, rng);
  const own = Math.max(drawn, 1 - drawn);
  const partner = rng.shuffle(Int32Array.from({ length: stocks }, (_, slot) => slot));
  const horizons = labels.length / (shape.days * shape.stocks);
  const blend = (values: Float32Array, width: number): void => {
    const row = width * shape.stocks;
    for (let start = 0; start < values.length; start += row) {
      const before = values.slice(start, start + row);
      for (let i = 0; i < stocks * width; i += 1) {
        const other = before[partner[Math.floor(i / width)] * width + (i % width)];
        if (other === other) values[start + i] = own * before[i] + (1 - own) * other;
      }
    }
  };
  blend(x, features);
  blend(labels, horizons);
  blend(known, horizons);
  for (let i = 0; i < known.length; i += 1) known[i] = known[i] === 1 ? 1 : 0;
}

/** Beta(α, α) after Jöhnk (1964). */
function symmetricBeta(alpha: number, rng: Rng): number {
  for (;;) {
    const [a, b] = [rng.uniform() ** (1 / alpha), rng.uniform() ** (1 / alpha)];
    if (a + b <= 1 && a + b > 0) return a / (a + b);
  }
}

/** A share of the series, one a stock and feature, lose one of their frequencies over the block's sessions, the mean excepted. */
function dropFrequencies(
  { x }: Feed,
  share: number,
  { shape, stocks, features, rng }: AugmentOptions,
): void {
  const stride = shape.stocks * features;
  const length = x.length / stride;
  for (let series = 0; series < stocks * features; series += 1) {
    if (rng.uniform() >= share) continue;
    const bin = 1 + rng.integer(Math.floor(length / 2));
    const turn = (2 * Math.PI * bin) / length;
    let [real, imaginary] = [0, 0];
    for (let t = 0; t < length; t += 1) {
      const value = x[t * stride + series];
      if (value !== value) continue;
      real += value * Math.cos(turn * t);
      imaginary += value * Math.sin(turn * t);
    }
    const weight = (2 * bin === length ? 1 : 2) / length;
    for (let t = 0; t < length; t += 1) {
      x[t * stride + series] -=
        weight * (real * Math.cos(turn * t) + imaginary * Math.sin(turn * t));
    }
  }
}
