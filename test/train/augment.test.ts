// Augmentation: what each kind changes of a batch, and what it leaves alone.

import { describe, expect, it } from "vitest";
import type { AugmentationConfig } from "../../src/config/train.ts";
import { createRng } from "../../src/rng.ts";
import { augment } from "../../src/train/augment.ts";
import { allocateFeed, blockLength, type Feed, fillFeed } from "../../src/train/feed.ts";
import { nextStocks, plantedSamples } from "./planted.ts";

const samples = plantedSamples({ sessions: 40, stocks: 6, features: 3 });
const shape = { days: 2, stocks: 8 };
const none: AugmentationConfig = { noise: 0, edgeDropout: 0, mixup: 0, frequencyDropout: 0 };

/** A batch of six stocks padded to eight; the second has a missing value. */
function batch(): Feed {
  const feed = allocateFeed(samples, shape);
  const block = { start: 20, stocks: Int32Array.of(0, 1, 2, 3, 4, 5) };
  fillFeed(samples, block, feed, { shape, peersOn: nextStocks(samples) });
  feed.x[3] = Number.NaN;
  return feed;
}

function augmented(change: Partial<AugmentationConfig>, seed = 1): Feed {
  const feed = batch();
  augment(feed, { ...none, ...change }, { shape, stocks: 6, features: 3, rng: createRng(seed) });
  return feed;
}

const missing = (values: Float32Array): readonly number[] =>
  Array.from(values.keys()).filter((i) => Number.isNaN(values[i]));

describe("augment", () => {
  it("repeats by seed and leaves missing values missing, whatever it does", () => {
    const all = { noise: 0.1, edgeDropout: 0.3, mixup: 0.4, frequencyDropout: 0.5 };
    expect(augmented(all)).toEqual(augmented(all));
    expect(augmented(all).x).not.toEqual(augmented(all, 2).x);
    expect(missing(augmented(all).x)).toEqual(missing(batch().x));
  });

  it("adds noise where a value is known and drops a share of the edges", () => {
    const before = batch();
    const after = augmented({ noise: 0.1, edgeDropout: 0.5 });
    const steps = after.x.map((value, i) => Math.abs(value - before.x[i]));
    const known = before.x.length - missing(before.x).length;
    expect(steps.filter((step) => step > 0 && step < 0.6).length).toBe(known);
    const edges = (feed: Feed): number => feed.present.filter((flag) => flag === 1).length;
    expect(edges(after)).toBeGreaterThan(0.2 * edges(before));
    expect(edges(after)).toBeLessThan(0.8 * edges(before));
  });

  it("mixes inputs and labels of a stock with the same share of one other stock", () => {
    const before = batch();
    const after = augmented({ mixup: 0.5 });
    const last = before.x.length - shape.stocks * 3;
    const own = (feed: Feed, slot: number): readonly number[] => [
      ...feed.x.subarray(last + slot * 3, last + slot * 3 + 3),
      feed.labels[shape.stocks + slot],
    ];
    for (let slot = 0; slot < 6; slot += 1) {
      const fits = [0, 1, 2, 3, 4, 5].some((partner) => {
        const [a, b, found] = [own(before, slot), own(before, partner), own(after, slot)];
        const share = partner === slot ? 1 : (found[0] - b[0]) / (a[0] - b[0]);
        if (share < 0.5 - 1e-5 || share > 1 + 1e-5) return false;
        return found.every(
          (value, i) => Math.abs(value - share * a[i] - (1 - share) * b[i]) < 1e-4,
        );
      });
      expect(fits).toBe(true);
    }
    expect(after.present).toEqual(before.present);
    expect(after.known).toEqual(before.known);
  });

  it("mixes no label into one that is not known", () => {
    const feed = batch();
    feed.known.fill(0, 0, 1);
    augment(feed, { ...none, mixup: 0.5 }, { shape, stocks: 6, features: 3, rng: createRng(4) });
    expect(feed.known[0]).toBe(0);
    expect([...feed.known.subarray(0, 6)].filter((flag) => flag === 0).length).toBeGreaterThan(0);
    expect(feed.known.every((flag) => flag === 0 || flag === 1)).toBe(true);
  });

  it("takes one frequency from every series at a share of 1, and never the mean", () => {
    const feed = batch();
    const length = blockLength(samples, 2);
    const stride = shape.stocks * 3;
    const angle = (t: number): number => (2 * Math.PI * 2 * t) / length;
    for (let t = 0; t < length; t += 1) {
      for (let i = 0; i < 18; i += 1) feed.x[t * stride + i] = 5 + Math.cos(angle(t));
    }
    const options = { shape, stocks: 6, features: 3, rng: createRng(3) };
    augment(feed, { ...none, frequencyDropout: 1 }, options);
    const series = Array.from({ length: 18 }, (_, i) =>
      Array.from({ length }, (_, t) => feed.x[t * stride + i]),
    );
    const mean = (values: readonly number[]): number =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    for (const values of series) expect(mean(values)).toBeCloseTo(5, 4);
    const flat = series.filter((values) => values.every((value) => Math.abs(value - 5) < 1e-4));
    expect(flat.length).toBeGreaterThan(0);
    expect(flat.length).toBeLessThan(18);
  });
});
