// Day blocks: what is covered, in which order, how much is padded; and what a batch holds.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ShapeError } from "../../src/errors.ts";
import { createRng } from "../../src/rng.ts";
import { coveringBlocks, padSizes, shuffledBlocks, stockCounts } from "../../src/train/blocks.ts";
import { allocateFeed, blockLength, fillFeed } from "../../src/train/feed.ts";
import { rowPositions } from "../../src/train/samples.ts";
import { nextStocks, plantedSamples } from "./planted.ts";

const samples = plantedSamples({ sessions: 40, stocks: 6, features: 3 });

describe("blocks", () => {
  it("cover every session of the spans, whole blocks only", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: 30 }),
        fc.integer({ min: 1, max: 10 }),
        (start, days) => {
          const spans = [{ start, end: 40 }];
          const seen = new Set<number>();
          for (const block of coveringBlocks(samples, spans, days)) {
            for (let day = 0; day < days; day += 1) seen.add(block.start + day);
          }
          for (let session = start; session < 40; session += 1)
            expect(seen.has(session)).toBe(true);
        },
      ),
    );
  });

  it("of an epoch stay within the spans, differ by epoch and repeat by seed", () => {
    const spans = [{ start: 8, end: 38 }];
    const startsOf = (seed: string): number[] =>
      shuffledBlocks(samples, spans, { days: 4, rng: createRng(seed) }).map(({ start }) => start);
    expect(startsOf("a")).toEqual(startsOf("a"));
    expect(startsOf("a")).not.toEqual(startsOf("b"));
    for (const start of startsOf("a")) {
      expect(start).toBeGreaterThanOrEqual(8);
      expect(start + 4).toBeLessThanOrEqual(38);
    }
  });

  it("never have more stocks than stockCounts says", () => {
    const sparse = { ...samples, rowOf: samples.rowOf.map((row) => (row % 7 < 3 ? -1 : row)) };
    const spans = [{ start: 3, end: 33 }];
    const most = Math.max(...stockCounts(sparse, spans, 2));
    for (let seed = 0; seed < 20; seed += 1) {
      const blocks = shuffledBlocks(sparse, spans, { days: 2, rng: createRng(seed) });
      for (const { stocks } of blocks) expect(stocks.length).toBeLessThanOrEqual(most);
    }
  });

  it("name the stocks that have a row on one of their days", () => {
    const sparse = { ...samples, rowOf: samples.rowOf.slice() };
    for (let session = 10; session < 14; session += 1) sparse.rowOf[session * 6 + 2] = -1;
    const [block] = coveringBlocks(sparse, [{ start: 10, end: 14 }], 4);
    expect([...block.stocks]).toEqual([0, 1, 3, 4, 5]);
  });
});

describe("padSizes", () => {
  it("is one size where padding is little, else two, and always holds the largest", () => {
    expect(padSizes([90, 95, 100])).toEqual([104]);
    expect(padSizes([10, 10, 10, 100])).toEqual([16, 104]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1 }), (counts) => {
        const sizes = padSizes(counts);
        expect(sizes.length).toBeLessThanOrEqual(2);
        expect(sizes.at(-1)).toBeGreaterThanOrEqual(Math.max(...counts));
      }),
    );
  });
});

describe("a batch", () => {
  const shape = { days: 2, stocks: 8 };
  const block = { start: 20, stocks: Int32Array.of(4, 0) };

  it("holds the rows of its stocks, oldest session first, NaN where there is none", () => {
    const feed = allocateFeed(samples, shape);
    fillFeed(samples, block, feed, { shape, peersOn: nextStocks(samples) });
    const length = blockLength(samples, 2);
    expect(length).toBe(2 + 5 - 1 + 4);
    const last = (length - 1) * 8 * 3;
    expect([...feed.x.subarray(last, last + 3)]).toEqual([
      ...samples.values.subarray((21 * 6 + 4) * 3, (21 * 6 + 5) * 3),
    ]);
    expect(feed.x.subarray(last + 6, last + 24).every(Number.isNaN)).toBe(true);
    expect([...feed.labels.subarray(8, 10)]).toEqual([
      samples.targets[0][21 * 6 + 4],
      samples.targets[0][21 * 6],
    ]);
    expect([...feed.known.subarray(0, 8)]).toEqual([1, 1, 0, 0, 0, 0, 0, 0]);
  });

  it("lists only peers that are in the batch, as nodes of their own session", () => {
    const feed = allocateFeed(samples, shape);
    const near = { start: 20, stocks: Int32Array.of(0, 1) };
    fillFeed(samples, near, feed, { shape, peersOn: nextStocks(samples) });
    expect([...feed.present.subarray(0, 4)]).toEqual([1, 0, 0, 0]);
    expect(feed.neighbours[0]).toBe(1);
    expect(feed.neighbours[16]).toBe(9);
  });

  it("refuses a block with more stocks than it holds", () => {
    const small = { days: 2, stocks: 1 };
    expect(() => {
      fillFeed(samples, block, allocateFeed(samples, small), { shape: small });
    }).toThrow(ShapeError);
  });
});

describe("rowPositions", () => {
  it("refuses two rows of one stock and session", () => {
    const twice = Int32Array.of(0, 0);
    expect(() => rowPositions(twice, twice, { sessionCount: 1, codeCount: 1 })).toThrow(
      /rows 0 and 1/u,
    );
  });
});
