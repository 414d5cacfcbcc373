// The linear forecast in closed form: a ridge regression on the stock's own inputs and its peers' mean, fitted once.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type AtftParams, initAtft } from "../../src/model/atft/index.ts";
import { createRng } from "../../src/rng.ts";
import { fittedLinear } from "../../src/train/fitted-linear.ts";
import { forecastBlock } from "../model/atft/forecast.ts";
import { nextStocks, plantedSamples } from "./planted.ts";
import { smallTraining, twoPhases } from "./small-training.ts";

const stocks = 12;
const features = 3;
const samples = plantedSamples({ sessions: 60, stocks, features, config: { linear: true } });
samples.values[5] = Number.NaN;
samples.targets[0][7] = Number.NaN;
const peersOn = nextStocks(samples);
const train = [
  { start: 0, end: 20 },
  { start: 30, end: 50 },
];

function fitted(given = samples, hasPeers = true): AtftParams {
  const params = initAtft(createRng(1), given.spec);
  return fittedLinear(params, given, { train, ...(hasPeers && { peersOn }) });
}

function coefficients({ linear }: AtftParams): number[] {
  return [linear?.own, linear?.peers].flatMap((part) => Array.from(part?.node.data ?? [], Number));
}

/** Own inputs and the mean of the next two stocks', 0 where missing. */
function design(row: number): number[] {
  const first = row - (row % stocks);
  const input = (at: number, i: number): number => samples.values[at * features + i] || 0;
  const own = Array.from({ length: features }, (_, i) => input(row, i));
  const peers = own.map((_, i) => {
    const next = [1, 2].map((step) => first + ((row - first + step) % stocks));
    return (input(next[0], i) + input(next[1], i)) / 2;
  });
  return [...own, ...peers];
}

describe("fittedLinear", () => {
  it("solves (X'X / n + ridge) w = X'y / n over the training rows with a known target", () => {
    const rows = train
      .flatMap(({ start, end }) =>
        Array.from({ length: (end - start) * stocks }, (_, i) => start * stocks + i),
      )
      .filter((row) => !Number.isNaN(samples.targets[0][row]));
    const w = coefficients(fitted());
    expect(w).toHaveLength(2 * features);
    const x = rows.map(design);
    w.forEach((coefficient, i) => {
      let gap = (i < features ? 0.1 : 1) * coefficient * rows.length;
      x.forEach((row, at) => {
        const forecast = row.reduce((sum, value, j) => sum + value * w[j], 0);
        gap += row[i] * (forecast - samples.targets[0][rows[at]]);
      });
      expect(Math.abs(gap / rows.length)).toBeLessThan(1e-6);
    });
  });

  it("finds what was planted: the own signal, and the next stock's", () => {
    const w = coefficients(fitted());
    expect(w[0]).toBeGreaterThan(0.4);
    expect(w[features + 1]).toBeGreaterThan(0.1);
    expect(Math.abs(w[2])).toBeLessThan(0.2);
  });

  it("reads training rows alone; without a graph the peers' part is 0", () => {
    const other = { ...samples, values: samples.values.slice() };
    other.values.fill(9, 50 * stocks * features);
    expect(coefficients(fitted(other))).toEqual(coefficients(fitted()));
    const alone = coefficients(fitted(samples, false));
    expect(alone.slice(features)).toEqual([0, 0, 0]);
    expect(alone[0]).toBeGreaterThan(0.4);
  });

  it("is what the network forecasts before its first update, on top of normal quantiles", async () => {
    const params = fitted();
    const w = coefficients(params);
    const { quantiles } = await forecastBlock({ samples, start: 40, days: 1, peersOn, params });
    for (let slot = 0; slot < stocks; slot += 1) {
      const row = design(40 * stocks + slot);
      const expected = row.reduce((sum, value, i) => sum + value * w[i], 0);
      expect(quantiles[slot * 5 + 2]).toBeCloseTo(expected, 4);
      expect(quantiles[slot * 5 + 4]).toBeCloseTo(expected + 1.2816, 3);
    }
  });

  it("stays as it was fitted while the rest of the network learns", async () => {
    const folder = mkdtempSync(join(tmpdir(), "linear-"));
    const panel = plantedSamples({ sessions: 80, config: { linear: true } });
    const { store } = await smallTraining(folder, {
      samples: panel,
      config: { phases: twoPhases(1, 1), weightDecay: 10 },
    });
    const { weights } = await store.loadWeights("best");
    rmSync(folder, { recursive: true, force: true });
    const { linear } = fittedLinear(initAtft(createRng(1), panel.spec), panel, {
      train: [{ start: 10, end: 56 }],
      peersOn: nextStocks(panel),
    });
    for (const [path, part] of [
      ["linear.own", linear?.own],
      ["linear.peers", linear?.peers],
    ] as const) {
      const found = weights.find((value) => value.path.endsWith(path))?.data ?? [];
      Array.from(part?.node.data ?? [], Number).forEach((value, i) => {
        expect(Number(found[i])).toBeCloseTo(value, 6);
      });
    }
  });
});
