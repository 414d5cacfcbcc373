// The two columns about a row's data, for a forecast: the same kernel as in training, without the gate that reads labels.

import type { Dataset } from "../../dataset/index.ts";
import type { NormalisedColumn, RowIndex } from "../../dataset/transforms/index.ts";
import { judgeColumns } from "../baseline/quality.kernel.ts";

const none = { sample: new Int32Array(0), offsets: Int32Array.of(0), ranks: [] };

/** `quality_known` and `quality_outliers` of every row, a column at a time. */
export function qualityOfRows(
  dataset: Dataset,
  index: RowIndex,
  columns: readonly NormalisedColumn[],
): ReadonlyMap<string, Float32Array> {
  const known = new Float32Array(dataset.rows.count);
  const outliers = new Float32Array(dataset.rows.count);
  for (const column of columns) {
    const values = [dataset.features([column.name]).column(column.name)];
    const args = { index, columns: [column], values, first: 0, ...none };
    const judged = judgeColumns({ start: 0, end: 1 }, args);
    for (let row = 0; row < known.length; row += 1) {
      known[row] += judged.known[row];
      outliers[row] += judged.outliers[row];
    }
  }
  for (let row = 0; row < known.length; row += 1) known[row] /= columns.length;
  return new Map([
    ["quality_known", known],
    ["quality_outliers", outliers],
  ]);
}
