import { expect, test } from "vitest";
import { SchemaError, ShapeError } from "../../src/errors.ts";
import { lowerBound, Panel, sharedColumn } from "../../src/panel/index.ts";

function smallPanel(): Panel {
  const panel = new Panel([10, 11, 14], ["13010", "130A0"]);
  panel.addColumn("close", "f64").set([1, 2, 3, 4, 5, 6]);
  return panel;
}

test("a column starts as missing: NaN for floats, -1 for i32, 0 for u8, in shared memory", () => {
  const panel = new Panel([10, 11], ["13010"]);
  expect(Array.from(panel.addColumn("a", "f64"))).toEqual([Number.NaN, Number.NaN]);
  expect(Array.from(panel.addColumn("b", "f32"))).toEqual([Number.NaN, Number.NaN]);
  expect(Array.from(panel.addColumn("c", "i32"))).toEqual([-1, -1]);
  expect(Array.from(panel.addColumn("d", "u8"))).toEqual([0, 0]);
  for (const name of panel.columnNames) {
    expect(panel.column(name).buffer).toBeInstanceOf(SharedArrayBuffer);
  }
  expect(panel.dates.buffer).toBeInstanceOf(SharedArrayBuffer);
});

test("the cell of code c and date d is at c × dates + d, and series and day are views on it", () => {
  const panel = smallPanel();
  expect(Array.from(panel.series("close", 1))).toEqual([4, 5, 6]);
  expect(Array.from(panel.series("close", 1, { start: 1, end: 3 }))).toEqual([5, 6]);
  const day = panel.day("close", 2);
  expect([day.length, day.at(0), day.at(1)]).toEqual([2, 3, 6]);
  day.set(1, 60);
  panel.series("close", 0)[0] = 10;
  expect(Array.from(panel.float64("close"))).toEqual([10, 2, 3, 4, 5, 60]);
});

test("a slice of codes shares memory with its panel", () => {
  const panel = smallPanel();
  const slice = panel.sliceCodes({ start: 1, end: 2 });
  expect([slice.codes, Array.from(slice.dates), slice.size]).toEqual([["130A0"], [10, 11, 14], 3]);
  slice.float64("close")[0] = 40;
  expect(panel.float64("close")[3]).toBe(40);
});

test("codes and dates are found by value, -1 when absent", () => {
  const panel = smallPanel();
  expect([panel.codeIndex("130A0"), panel.codeIndex("13020")]).toEqual([1, -1]);
  expect([10, 12, 14, 15].map((day) => panel.dateIndex(day))).toEqual([0, -1, 2, -1]);
  expect(lowerBound([1, 3, 3, 5], 3)).toBe(1);
});

test("a range of days covers the dates within it, none when it falls between two", () => {
  const panel = smallPanel();
  expect(panel.dateRange(11, 14)).toEqual({ start: 1, end: 3 });
  expect(panel.dateRange(12, 13)).toEqual({ start: 2, end: 2 });
  expect(panel.dateRange(14, 10)).toEqual({ start: 2, end: 2 });
  expect(panel.dateRange(0, 99)).toEqual({ start: 0, end: 3 });
});

test("dates and codes must ascend without repeats", () => {
  expect(() => new Panel([10, 10], [])).toThrow("found 10 before 10 at 1");
  expect(() => new Panel([], ["130A0", "13010"])).toThrow("found 130A0 before 13010 at 1");
});

test("a column of another length, a missing one, another type and a position off the axis are refused", () => {
  const panel = smallPanel();
  panel.addColumn("flag", "u8");
  expect(() => panel.setColumn("short", sharedColumn("f64", 5))).toThrow(
    "panel column short: expected 6 cells (2 codes × 3 dates), found 5",
  );
  expect(() => panel.column("open")).toThrow(
    new SchemaError("panel has no column open; it has close, flag"),
  );
  expect(() => panel.float64("flag")).toThrow("expected Float64Array, found Uint8Array");
  expect(() => panel.day("close", 3)).toThrow(ShapeError);
  expect(() => panel.series("close", 2)).toThrow("expected positions within 0 to 2, found 2 to 3");
  expect(() => panel.sliceCodes({ start: 1, end: 3 })).toThrow("expected positions within 0 to 2");
});

test("a dropped column is gone", () => {
  const panel = smallPanel();
  panel.dropColumn("close");
  expect(panel.hasColumn("close")).toBe(false);
});
