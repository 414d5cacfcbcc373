import fc from "fast-check";
import { expect, test } from "vitest";
import { gatherDays, scatterDays } from "../../src/panel/index.ts";

test("gatherDays lays a block of dates out date by date", () => {
  // Two codes × three dates: code 0 is 1 2 3, code 1 is 4 5 6.
  const column = Float64Array.of(1, 2, 3, 4, 5, 6);
  const block = gatherDays(column, 3, { start: 1, end: 3 }, new Float64Array(4));
  expect(Array.from(block)).toEqual([2, 5, 3, 6]);
});

test("scatterDays puts back what gatherDays took and touches no other date", () => {
  const shape = fc.record({
    dates: fc.integer({ min: 1, max: 12 }),
    codes: fc.integer({ min: 1, max: 12 }),
    cut: fc.tuple(fc.nat(12), fc.nat(12)),
  });
  fc.assert(
    fc.property(shape, ({ dates, codes, cut }) => {
      const [start, end] = cut.map((at) => Math.min(at, dates)).sort((a, b) => a - b);
      const column = Float64Array.from({ length: dates * codes }, (_, i) => i);
      const block = gatherDays(column, dates, { start, end }, new Float64Array(column.length));
      const copy = Float64Array.from(column, (value, cell) => {
        const date = cell % dates;
        return date >= start && date < end ? Number.NaN : value;
      });
      scatterDays(block, dates, { start, end }, copy);
      expect(copy).toEqual(column);
    }),
  );
});

test("a block that is too short is refused with both sizes", () => {
  expect(() =>
    gatherDays(new Float64Array(6), 3, { start: 0, end: 3 }, new Float64Array(5)),
  ).toThrow("expected a block of at least 6 cells (3 dates × 2 codes), found 5");
});
