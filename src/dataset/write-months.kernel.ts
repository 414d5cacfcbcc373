// What a worker thread does for a month store: encodes columns for a few months and appends them to their files.

import { receiveMarket, type SharedMarket } from "../features/index.ts";
import type { Block } from "../workers/index.ts";
import { appendColumns, type MonthSpan, type StoreColumn } from "./month-store.ts";
import type { Appended, FilePosition } from "./parquet/month-file.ts";

export interface WriteArgs {
  readonly market: SharedMarket;
  readonly columns: readonly StoreColumn[];
  readonly spans: readonly MonthSpan[];
  readonly positions: readonly FilePosition[];
}

/** Appends the columns to the files of the months from `start` to before `end`. */
export function writeMonths(
  { start, end }: Block,
  { market, columns, spans, positions }: WriteArgs,
): readonly Appended[] {
  const data = receiveMarket(market);
  return spans
    .slice(start, end)
    .map((span, i) => appendColumns(data, span, positions[start + i], columns));
}
