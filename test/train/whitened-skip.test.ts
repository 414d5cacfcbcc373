// The first weights of the path around the encoder: a whitening of the training rows.

import { describe, expect, it } from "vitest";
import { initAtft } from "../../src/model/atft/index.ts";
import { createRng } from "../../src/rng.ts";
import { whitenedSkip } from "../../src/train/whitened-skip.ts";
import { plantedSamples } from "./planted.ts";

const samples = plantedSamples({ sessions: 40, stocks: 12, features: 3 });
for (let row = 0; row < 480; row += 1) {
  samples.values[row * 3 + 1] = samples.values[row * 3] + 0.3 * samples.values[row * 3 + 1];
}
samples.values[0] = Number.NaN;
const train = [{ start: 0, end: 30 }];

function skipOf(seed: number, given = samples) {
  const params = initAtft(createRng(1), given.spec);
  const { skip } = whitenedSkip(params, given, { train, rng: createRng(seed) });
  return Float32Array.from(skip?.weight.node.data ?? [], Number);
}

describe("whitenedSkip", () => {
  it("weights W have W Wᵀ the inverse of the training rows' covariance plus 0.02, missing values as 0", () => {
    const weight = skipOf(1);
    const rows = Array.from({ length: 360 }, (_, row) =>
      Array.from({ length: 3 }, (__, i) => samples.values[row * 3 + i] || 0),
    );
    for (let i = 0; i < 3; i += 1) {
      for (let j = 0; j < 3; j += 1) {
        let product = 0;
        for (let k = 0; k < 3; k += 1) {
          let inverse = 0;
          for (let h = 0; h < 8; h += 1) inverse += weight[i * 8 + h] * weight[k * 8 + h];
          const covariance = rows.reduce((sum, row) => sum + row[k] * row[j], 0) / rows.length;
          product += inverse * (covariance + (k === j ? 0.02 : 0));
        }
        expect(product).toBeCloseTo(i === j ? 1 : 0, 3);
      }
    }
  });

  it("reads training rows alone, and repeats by seed", () => {
    const other = { ...samples, values: samples.values.slice() };
    other.values.fill(9, 360 * 3);
    expect(skipOf(1, other)).toEqual(skipOf(1));
    expect(skipOf(2)).not.toEqual(skipOf(1));
  });

  it("leaves a network without that path alone", () => {
    const { skip: _, ...without } = initAtft(createRng(1), samples.spec);
    expect(whitenedSkip(without, samples, { train, rng: createRng(1) })).toBe(without);
  });
});
