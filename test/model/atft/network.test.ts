// What must hold of the network: shapes, order, causality, equivariance, ablations, gradients.

import { describe, expect, it } from "vitest";
import type { NormalisationConfig } from "../../../src/config/atft.ts";
import { atftPreset, initAtft, summarizeAtft } from "../../../src/model/atft/index.ts";
import { attendLast } from "../../../src/model/atft/temporal.ts";
import { createRng } from "../../../src/rng.ts";
import { at, compile, reshape, transpose } from "../../../src/tensor/index.ts";
import {
  causalBias,
  initInterpretableAttention,
  interpretableAttention,
} from "../../../src/tensor/nn/index.ts";
import { allocateFeed, fillFeed } from "../../../src/train/feed.ts";
import { trainingStep } from "../../../src/train/step.ts";
import { largestError } from "../../tensor/evaluate.ts";
import { nextStocks } from "../../train/planted.ts";
import { forecastBlock, panelOf, randomParams } from "./forecast.ts";

const none: NormalisationConfig = { windows: [], topK: 0, slices: 0, isReversible: false };

describe("the forecast", () => {
  it("has quantiles that ascend, for every stock, session and horizon", async () => {
    const samples = panelOf({ horizons: [1, 5], experts: 3 });
    const { quantiles } = await forecastBlock({ samples, start: 20, days: 2 });
    expect(quantiles.length).toBe(2 * 8 * 2 * 5);
    quantiles.forEach((value, i) => {
      if (i % 5 > 0) expect(value).toBeGreaterThan(quantiles[i - 1]);
    });
  });

  it("weighs features by numbers that sum to 1, and past sessions too", async () => {
    const samples = panelOf();
    const { selection, attention } = await forecastBlock({ samples, start: 20, days: 2 });
    for (let row = 0; row < selection.length; row += 4) {
      const sum = selection.subarray(row, row + 4).reduce((a, b) => a + b, 0);
      expect(sum).toBeCloseTo(1, 5);
    }
    const nodes = 2 * 8;
    for (let node = 0; node < nodes; node += 1) {
      let sum = 0;
      for (let t = 0; t < 5; t += 1) sum += attention[t * nodes + node];
      expect(sum).toBeCloseTo(1, 5);
    }
  });

  it.each([false, true])(
    "of several sessions together is that of each session alone (linear: %s)",
    async (linear) => {
      const samples = panelOf({ linear });
      const together = await forecastBlock({ samples, start: 20, days: 3 });
      for (let day = 0; day < 3; day += 1) {
        const alone = await forecastBlock({ samples, start: 20 + day, days: 1 });
        const own = together.quantiles.subarray(day * 40, (day + 1) * 40);
        expect(largestError(own, alone.quantiles)).toBeLessThan(1e-5);
      }
    },
  );

  it("starts at the quantiles of the normal distribution", async () => {
    const samples = panelOf({ dropout: 0 });
    const params = initAtft(createRng(1), samples.spec);
    const { quantiles } = await forecastBlock({ samples, start: 20, days: 1, params });
    expect(Math.abs(quantiles[0] + 1.28)).toBeLessThan(0.5);
    expect(Math.abs(quantiles[4] - 1.28)).toBeLessThan(0.5);
  });
});

describe("no leak", () => {
  it.each([false, true])(
    "changing every input of later sessions leaves earlier forecasts bit-identical (linear: %s)",
    async (linear) => {
      const samples = panelOf({ linear });
      const before = await forecastBlock({ samples, start: 20, days: 3 });
      const changed = { ...samples, values: samples.values.slice() };
      changed.values.fill(9, 21 * 8 * 4);
      const after = await forecastBlock({ samples: changed, start: 20, days: 3 });
      expect(after.quantiles.subarray(0, 40)).toEqual(before.quantiles.subarray(0, 40));
      expect(after.quantiles.subarray(40)).not.toEqual(before.quantiles.subarray(40));
    },
  );

  it("without a graph no stock sees another, whatever normalises", async () => {
    const all = { windows: [3], topK: 2, slices: 3, isReversible: true };
    const samples = panelOf({ normalisation: all });
    const blocks = { normalisation: true, graph: false };
    const before = await forecastBlock({ samples, start: 20, days: 2, blocks });
    const change = { ...samples, values: samples.values.slice() };
    for (let session = 0; session < 40; session += 1)
      change.values.fill(7, session * 32, session * 32 + 4);
    const after = await forecastBlock({ samples: change, start: 20, days: 2, blocks });
    expect(after.quantiles.subarray(5, 40)).toEqual(before.quantiles.subarray(5, 40));
    expect(after.quantiles.subarray(0, 5)).not.toEqual(before.quantiles.subarray(0, 5));
  });

  it("a missing value is told apart from 0", async () => {
    const samples = panelOf();
    const zero = { ...samples, values: samples.values.slice().fill(0, 22 * 32, 22 * 32 + 1) };
    const missing = { ...zero, values: zero.values.slice().fill(Number.NaN, 22 * 32, 22 * 32 + 1) };
    const a = await forecastBlock({ samples: zero, start: 22, days: 1 });
    const b = await forecastBlock({ samples: missing, start: 22, days: 1 });
    expect(b.quantiles).not.toEqual(a.quantiles);
    expect(b.quantiles.every(Number.isFinite)).toBe(true);
  });
});

