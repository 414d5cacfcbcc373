// What the losses promise beyond their goldens: limits, masks, and who gets a gradient.

import { describe, expect, it } from "vitest";
import { createRng } from "../../src/rng.ts";
import { spearman } from "../../src/stats/index.ts";
import type { Tensor } from "../../src/tensor/index.ts";
import { constant } from "../../src/tensor/index.ts";
import type { DayScores } from "../../src/train/losses/index.ts";
import {
  directionLoss,
  exposureLoss,
  huberLoss,
  icLoss,
  listNetLoss,
  neutralWeights,
  rankNetLoss,
  sharpeLoss,
  softRankLoss,
  studentLoss,
  totalLoss,
  varianceFloorLoss,
} from "../../src/train/losses/index.ts";
import { evaluate } from "../tensor/evaluate.ts";

const [days, stocks] = [3, 7];
const rng = createRng(4);
const normals = (count: number): number[] => Array.from({ length: count }, () => rng.normal());
const score = { shape: [days, stocks], dtype: "float32", data: normals(days * stocks) } as const;
const labels = normals(days * stocks);
const known = labels.map((_, i) => (i % 4 === 1 ? 0 : 1));

const losses: Readonly<Record<string, (data: DayScores) => Tensor>> = {
  huberLoss,
  icLoss,
  softRankLoss,
  sharpeLoss,
  rankNetLoss,
  listNetLoss,
  directionLoss,
  studentLoss,
};

async function lossOf(
  loss: (data: DayScores) => Tensor,
  label: readonly number[] = labels,
  mask: readonly number[] = known,
) {
  const { outputs, gradients } = await evaluate(
    { score },
    ({ score: s }) =>
      loss({
        score: s,
        label: constant(Float32Array.from(label), [days, stocks]),
        mask: constant(Float32Array.from(mask), [days, stocks]),
      }),
    [{ shape: [], dtype: "float32", data: [1] }],
  );
  return { value: Number(outputs[0][0]), gradient: Array.from(gradients["score"], Number) };
}

describe("every loss", () => {
  for (const [name, loss] of Object.entries(losses)) {
    it(`${name}: an unknown return has no gradient and its number does not matter`, async () => {
      const { value, gradient } = await lossOf(loss);
      const other = await lossOf(
        loss,
        labels.map((label, i) => (known[i] === 1 ? label : 1000)),
      );
      expect(other.value).toBeCloseTo(value, 5);
      gradient.forEach((entry, i) => {
        if (known[i] === 0) expect(Math.abs(entry)).toBeLessThan(1e-7);
      });
      expect(gradient.some((entry) => Math.abs(entry) > 1e-4)).toBe(true);
    });

    it(`${name}: a batch in which nothing is known gives a finite loss`, async () => {
      const { value, gradient } = await lossOf(
        loss,
        labels,
        new Array<number>(days * stocks).fill(0),
      );
      expect(Number.isFinite(value)).toBe(true);
      expect(gradient.every(Number.isFinite)).toBe(true);
    });
  }
});

describe("softRankLoss", () => {
  it("is 1 - Spearman as tau goes to 0, ties of labels averaged", async () => {
    const tied = labels.map((label) => Math.round(label));
    const all = new Array<number>(days * stocks).fill(1);
    const { value } = await lossOf((data) => softRankLoss(data, { tau: 1e-4 }), tied, all);
    const daily = Array.from({ length: days }, (_, day) => {
      const own = (values: readonly number[]): Float64Array =>
        Float64Array.from(values.slice(day * stocks, (day + 1) * stocks));
      return spearman(own(score.data), own(tied));
    });
    const mean = daily.reduce((sum, ic) => sum + ic, 0) / days;
    expect(value).toBeCloseTo(1 - mean, 4);
  });
});

describe("the portfolio", () => {
  it("is neutral and has gross exposure 1 on each day", async () => {
    const { outputs } = await evaluate({ score }, ({ score: s }) =>
      neutralWeights(s, constant(Float32Array.from(known), [days, stocks])),
    );
    for (let day = 0; day < days; day += 1) {
      const weights = Array.from(outputs[0], Number).slice(day * stocks, (day + 1) * stocks);
      expect(weights.reduce((sum, w) => sum + w, 0)).toBeCloseTo(0, 5);
      expect(weights.reduce((sum, w) => sum + Math.abs(w), 0)).toBeCloseTo(1, 5);
    }
  });

  it("pays nothing for exposure to a factor that is the same for all stocks", async () => {
    const factors = constant(new Float32Array(stocks).fill(3), [stocks, 1]);
    const { value } = await lossOf(
      (data) => exposureLoss(data, factors),
      labels,
      new Array<number>(days * stocks).fill(1),
    );
    expect(value).toBeCloseTo(0, 8);
  });
});

describe("varianceFloorLoss", () => {
  it("is 0 above the floor and the shortfall below it", async () => {
    expect((await lossOf((data) => varianceFloorLoss(data, 0.01))).value).toBe(0);
    expect((await lossOf((data) => varianceFloorLoss(data, 100))).value).toBeGreaterThan(90);
  });
});

describe("totalLoss", () => {
  it("weighs terms and horizons, and leaves out what weighs nothing", async () => {
    const shape = [days, stocks, 2, 3] as const;
    const data = Array.from({ length: days * stocks * 6 }, (_, i) => i % 3);
    const quantiles = { shape, dtype: "float32", data } as const;
    const label = constant(new Float32Array(days * stocks * 2), [days, stocks, 2]);
    const mask = constant(new Float32Array(days * stocks * 2).fill(1), [days, stocks, 2]);
    const names: string[] = [];
    const { outputs } = await evaluate({ quantiles }, ({ quantiles: q }) => {
      const { loss, terms } = totalLoss(
        { quantiles: q, labels: label, known: mask },
        {
          weights: { quantile: 0.5, huber: 2, ic: 0 },
          levels: [0.1, 0.5, 0.9],
          horizonWeights: [1, 0.5],
          pairSample: 4,
        },
      );
      names.push(...Object.keys(terms));
      return loss;
    });
    const pinball = (0 + 0.5 + 2 * 0.1) / 3;
    expect(names).toEqual(["quantile", "huber"]);
    expect(Number(outputs[0][0])).toBeCloseTo(1.5 * (0.5 * pinball + 2 * 0.5), 5);
  });
});
