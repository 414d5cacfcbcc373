// The matrices of a fold: every feature fitted on the training rows and transformed, a block of columns a thread.

import { sharedInts, shareTrainRows, type TrainRows } from "../../dataset/splits/index.ts";
import type { NormalisedColumn } from "../../dataset/transforms/index.ts";
import { emptyMatrices } from "../../model/lightgbm/index.ts";
import type { WorkerPool } from "../../workers/index.ts";
import { type ColumnSource, mapColumns } from "./columns.ts";
import { fillFold, type FillFold } from "./fold-matrix.kernel.ts";

export interface FoldMatrixOptions {
  readonly pool: WorkerPool;
  readonly source: ColumnSource;
  readonly columns: readonly NormalisedColumn[];
  /** Columns whose values are codes: they stay as they are. */
  readonly categorical: readonly string[];
  /** Where the matrices are built, so that folds can share it. */
  readonly memory: SharedArrayBuffer;
}

const module = new URL(
  import.meta.url.endsWith(".ts") ? "./fold-matrix.kernel.ts" : "./fold-matrix.kernel.js",
  import.meta.url,
);

export interface FoldMatrices {
  /** One (part.length, columns) row-major float32 matrix for each part. */
  readonly matrices: readonly Float32Array[];
  readonly fittedOn: TrainRows;
}

/** The parts' rows of every column, transformed; what is learnt is learnt from `train` alone. */
export async function foldMatrices(
  train: TrainRows,
  parts: readonly Int32Array[],
  { pool, source, columns, categorical, memory }: FoldMatrixOptions,
): Promise<FoldMatrices> {
  const lengths = parts.map(({ length }) => length);
  const matrices = emptyMatrices(lengths, columns.length, memory);
  const names = columns.map(({ name }) => name);
  const fixed = {
    index: source.index,
    train: shareTrainRows(train),
    columns,
    categorical,
    parts: parts.map(sharedInts),
    matrices,
  };
  const kernel = { module, run: fillFold };
  await mapColumns<FillFold, void>(pool, source, names, kernel, (read) => ({ ...fixed, ...read }));
  return { matrices, fittedOn: train };
}
