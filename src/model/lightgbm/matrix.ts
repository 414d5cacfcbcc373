// Rows of a table as the row-major matrices that LightGBM reads, built some columns at a time in one pass.

import { ShapeError } from "../../errors.ts";
import type { RowTable } from "../../dataset/transforms/index.ts";

/** Columns written together, so that each row is touched a cache line at a time. */
export const columnBlock = 16;

/** Bytes that `rowMatrices` needs. */
export function matrixBytes(rows: number, features: number): number {
  return rows * features * 4;
}

/**
 * An empty (part, features) row-major float32 matrix for each part length, one after the other in `memory`. Throws ShapeError
 * when the memory does not suffice.
 */
export function emptyMatrices(
  lengths: readonly number[],
  width: number,
  memory?: SharedArrayBuffer,
): Float32Array[] {
  const needed = matrixBytes(
    lengths.reduce((sum, length) => sum + length, 0),
    width,
  );
  const buffer = memory ?? new SharedArrayBuffer(needed);
  if (buffer.byteLength < needed) {
    throw new ShapeError(
      `emptyMatrices: expected memory of ${needed} bytes, found ${buffer.byteLength}`,
    );
  }
  let offset = 0;
  return lengths.map((length) => {
    const matrix = new Float32Array(buffer, offset, length * width);
    offset += matrixBytes(length, width);
    return matrix;
  });
}

/** One (part.length, features.length) row-major float32 matrix for each part. Each column of `table` is read once. */
export function rowMatrices(
  table: RowTable,
  parts: readonly Int32Array[],
  features: readonly string[],
): Float32Array[] {
  const width = features.length;
  const matrices = emptyMatrices(
    parts.map(({ length }) => length),
    width,
  );
  for (let first = 0; first < width; first += columnBlock) {
    const columns = features
      .slice(first, first + columnBlock)
      .map((feature) => table.column(feature));
    parts.forEach((part, i) => writeColumns(matrices[i], part, columns, { first, width }));
  }
  return matrices;
}

/** Writes `rows` of some columns into a row-major matrix of `width` columns, from column `first` on. */
export function writeColumns(
  matrix: Float32Array,
  rows: Int32Array,
  columns: readonly Float32Array[],
  { first, width }: { readonly first: number; readonly width: number },
): void {
  for (let row = 0; row < rows.length; row += 1) {
    const source = rows[row];
    const at = row * width + first;
    for (let column = 0; column < columns.length; column += 1) {
      matrix[at + column] = columns[column][source];
    }
  }
}
