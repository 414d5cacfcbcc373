import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError, ShapeError } from "../../src/errors.ts";
import { correlationGraph, type CorrelationGraph } from "../../src/graph/index.ts";
import { createRng } from "../../src/rng.ts";

interface Golden {
  readonly window: number;
  readonly halfLife: number;
  readonly shrinkage: number;
  readonly minOverlap: number;
  readonly returns: readonly (readonly (number | null)[])[];
  readonly rho: readonly (readonly (number | null)[])[];
}

const golden: Golden = JSON.parse(
  readFileSync(join(import.meta.dirname, "../golden/correlation-graph.json"), "utf8"),
);

function edgesOf(
  { offsets, neighbours, attributes }: CorrelationGraph,
  stock: number,
): [number, number][] {
  const edges: [number, number][] = [];
  for (let edge = offsets[stock]; edge < offsets[stock + 1]; edge += 1) {
    edges.push([neighbours[edge], attributes[edge * 3]]);
  }
  return edges;
}

function market(stocks: number, window: number, seed: number, gaps = 0.1): Float64Array {
  const rng = createRng(seed);
  const factor = Float64Array.from({ length: window }, () => rng.normal());
  return Float64Array.from({ length: stocks * window }, (_, cell) =>
    rng.uniform() < gaps ? Number.NaN : 0.8 * factor[cell % window] + rng.normal(),
  );
}

const noGroups = (stocks: number) => ({
  sector: new Int32Array(stocks).fill(-1),
  section: new Int32Array(stocks).fill(-1),
});

describe("correlationGraph", () => {
  it("has numpy's weighted correlations over common sessions, shrunk", () => {
    const { window, halfLife, shrinkage, minOverlap, returns, rho } = golden;
    const stocks = returns.length;
    const values = Float64Array.from(returns.flat(), (value) => value ?? Number.NaN);
    const graph = correlationGraph(
      { returns: values, stocks, ...noGroups(stocks) },
      { window, halfLife, shrinkage, minOverlap, topK: stocks, threshold: 0 },
    );
    for (let stock = 0; stock < stocks; stock += 1) {
      const found = new Map(edgesOf(graph, stock));
      const expected = rho[stock].flatMap((value, j) =>
        value === null ? [] : [[j, value] as const],
      );
      expect([...found.keys()].sort((a, b) => a - b)).toEqual(expected.map(([j]) => j));
      for (const [j, value] of expected) expect(found.get(j)).toBeCloseTo(value, 6);
    }
  });

  it("keeps the topK strongest above the threshold, strongest first, equal to sorting all", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 1, max: 6 }),
        (seed, topK) => {
          const stocks = 70;
          const input = { returns: market(stocks, 15, seed), stocks, ...noGroups(stocks) };
          const options = { window: 15, minOverlap: 8, threshold: 0.2 };
          const all = correlationGraph(input, { ...options, topK: stocks });
          const some = correlationGraph(input, { ...options, topK });
          for (let stock = 0; stock < stocks; stock += 1) {
            expect(edgesOf(some, stock)).toEqual(edgesOf(all, stock).slice(0, topK));
            const strengths = edgesOf(all, stock).map(([, rho]) => Math.abs(rho));
            expect(strengths).toEqual(strengths.toSorted((a, b) => b - a));
            expect(strengths.every((rho) => rho >= 0.2 - 1e-7)).toBe(true);
          }
        },
      ),
      { numRuns: 10 },
    );
  });

  it("flags edges within a sector and a section, never for unknown groups", () => {
    const returns = market(4, 20, 3, 0);
    const graph = correlationGraph(
      {
        returns,
        stocks: 4,
        sector: Int32Array.of(1, 1, -1, -1),
        section: Int32Array.of(0, 2, 2, 0),
      },
      { window: 20, minOverlap: 10, threshold: 0, topK: 3 },
    );
    const flags = new Map<string, number[]>();
    for (let stock = 0; stock < 4; stock += 1) {
      for (let edge = graph.offsets[stock]; edge < graph.offsets[stock + 1]; edge += 1) {
        flags.set(`${stock}-${graph.neighbours[edge]}`, [
          ...graph.attributes.subarray(edge * 3 + 1, edge * 3 + 3),
        ]);
      }
    }
    expect(flags.get("0-1")).toEqual([1, 0]);
    expect(flags.get("2-3")).toEqual([0, 0]);
    expect(flags.get("0-3")).toEqual([0, 1]);
    expect(flags.get("1-2")).toEqual([0, 1]);
  });

  it("gives a stock without enough history no edge", () => {
    const returns = market(3, 10, 4, 0);
    returns.fill(Number.NaN, 20, 25);
    const options = { window: 10, minOverlap: 6, threshold: 0, topK: 2 };
    const graph = correlationGraph({ returns, stocks: 3, ...noGroups(3) }, options);
    expect([...graph.offsets]).toEqual([0, 1, 2, 2]);
  });

  it("permutes with its stocks", () => {
    const stocks = 30;
    const returns = market(stocks, 12, 9);
    const order = createRng(2).shuffle(Int32Array.from({ length: stocks }, (_, i) => i));
    const shuffled = new Float64Array(returns.length);
    order.forEach((from, to) => shuffled.set(returns.subarray(from * 12, from * 12 + 12), to * 12));
    const options = { window: 12, minOverlap: 6, threshold: 0.1, topK: 5 };
    const base = correlationGraph({ returns, stocks, ...noGroups(stocks) }, options);
    const other = correlationGraph({ returns: shuffled, stocks, ...noGroups(stocks) }, options);
    order.forEach((from, to) => {
      const expected = edgesOf(base, from).map(([j]) => j);
      expect(edgesOf(other, to).map(([j]) => order[j])).toEqual(expected);
    });
  });

  it("refuses impossible settings and arrays of another length", () => {
    const input = { returns: new Float64Array(120), stocks: 2, ...noGroups(2) };
    expect(() => correlationGraph(input, { minOverlap: 61 })).toThrow(ConfigError);
    expect(() => correlationGraph(input, { shrinkage: 1 })).toThrow(/shrinkage/u);
    expect(() => correlationGraph(input, { window: 50 })).toThrow(ShapeError);
  });
});