describe("the graph", () => {
  it.each([false, true])(
    "a permutation of the stocks permutes the forecasts (linear: %s)",
    async (linear) => {
      const samples = panelOf({ linear });
      const straight = await forecastBlock({ samples, start: 20, days: 2 });
      const order = Int32Array.of(3, 1, 7, 0, 5, 2, 6, 4);
      const shuffled = await forecastBlock({ samples, start: 20, days: 2, stocks: order });
      for (let day = 0; day < 2; day += 1) {
        order.forEach((code, slot) => {
          const found = shuffled.quantiles.subarray((day * 8 + slot) * 5, (day * 8 + slot + 1) * 5);
          const expected = straight.quantiles.subarray(
            (day * 8 + code) * 5,
            (day * 8 + code + 1) * 5,
          );
          expect(largestError(found, expected)).toBeLessThan(1e-5);
        });
      }
    },
  );

  it("a stock without peers keeps its own state to the last bit", async () => {
    const samples = panelOf();
    const off = { normalisation: true, graph: false };
    const alone = await forecastBlock({ samples, start: 20, days: 1, blocks: off });
    const lonely = await forecastBlock({
      samples,
      start: 20,
      days: 1,
      change: ({ present }) => present.fill(0),
    });
    expect(lonely.quantiles).toEqual(alone.quantiles);
  });
});

describe("ablations change the output", () => {
  const cases: Readonly<Record<string, NormalisationConfig>> = {
    windowed: { ...none, windows: [3, 5] },
    frequency: { ...none, topK: 2 },
    slice: { ...none, slices: 3 },
    reversible: { ...none, isReversible: true },
    "windowed and slice": { ...none, windows: [3], slices: 2 },
  };
  for (const [name, normalisation] of Object.entries(cases)) {
    it(`${name} normalisation differs from none with the same weights`, async () => {
      const samples = panelOf({ normalisation });
      const on = await forecastBlock({ samples, start: 20, days: 2 });
      const blocks = { normalisation: false, graph: true };
      const off = await forecastBlock({ samples, start: 20, days: 2, blocks });
      expect(largestError(on.quantiles, off.quantiles)).toBeGreaterThan(1e-3);
    });
  }

  it("the market gate differs from none, and is 1 for every feature before it has learnt", async () => {
    const [gated, plain] = [panelOf({ marketGate: ["second"] }), panelOf()];
    const params = initAtft(createRng(1), gated.spec);
    const fresh = await forecastBlock({ samples: gated, start: 20, days: 2, params });
    const { gate, ...others } = params;
    const without = await forecastBlock({ samples: plain, start: 20, days: 2, params: others });
    expect(largestError(fresh.quantiles, without.quantiles)).toBeLessThan(1e-6);
    expect(gate?.weight.shape).toEqual([2, 4]);
    const random = randomParams(gated);
    const { gate: _, ...rest } = random;
    const on = await forecastBlock({ samples: gated, start: 20, days: 2, params: random });
    const off = await forecastBlock({ samples: plain, start: 20, days: 2, params: rest });
    expect(largestError(on.quantiles, off.quantiles)).toBeGreaterThan(1e-3);
  });

  it("a market gate of families that the dataset has not got is refused by name", () => {
    const samples = panelOf({ marketGate: ["futures"] });
    expect(() => initAtft(createRng(1), samples.spec)).toThrow(/marketGate names futures/u);
  });

  it("the path around the temporal encoder differs from none", async () => {
    const samples = panelOf();
    const params = randomParams(samples);
    const { skip: _, ...rest } = params;
    const on = await forecastBlock({ samples, start: 20, days: 2, params });
    const off = await forecastBlock({ samples, start: 20, days: 2, params: rest });
    expect(largestError(on.quantiles, off.quantiles)).toBeGreaterThan(1e-3);
  });

  it("the graph block differs from none", async () => {
    const samples = panelOf();
    const on = await forecastBlock({ samples, start: 20, days: 1 });
    const blocks = { normalisation: true, graph: false };
    const off = await forecastBlock({ samples, start: 20, days: 1, blocks });
    expect(largestError(on.quantiles, off.quantiles)).toBeGreaterThan(1e-3);
  });
});

