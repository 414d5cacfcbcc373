// Rows of a table as the row-major matrix that LightGBM reads, built some columns at a time.

import type { RowTable } from "../../dataset/transforms/index.ts";

/** Columns written together, so that each row is touched a cache line at a time. */
const columnBlock = 16;

/** (indices.length, features.length) row-major float32 in shared memory; reads each column of `table` once. */
export function rowMajor(
  table: RowTable,
  indices: Int32Array,
  features: readonly string[],
): Float32Array {
  const width = features.length;
  const matrix = new Float32Array(new SharedArrayBuffer(indices.length * width * 4));
  for (let first = 0; first < width; first += columnBlock) {
    const columns = features
      .slice(first, first + columnBlock)
      .map((feature) => table.column(feature));
    for (let row = 0; row < indices.length; row += 1) {
      const source = indices[row];
      const at = row * width + first;
      for (let column = 0; column < columns.length; column += 1) {
        matrix[at + column] = columns[column][source];
      }
    }
  }
  return matrix;
}
