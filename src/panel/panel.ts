// The market panel: dates × codes, one typed array a column, code-major, in shared memory so that workers see it without a copy.

import { ShapeError, SchemaError } from "../errors.ts";

/** Storage types of a column. Floats carry NaN for missing; `i32` categories carry -1; `u8` holds flags. */
export type ColumnType = "f64" | "f32" | "i32" | "u8";

export type ColumnArray = Float64Array | Float32Array | Int32Array | Uint8Array;

export interface ColumnArrays {
  readonly f64: Float64Array<SharedArrayBuffer>;
  readonly f32: Float32Array<SharedArrayBuffer>;
  readonly i32: Int32Array<SharedArrayBuffer>;
  readonly u8: Uint8Array<SharedArrayBuffer>;
}

/** An array of `type` over fresh shared memory: floats start as NaN, `i32` as -1, `u8` as 0. */
export function sharedColumn<T extends ColumnType>(type: T, length: number): ColumnArrays[T];
export function sharedColumn(type: ColumnType, length: number): ColumnArray {
  switch (type) {
    case "f64":
      return new Float64Array(new SharedArrayBuffer(length * 8)).fill(Number.NaN);
    case "f32":
      return new Float32Array(new SharedArrayBuffer(length * 4)).fill(Number.NaN);
    case "i32":
      return new Int32Array(new SharedArrayBuffer(length * 4)).fill(-1);
    case "u8":
      return new Uint8Array(new SharedArrayBuffer(length));
  }
}

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

  /** One code's cells of a column, oldest first: a view, not a copy. */
  series(name: string, codeIndex: number): ColumnArray {
    const start = codeIndex * this.dates.length;
    return this.column(name).subarray(start, start + this.dates.length);
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
