// Comparison of arrays in which NaN stands only where NaN is expected.

import { expect } from "vitest";

/** float64 against NumPy, pandas, SciPy and statsmodels: a relative error, or one of the largest value's scale. */
export const goldenTolerance = 1e-12;

/**
 * Fails unless lengths, NaN and infinities agree and all other values are within `tolerance`, relative to the expected
 * value or to `scale` (the size of what was added up: a sum that cancels cannot be closer).
 */
export function expectClose(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  scale = 0,
  what = "",
): void {
  expect(found.length, what).toBe(expected.length);
  for (let i = 0; i < expected.length; i += 1) {
    const bound = tolerance * Math.max(Math.abs(expected[i]), scale);
    const same = Object.is(found[i], expected[i]) || found[i] === expected[i];
    if (same || Math.abs(found[i] - expected[i]) <= bound) continue;
    expect.fail(
      `${what} at ${i}: expected ${expected[i]}, found ${found[i]} (tolerance ${tolerance})`,
    );
  }
}
