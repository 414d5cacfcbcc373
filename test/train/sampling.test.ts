// Which days an epoch takes: chances inverse to volatility; and how long its sequences are.

import { describe, expect, it } from "vitest";
import { trainConfig } from "../../src/config/train.ts";
import { ConfigError } from "../../src/errors.ts";
import { createRng } from "../../src/rng.ts";
import { coveringBlocks } from "../../src/train/blocks.ts";
import { rateOf } from "../../src/train/progress.ts";
import { withTime } from "../../src/train/samples.ts";
import { calmness, drawWeighted } from "../../src/train/sampling.ts";
import { plantedSamples } from "./planted.ts";

const samples = plantedSamples({ sessions: 40, stocks: 6, features: 3 });

describe("calmness", () => {
  it("is one over the mean deviation of a block's returns, 0 where nothing is learnt", () => {
    const returns = samples.targets[0].map(
      (_, row) => (row % 2 === 0 ? 1 : -1) * (row < 120 ? 1 : 3),
    );
    const blocks = coveringBlocks(samples, [{ start: 10, end: 30 }], 10);
    const [calm, wild] = calmness(samples, returns, { blocks, days: 10 });
    expect(calm / wild).toBeCloseTo(3, 6);
    const unknown = { ...samples, targets: [samples.targets[0].map(() => Number.NaN)] };
    expect(calmness(unknown, returns, { blocks, days: 10 })).toEqual([0, 0]);
  });
});

describe("drawWeighted", () => {
  it("draws in proportion to the weights and repeats by seed", () => {
    const draw = (seed: number): readonly string[] =>
      drawWeighted(["a", "b", "c"], [1, 3, 0], { count: 4000, rng: createRng(seed) });
    const share = draw(1).filter((item) => item === "b").length / 4000;
    expect(share).toBeGreaterThan(0.72);
    expect(share).toBeLessThan(0.78);
    expect(draw(1)).not.toContain("c");
    expect(draw(1)).toEqual(draw(1));
  });

  it("draws evenly where no weight is above 0", () => {
    const drawn = drawWeighted(["a", "b"], [0, 0], { count: 100, rng: createRng(1) });
    expect(new Set(drawn)).toEqual(new Set(["a", "b"]));
  });
});

describe("withTime", () => {
  it("shortens the sequences of a phase and nothing else", () => {
    const short = withTime(samples, 3);
    expect(short.spec.config).toEqual({ ...samples.spec.config, time: 3 });
    expect(short.values).toBe(samples.values);
    expect(withTime(samples, undefined)).toBe(samples);
  });

  it("refuses longer sequences than the model's, and weights that fit one length alone", () => {
    expect(() => withTime(samples, 6)).toThrow(ConfigError);
    const normalisation = { windows: [], topK: 2, slices: 0, isReversible: false };
    expect(() => withTime(plantedSamples({ config: { normalisation } }), 3)).toThrow(ConfigError);
  });
});

describe("rateOf", () => {
  const { phases } = trainConfig.parse({});
  const [phase] = phases;
  const options = { warmUpSteps: 10, factor: 0.5, steps: 100 };

  it("rises over the warm-up, then keeps the plateau's factor", () => {
    const rate = (step: number): number => rateOf(phase, step, { ...options, schedule: "plateau" });
    expect(rate(4)).toBeCloseTo(phase.rate * 0.25, 12);
    expect(rate(99)).toBeCloseTo(phase.rate * 0.5, 12);
  });

  it("falls along half a cosine over the phase's updates", () => {
    const rate = (step: number): number => rateOf(phase, step, { ...options, schedule: "cosine" });
    expect(rate(50)).toBeCloseTo(phase.rate * 0.5, 12);
    expect(rate(99)).toBeLessThan(phase.rate * 1e-3);
    expect(rate(99)).toBeGreaterThan(0);
  });
});
