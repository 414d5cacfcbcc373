// The market panel: dates × codes, one typed array a column, code-major, in shared memory so that workers see it without a copy.

import { SchemaError, ShapeError } from "../errors.ts";
import {
  type ColumnArray,
  type ColumnArrays,
  type ColumnType,
  type IndexRange,
  sharedColumn,
} from "./column.ts";
import { DayView } from "./day.ts";

export { type ColumnArray, type ColumnArrays, type ColumnType, type IndexRange, sharedColumn };

/**
 * Sorted `dates` (epoch days) × sorted `codes`; cell (code c, date d) is at `c * dates.length + d`.
 * Cells of a code that is not listed or did not trade are NaN.
 */
export class Panel {
  readonly dates: Int32Array<SharedArrayBuffer>;
  readonly codes: readonly string[];
  readonly #columns: Map<string, ColumnArray> = new Map();
  readonly #codeIndex: Map<string, number>;

  constructor(dates: ArrayLike<number>, codes: readonly string[]) {
    requireAscending("dates", dates);
    requireAscending("codes", codes);
    this.dates = new Int32Array(new SharedArrayBuffer(dates.length * 4));
    this.dates.set(dates);
    this.codes = Object.freeze([...codes]);
    this.#codeIndex = new Map(codes.map((code, index) => [code, index]));
  }

  get size(): number {
    return this.dates.length * this.codes.length;
  }

  get columnNames(): readonly string[] {
    return [...this.#columns.keys()];
  }

  hasColumn(name: string): boolean {
    return this.#columns.has(name);
  }

  /** Adds an empty column (floats NaN, `i32` -1, `u8` 0) and returns its array. */
  addColumn<T extends ColumnType>(name: string, type: T): ColumnArrays[T] {
    const column = sharedColumn(type, this.size);
    this.setColumn(name, column);
    return column;
  }

  /** Puts an array of `size` cells under `name` without copying it. */
  setColumn(name: string, column: ColumnArray): void {
    if (column.length !== this.size) {
      throw new ShapeError(
        `panel column ${name}: expected ${this.size} cells (${this.codes.length} codes × ${this.dates.length} dates), found ${column.length}`,
      );
    }
    this.#columns.set(name, column);
  }

  dropColumn(name: string): void {
    this.#columns.delete(name);
  }

  /** The array under `name`. Throws SchemaError that lists the columns when there is none. */
  column(name: string): ColumnArray {
    const column = this.#columns.get(name);
    if (column === undefined) {
      throw new SchemaError(
        `panel has no column ${name}; it has ${this.columnNames.join(", ") || "none"}`,
      );
    }
    return column;
  }

  /** The float64 array under `name`. Throws SchemaError when the column has another type. */
  float64(name: string): Float64Array {
    const column = this.column(name);
    if (column instanceof Float64Array) return column;
    throw new SchemaError(
      `panel column ${name}: expected Float64Array, found ${column.constructor.name}`,
    );
  }

  /** Position of a code in `codes`, -1 when absent. */
  codeIndex(code: string): number {
    return this.#codeIndex.get(code) ?? -1;
  }

  /** Position of an epoch day in `dates`, -1 when absent. */
  dateIndex(date: number): number {
    const index = lowerBound(this.dates, date);
    return this.dates[index] === date ? index : -1;
  }

  /** Positions of the dates from `from` to `to` (epoch days, both included). */
  dateRange(from: number, to: number): IndexRange {
    const start = lowerBound(this.dates, from);
    return { start, end: Math.max(start, lowerBound(this.dates, to + 1)) };
  }

  /** One code's cells of a column, oldest first: a view, not a copy. `dates` narrows it to some positions. */
  series(name: string, codeIndex: number, dates?: IndexRange): ColumnArray {
    this.requireRange("codes", { start: codeIndex, end: codeIndex + 1 });
    const { start, end } = this.requireRange("dates", dates);
    const first = codeIndex * this.dates.length;
    return this.column(name).subarray(first + start, first + end);
  }

  /** One date's cells of a column, one a code: a strided view, not a copy. */
  day(name: string, dateIndex: number): DayView {
    this.requireRange("dates", { start: dateIndex, end: dateIndex + 1 });
    return new DayView(this.column(name), dateIndex, this.dates.length);
  }

  /** A panel of some consecutive codes on the same memory: what is written to one is read in the other. */
  sliceCodes(codes: IndexRange): Panel {
    const { start, end } = this.requireRange("codes", codes);
    const slice = new Panel(this.dates, this.codes.slice(start, end));
    for (const [name, column] of this.#columns) {
      slice.setColumn(name, column.subarray(start * this.dates.length, end * this.dates.length));
    }
    return slice;
  }

  /** `range`, or the whole axis. Throws ShapeError when it does not lie within the axis. */
  requireRange(axis: "dates" | "codes", range?: IndexRange): IndexRange {
    const length = this[axis].length;
    const { start, end } = range ?? { start: 0, end: length };
    if (
      Number.isInteger(start) &&
      Number.isInteger(end) &&
      0 <= start &&
      start <= end &&
      end <= length
    ) {
      return { start, end };
    }
    throw new ShapeError(
      `panel ${axis}: expected positions within 0 to ${length}, found ${start} to ${end}`,
    );
  }
}

/** First index whose value is at least `value`; `values` ascend. */
export function lowerBound(values: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function requireAscending(what: string, values: ArrayLike<number | string>): void {
  for (let i = 1; i < values.length; i += 1) {
    if (!(values[i - 1] < values[i])) {
      throw new ShapeError(
        `panel ${what} must ascend without repeats; found ${values[i - 1]} before ${values[i]} at ${i}`,
      );
    }
  }
}
