// To the last bit: rolling kernels do not know the future, and a series that was cut off at the front gives what the whole one gives.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  cutAt,
  rollingBeta,
  rollingCorr,
  rollingMax,
  rollingMean,
  rollingMedian,
  rollingQuantile,
  rollingStd,
  rollingSum,
  rollingZscore,
} from "../../src/stats/index.ts";

type Kernel = (values: Float64Array, window: number) => Float64Array;

const other = (values: Float64Array): Float64Array => values.map((value) => Math.sin(7 * value));
const kernels: readonly (readonly [string, Kernel])[] = [
  ["rollingSum", (values, window) => rollingSum(values, window, undefined, { minPeriods: 1 })],
  ["rollingMean", (values, window) => rollingMean(values, window)],
  ["rollingStd", (values, window) => rollingStd(values, window, undefined, { minPeriods: 2 })],
  [
    "rollingZscore",
    (values, window) => rollingZscore(values, window, undefined, { minPeriods: 2 }),
  ],
  ["rollingMax", (values, window) => rollingMax(values, window)],
  [
    "rollingMedian",
    (values, window) => rollingMedian(values, window, undefined, { minPeriods: 1 }),
  ],
  ["rollingQuantile", (values, window) => rollingQuantile(values, window, 0.9)],
  ["rollingCorr", (x, window) => rollingCorr(x, other(x), window, undefined, { minPeriods: 2 })],
  ["rollingBeta", (x, window) => rollingBeta(x, other(x), window, undefined, { minPeriods: 2 })],
];

const cell = fc.oneof(
  { weight: 5, arbitrary: fc.double({ min: -3, max: 3, noNaN: true }) },
  { weight: 2, arbitrary: fc.constant(Number.NaN) },
);
const cells = fc
  .array(cell, { minLength: 60, maxLength: 160 })
  .map((list) => Float64Array.from(list));
const holed = fc
  .tuple(cells, fc.nat(150), fc.nat(50))
  .map(([values, from, length]) => values.fill(Number.NaN, from, from + length));
const window = fc.integer({ min: 2, max: 25 });

function bits(values: Float64Array): readonly bigint[] {
  const plain = values.map((value) => (value === value ? value : Number.NaN));
  return [...new BigUint64Array(plain.buffer, plain.byteOffset, plain.length)];
}

describe.each(kernels)("%s", (_, kernel) => {
  it("keeps every bit of the past whatever comes later", () => {
    fc.assert(
      fc.property(holed, window, fc.nat(160), (values, length, at) => {
        const end = Math.min(at, values.length);
        const later = values.map((value, i) =>
          i < end ? value : i % 3 === 0 ? Number.NaN : 9 - i,
        );
        expect(bits(kernel(later, length).slice(0, end))).toEqual(
          bits(kernel(values, length).slice(0, end)),
        );
      }),
      { numRuns: 200 },
    );
  });

  it("has the whole series' bits from three windows after a cut on", () => {
    fc.assert(
      fc.property(holed, window, fc.nat(80), (values, length, at) => {
        const whole = kernel(values, length);
        let found: Float64Array = new Float64Array(0);
        cutAt(at, () => {
          found = kernel(values.slice(at), length);
        });
        const settled = 3 * length;
        expect(bits(found.slice(settled))).toEqual(bits(whole.slice(at + settled)));
      }),
      { numRuns: 200 },
    );
  });
});
