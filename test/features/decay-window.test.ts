// The windowed exponential sum equals the sum written out, and its bits do not depend on where the history begins.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decayedSum,
  decayWindow,
  seenInWindow,
  type DecayWindow,
} from "../../src/features/families/decay-window.ts";
import { createRng } from "../../src/rng.ts";

interface Rows {
  readonly values: Float64Array;
  readonly position: Float64Array;
  readonly day: Float64Array;
}

/** Rows on some of the sessions, weekends left out, values with gaps and a spike. */
function rowsOf(seed: number, count: number): Rows {
  const rng = createRng(seed);
  const positions: number[] = [];
  for (let p = rng.integer(5); positions.length < count; p += 1 + Number(rng.uniform() < 0.1)) {
    positions.push(p);
  }
  const values = Float64Array.from(positions, () =>
    rng.uniform() < 0.1 ? Number.NaN : rng.normal(),
  );
  values[rng.integer(count)] = 1e12;
  const start = 17_000 + rng.integer(400);
  return {
    values,
    position: Float64Array.from(positions),
    day: Float64Array.from(positions, (p) => start + Math.floor(p / 5) * 7 + (p % 5)),
  };
}

function bruteForce({ values, position }: Rows, { halfLife, length }: DecayWindow): Float64Array {
  return Float64Array.from(values, (_, i) => {
    let total = 0;
    for (let j = i; j >= 0 && position[j] > position[i] - length; j -= 1) {
      if (values[j] === values[j])
        total += values[j] * 0.5 ** ((position[i] - position[j]) / halfLife);
    }
    return total;
  });
}

const halfLives = fc.constantFrom(1.5, 3, 5, 10, 40);

describe("decayedSum", () => {
  test("is the sum of value × 0.5^(age / halfLife) over the last sessions, gaps and a spike of 1e12 included", () => {
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.integer({ min: 1, max: 300 }),
        halfLives,
        (seed, count, halfLife) => {
          const rows = rowsOf(seed, count);
          const window = decayWindow(halfLife);
          const out = new Float64Array(count);
          decayedSum(rows.values, rows, window, out);
          const expected = bruteForce(rows, window);
          for (let i = 0; i < count; i += 1) {
            const scale = Math.max(1, Math.abs(expected[i]));
            expect(Math.abs(out[i] - expected[i])).toBeLessThanOrEqual(1e-9 * scale);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("has the same bits from any start that leaves the window whole", () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(120), halfLives, (seed, cut, halfLife) => {
        const rows = rowsOf(seed, 600);
        const window = decayWindow(halfLife);
        const whole = new Float64Array(600);
        decayedSum(rows.values, rows, window, whole);
        const later = {
          values: rows.values.subarray(cut),
          position: rows.position.subarray(cut).map((p) => p - rows.position[cut]),
          day: rows.day.subarray(cut),
        };
        const part = new Float64Array(600 - cut);
        decayedSum(later.values, later, window, part);
        const firstWhole = part.findIndex((_, i) => later.position[i] >= window.length - 1);
        if (firstWhole >= 0) {
          expect(part.subarray(firstWhole)).toEqual(whole.subarray(cut + firstWhole));
        }
      }),
      { numRuns: 60 },
    );
  });

  test("adds nothing for an empty history", () => {
    const empty = new Float64Array(0);
    decayedSum(empty, { position: empty, day: empty }, decayWindow(3), empty);
    expect(empty.length).toBe(0);
  });
});

describe("seenInWindow", () => {
  test("counts the values of the last sessions that are not NaN", () => {
    const values = Float64Array.of(1, Number.NaN, 2, 3, 4);
    const position = Float64Array.of(0, 1, 2, 6, 7);
    const out = new Float64Array(5);
    seenInWindow(values, { position, day: position }, { length: 5 }, out);
    expect([...out]).toEqual([1, 1, 2, 2, 2]);
  });
});
