// Augmentation of a batch: noise on known features, neighbours dropped. The same draws for the same update.

import type { AugmentationConfig } from "../config/train.ts";
import type { Rng } from "../rng.ts";
import type { Feed } from "./feed.ts";

/** Changes `feed` in place; missing values stay missing. */
export function augment(
  { x, present }: Feed,
  { noise, edgeDropout }: AugmentationConfig,
  rng: Rng,
): void {
  if (noise > 0) for (let i = 0; i < x.length; i += 1) x[i] += noise * rng.normal();
  if (edgeDropout > 0) {
    for (let edge = 0; edge < present.length; edge += 1) {
      if (rng.uniform() < edgeDropout) present[edge] = 0;
    }
  }
}
