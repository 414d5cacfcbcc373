// The columns that trees read, as a table over a dataset's rows that keeps no more than it is asked for.

import type { Dataset } from "../../dataset/index.ts";
import {
  derivedTable,
  type NormalisedColumn,
  type RowTable,
} from "../../dataset/transforms/index.ts";
import { qualityColumns } from "../baseline/quality.ts";
import { qualityOfRows } from "./quality-of-rows.ts";

/** Declared features from disk, column by column, and the two about a row's data. */
export function treesTable(dataset: Dataset, columns: readonly NormalisedColumn[]): RowTable {
  const { dates, sessionOfRow, codeOfRow } = dataset.rows;
  const index = { dates, sessions: sessionOfRow, codes: codeOfRow };
  const added = new Set(qualityColumns.map(({ name }) => name));
  const declared = columns.filter(({ name }) => !added.has(name));
  const quality = qualityOfRows(dataset, index, declared);
  return derivedTable(
    index,
    columns.map(({ name }) => name),
    (name) => quality.get(name) ?? dataset.features([name]).column(name),
  );
}
