// Some columns of a fold on a worker thread: fitted on the training rows, transformed, written into the fold's matrices.

import { receiveTrainRows, type SharedTrainRows } from "../../dataset/splits/index.ts";
import {
  normalise,
  type NormalisedColumn,
  type RowIndex,
  rowTable,
} from "../../dataset/transforms/index.ts";
import { writeColumns } from "../../model/lightgbm/matrix.ts";
import type { Block } from "../../workers/index.ts";
import type { ColumnBlockArgs } from "./columns.ts";

export interface FillFold extends ColumnBlockArgs {
  readonly index: RowIndex;
  readonly train: SharedTrainRows;
  /** All columns of the matrices. */
  readonly columns: readonly NormalisedColumn[];
  /** Columns whose values are codes: they stay as they are. */
  readonly categorical: readonly string[];
  readonly parts: readonly Int32Array[];
  /** One a part, row-major. */
  readonly matrices: readonly Float32Array[];
}

/** Fits, transforms and writes the block's columns of those that were read. */
export function fillFold({ start, end }: Block, fold: FillFold): void {
  const { index, train, columns, categorical, values, first, parts, matrices } = fold;
  const own = columns.slice(first + start, first + end);
  const table = rowTable(index, new Map(own.map(({ name }, i) => [name, values[start + i]])));
  const scaled = own.filter(({ name }) => !categorical.includes(name));
  const transformed = normalise(scaled, { scale: false, fill: false })
    .fit(receiveTrainRows(train), table)
    .transform(table);
  const written = own.map(({ name }) => transformed.column(name));
  const place = { first: first + start, width: columns.length };
  matrices.forEach((matrix, i) => writeColumns(matrix, parts[i], written, place));
}
