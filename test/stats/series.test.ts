// Kernels on one series at their edges: options, lengths, writing in place, and the graph's own refusals.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  connectedComponents,
  coreNumber,
  createGraph,
  cumSum,
  diff,
  ewmMean,
  ewmStd,
  ewmVar,
  pageRank,
  pctChange,
  rollingBeta,
  rollingCorr,
  rollingQuantile,
  shift,
} from "../../src/stats/index.ts";
import { expectClose } from "./close.ts";

const nan = Number.NaN;

describe("shift, diff and pctChange", () => {
  it("leave gaps as they are and give NaN where the earlier row is missing", () => {
    const values = Float64Array.of(2, nan, 3, 6);
    expect([...shift(values, 1)]).toEqual([nan, 2, nan, 3]);
    expect([...diff(values)]).toEqual([nan, nan, nan, 3]);
    expect([...pctChange(values, 2)]).toEqual([nan, nan, 0.5, nan]);
  });

  it("refuse periods that are not whole and an out of another length", () => {
    expect(() => shift(Float64Array.of(1), 0.5)).toThrow("periods must be an integer");
    expect(() => diff(Float64Array.of(1), 0)).toThrow("periods must be an integer of at least 1");
    expect(() => pctChange(Float64Array.of(1), 1, new Float64Array(2))).toThrow("out must have 1");
  });
});

describe("cumulative and exponentially weighted kernels", () => {
  it("may write over their input", () => {
    const values = Float64Array.from({ length: 40 }, (_, i) => (i % 7 === 3 ? nan : Math.sin(i)));
    const kernels = [
      cumSum,
      (x: Float64Array, out?: Float64Array) => ewmMean(x, { span: 5 }, out),
      (x: Float64Array, out?: Float64Array) => ewmVar(x, { span: 5 }, out),
      (x: Float64Array, out?: Float64Array) => ewmStd(x, { halflife: 3 }, out),
    ];
    for (const kernel of kernels) {
      const expected = kernel(values);
      const own = values.slice();
      expectClose(kernel(own, own), expected, 0);
    }
  });

  it("forget a 1e12 spike at the speed of their weights", () => {
    const values = new Float64Array(400).fill(1);
    values[0] = 1e12;
    expectClose([ewmMean(values, { alpha: 0.2, adjust: false }).at(-1)!], [1], 1e-12);
  });

  it("refuse no decay, two decays and one out of range", () => {
    const values = Float64Array.of(1);
    expect(() => ewmMean(values, {})).toThrow(
      "expected exactly one of alpha, com, span and halflife",
    );
    expect(() => ewmMean(values, { span: 5, alpha: 0.1 })).toThrow("found 2");
    for (const bad of [{ alpha: 0 }, { span: 0.5 }, { halflife: 0 }, { com: -1 }]) {
      expect(() => ewmVar(values, bad)).toThrow("ewmVar: alpha must be in (0, 1]");
    }
  });
});

describe("ewmMean", () => {
  it("with adjust is the mean with weights (1 − alpha)^age, gaps ageing too", () => {
    const cells = fc.array(fc.option(fc.integer({ min: -100, max: 100 }), { nil: nan }));
    fc.assert(
      fc.property(cells, fc.integer({ min: 1, max: 30 }), (rows, span) => {
        const values = Float64Array.from(rows);
        const expected = values.map((_, today) => {
          let top = 0;
          let bottom = 0;
          for (let i = 0; i <= today; i += 1) {
            if (Number.isNaN(values[i])) continue;
            const weight = (1 - 2 / (span + 1)) ** (today - i);
            top += weight * values[i]!;
            bottom += weight;
          }
          if (bottom > 1e-30) return top / bottom;
          return bottom > 0 || span === 1 ? lastOf(values, today) : nan;
        });
        expectClose(ewmMean(values, { span }), expected, 1e-12, 100);
      }),
    );
  });
});

function lastOf(values: Float64Array, today: number): number {
  return values.subarray(0, today + 1).findLast((value) => !Number.isNaN(value)) ?? nan;
}

describe("pairs and quantiles", () => {
  it("are NaN where a side does not vary", () => {
    const flat = new Float64Array(5).fill(0.1);
    const moving = Float64Array.of(1, 2, 4, 3, 5);
    expect([...rollingCorr(moving, flat, 3)]).toEqual(new Array(5).fill(nan));
    expect([...rollingBeta(moving, flat, 3)]).toEqual(new Array(5).fill(nan));
    expectClose(rollingBeta(flat, moving, 3), [nan, nan, 0, 0, 0], 0);
  });

  it("refuse unequal lengths and a q outside [0, 1]", () => {
    expect(() => rollingCorr(Float64Array.of(1, 2), Float64Array.of(1), 2)).toThrow(
      "y must have 2",
    );
    expect(() => rollingQuantile(Float64Array.of(1), 1, -0.1)).toThrow("q must be in [0, 1]");
  });
});

describe("graphs", () => {
  it("number components by their first nodes and give a lonely node core 0", () => {
    const graph = createGraph(5, [3, 4, 4], [1, 3, 1]);
    expect([...connectedComponents(graph)]).toEqual([0, 1, 2, 1, 1]);
    expect([...coreNumber(graph)]).toEqual([0, 2, 0, 2, 2]);
  });

  it("add up repeated edges and keep a node without edges in PageRank", () => {
    const once = createGraph(3, [0], [1], { weights: [2] });
    const twice = createGraph(3, [0, 0], [1, 1]);
    expect(twice).toEqual(once);
    const ranks = pageRank(once);
    expectClose([ranks.reduce((sum, value) => sum + value, 0)], [1], 1e-12);
    expect(ranks[2]).toBeLessThan(ranks[0]!);
  });

  it("refuse a node out of range, unequal lengths, and say when PageRank does not settle", () => {
    expect(() => createGraph(2, [0], [2])).toThrow("expected nodes 0 to 1, found 2");
    expect(() => createGraph(2, [0], [])).toThrow("equally many sources, targets and weights");
    const path = createGraph(3, [0, 1], [1, 2]);
    expect(() => pageRank(path, { maxIterations: 2 })).toThrow("raise maxIterations");
  });
});