describe("attendLast", () => {
  it("is the last row of causal interpretable attention", async () => {
    const params = initInterpretableAttention(createRng(2), { width: 8, heads: 2 });
    const compiled = await compile(
      {
        state: params,
        inputs: { x: { shape: [6, 3, 8], dtype: "float32" } },
        step: (state, { x }) => {
          const full = interpretableAttention(state, transpose(x, [1, 0, 2]), {
            heads: 2,
            bias: causalBias(6),
          });
          return {
            outputs: {
              last: attendLast(state, x, 2).outputs,
              expected: reshape(at(full.outputs, 1, -1), [3, 8]),
            },
          };
        },
      },
      { threads: 1 },
    );
    const rng = createRng(3);
    const x = Float32Array.from({ length: 144 }, () => rng.normal());
    const { last, expected } = await compiled.run({ x });
    await compiled.close();
    expect(largestError(last, expected)).toBeLessThan(1e-5);
  });
});

describe("gradients of the whole network", () => {
  const all = { windows: [3], topK: 2, slices: 3, isReversible: true };
  const cases: Readonly<Record<string, Parameters<typeof panelOf>[0]>> = {
    grouped: {},
    "full, all normalisations, experts": { selection: "full", normalisation: all, experts: 2 },
    "market gate, no skip": { marketGate: ["first"], skip: false },
  };
  for (const [name, config] of Object.entries(cases)) {
    it(`${name}: along the gradient the loss changes at the rate of the gradient's length`, async () => {
      const samples = panelOf(config);
      const shape = { days: 3, stocks: 8 };
      const definition = trainingStep(samples.spec, randomParams(samples, 5), {
        shape,
        blocks: { normalisation: true, graph: true },
        weights: { quantile: 1, rank: 0.3, ic: 0.3, sharpe: 0.1, turnover: 0.1 },
        horizonWeights: [1],
        pairSample: 8,
        clipNorm: 1e9,
        weightDecay: 0,
        emaDecay: 0.9,
        accumulate: 2,
        rng: createRng(1),
      });
      const step = await compile(definition, { threads: 1 });
      const feed = allocateFeed(samples, shape);
      const block = { start: 20, stocks: Int32Array.from({ length: 8 }, (_, i) => i) };
      fillFeed(samples, block, feed, { shape, peersOn: nextStocks(samples) });
      const run = (): Promise<Readonly<Record<string, ArrayLike<unknown>>>> =>
        step.run({ ...feed, rate: Float32Array.of(0), apply: Float32Array.of(0) });
      await run();
      const state = step.state().map((value) => ({ ...value, data: value.data.slice() }));
      const values = (name: string): Float64Array =>
        new Float64Array(
          state.filter(({ path }) => path === name).flatMap(({ data }) => Array.from(data, Number)),
        );
      const gradient = values("sum").map((value) => 2 * value);
      const params = values("params");
      const length = Math.hypot(...gradient);
      const lossAt = async (distance: number): Promise<number> => {
        const moved = params.map((value, i) => value + (distance * gradient[i]) / length);
        step.load(
          state.map((value) =>
            value.path === "params" ? { ...value, data: Float32Array.from(moved) } : value,
          ),
        );
        return Number((await run())["loss"][0]);
      };
      const h = 2e-3;
      const slope = ((await lossAt(h)) - (await lossAt(-h))) / (2 * h);
      await step.close();
      expect(Math.abs(slope / length - 1)).toBeLessThan(0.02);
    });
  }
});

describe("presets", () => {
  const statics = [
    { name: "sector33_id", count: 35 },
    { name: "section_id", count: 8 },
  ];
  const features = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ name: `f${i}`, family: `g${Math.floor(i / 10)}` }));

  it("full at 405 features and H 64 has 5.8 million parameters", () => {
    const standard = { config: atftPreset("standard"), features: features(405), statics };
    expect(summarizeAtft(standard).parameters).toBe(5_874_323);
  });

  it("grouped selection at 405 features has less than a tenth of full's parameters", () => {
    const selectionOf = (selection: "grouped" | "full") => {
      const config = atftPreset("standard", { selection });
      return summarizeAtft({ config, features: features(405), statics }).blocks.find(
        ({ block }) => block === "selection",
      )?.parameters;
    };
    expect((selectionOf("grouped") ?? 0) / (selectionOf("full") ?? 1)).toBeLessThan(0.1);
  });
});
