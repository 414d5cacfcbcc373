import fc from "fast-check";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ShapeError } from "../src/errors.ts";
import { createRng, type Rng } from "../src/rng.ts";

interface Golden {
  readonly fromWords1234: readonly number[];
  readonly seed42: readonly number[];
  readonly seed42SplitPrices: readonly number[];
}

const golden: Golden = JSON.parse(
  readFileSync(new URL("golden/rng.json", import.meta.url), "utf8"),
);

function uint32s(rng: Rng, count: number): number[] {
  return Array.from({ length: count }, () => rng.uint32());
}

test("draws equal xoshiro128** as published, from given words, from a seed and from a split", () => {
  const rng = createRng(0);
  rng.restore({ words: [1, 2, 3, 4], spare: null });
  expect(uint32s(rng, 12)).toEqual(golden.fromWords1234);
  expect(uint32s(createRng(42), 12)).toEqual(golden.seed42);
  expect(uint32s(createRng(42).split("prices"), 12)).toEqual(golden.seed42SplitPrices);
});

test("a split depends on seed and label alone, not on what was drawn before or after", () => {
  const drawn = createRng(1);
  drawn.uniform();
  const split = drawn.split("a");
  const first = drawn.uint32();
  expect(uint32s(split, 5)).toEqual(uint32s(createRng(1).split("a"), 5));
  const undisturbed = createRng(1);
  undisturbed.uniform();
  expect(undisturbed.uint32()).toBe(first);
});

test("splits with different labels, and their parent, give different numbers", () => {
  const root = createRng(1);
  const streams = [
    root,
    root.split("a"),
    root.split("b"),
    root.split("a").split("b"),
    createRng(2),
  ];
  expect(new Set(streams.map((rng) => uint32s(rng, 4).join(" "))).size).toBe(streams.length);
});

test("a restored state goes on as the stream it was taken from, also between the two halves of a normal pair", () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(9), (seed, drawsBefore) => {
      const rng = createRng(seed);
      for (let i = 0; i < drawsBefore; i += 1) rng.normal();
      const state = JSON.parse(JSON.stringify(rng.state()));
      const other = createRng("another");
      other.normal();
      other.restore(state);
      const draws = (stream: Rng): number[] => [stream.normal(), stream.normal(), stream.uint32()];
      expect(draws(other)).toEqual(draws(rng));
    }),
  );
});

test("uniform lies in [0, 1) with the mean, variance and bins of a uniform distribution", () => {
  const rng = createRng(5);
  const count = 100_000;
  const bins = new Int32Array(20);
  let sum = 0;
  let squares = 0;
  let outside = 0;
  for (let i = 0; i < count; i += 1) {
    const value = rng.uniform();
    if (value < 0 || value >= 1) outside += 1;
    bins[Math.floor(value * 20)] += 1;
    sum += value;
    squares += value * value;
  }
  expect(outside).toBe(0);
  // Five standard errors.
  expect(Math.abs(sum / count - 1 / 2)).toBeLessThan(5 * Math.sqrt(1 / 12 / count));
  expect(Math.abs(squares / count - 1 / 3)).toBeLessThan(5 * Math.sqrt(4 / 45 / count));
  const chiSquare = bins.reduce((total, n) => total + (n - count / 20) ** 2 / (count / 20), 0);
  expect(chiSquare).toBeLessThan(43.8); // 99.9 % of chi-square with 19 degrees of freedom
});

test("normal has the first four moments of a standard normal", () => {
  const rng = createRng(6);
  const count = 200_000;
  const moments = [0, 0, 0, 0];
  for (let i = 0; i < count; i += 1) {
    const value = rng.normal();
    for (let power = 1; power <= 4; power += 1) moments[power - 1] += value ** power / count;
  }
  // Variance of x^k is E[x^2k] − E[x^k]²: 1, 2, 15, 96; five standard errors each.
  [0, 1, 0, 3].forEach((expected, i) => {
    const tolerance = 5 * Math.sqrt([1, 2, 15, 96][i] / count);
    expect(Math.abs(moments[i] - expected)).toBeLessThan(tolerance);
  });
});

test("integer(n) covers 0 to n − 1 evenly, and refuses an n it cannot draw", () => {
  const rng = createRng(7);
  const counts = new Int32Array(3);
  for (let i = 0; i < 30_000; i += 1) counts[rng.integer(3)] += 1;
  for (const n of counts) expect(Math.abs(n - 10_000)).toBeLessThan(5 * Math.sqrt(20_000 / 3));
  expect(rng.integer(1)).toBe(0);
  for (const n of [0, -1, Number.NaN, 2 ** 33]) {
    expect(() => rng.integer(n)).toThrow(ShapeError);
  }
});

test("shuffle keeps all values, in any order equally often", () => {
  const rng = createRng(8);
  const counts = new Map<string, number>();
  for (let i = 0; i < 6000; i += 1) {
    const order = rng.shuffle(Int32Array.of(1, 2, 3)).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect([...counts.keys()].sort()).toEqual(["123", "132", "213", "231", "312", "321"]);
  for (const n of counts.values()) expect(Math.abs(n - 1000)).toBeLessThan(5 * Math.sqrt(833));
});
