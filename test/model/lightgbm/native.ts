// The native library for tests, and the data of the golden file.

import { findLibrary } from "../../../src/model/lightgbm/library.ts";

/** Undefined on a machine without LightGBM: `gogooku3 setup lightgbm` puts it into the cache. */
export const nativeLibrary: string | undefined = findLibrary({
  explicit: process.env["LIGHTGBM_LIB"],
})?.path;

export interface ExampleData {
  readonly matrix: Float32Array;
  readonly label: Float32Array;
}

/** As `data()` of test/golden/make/lightgbm_trees.py. */
export function exampleData(rows: number, features: number): ExampleData {
  const matrix = new Float32Array(new SharedArrayBuffer(rows * features * 4));
  const label = new Float32Array(rows);
  let state = 1;
  for (let row = 0; row < rows; row += 1) {
    const x = Array.from({ length: features }, () => {
      state = (state * 16807) % 2147483647;
      return state / 2147483647;
    });
    x[5] = Math.floor(x[5] * 12);
    if (x[4] > 0.8) x[4] = Number.NaN;
    const filled = Number.isNaN(x[4]) ? 2 : x[4];
    label[row] = x[0] + x[1] * x[2] + 0.5 * filled + 0.25 * (x[5] % 3) + 0.5 * x[3] * x[3];
    matrix.set(x, row * features);
  }
  return { matrix, label };
}
