// Columns of a panel: typed arrays over shared memory, so that workers see them without a copy.

/** Storage types of a column. Floats carry NaN for missing; `i32` categories carry -1; `u8` holds flags. */
export type ColumnType = "f64" | "f32" | "i32" | "u8";

export type ColumnArray = Float64Array | Float32Array | Int32Array | Uint8Array;

export interface ColumnArrays {
  readonly f64: Float64Array<SharedArrayBuffer>;
  readonly f32: Float32Array<SharedArrayBuffer>;
  readonly i32: Int32Array<SharedArrayBuffer>;
  readonly u8: Uint8Array<SharedArrayBuffer>;
}

/** Positions `start` to `end` − 1 on an axis. */
export interface IndexRange {
  readonly start: number;
  readonly end: number;
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
