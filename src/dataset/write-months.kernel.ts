// What a worker thread does for a month store: encodes columns for one month after the other and appends them to its file.

import { receiveMarket, type SharedMarket } from "../features/index.ts";
import { takeTurns, type Block, type Turns } from "../workers/index.ts";
import { appendColumns, type MonthSpan, type StoreColumn } from "./month-store.ts";
import type { Appended, FilePosition } from "./parquet/month-file.ts";

export interface WriteArgs extends Turns {
  readonly columns: readonly StoreColumn[];
  readonly spans: readonly MonthSpan[];
  readonly positions: readonly FilePosition[];
}

/** Appends the columns to the files of the months whose turn it is; returns their positions in `spans`. */
export function writeMonths(
  _: Block,
  { turn, columns, spans, positions }: WriteArgs,
  market: SharedMarket,
): readonly (readonly [number, Appended])[] {
  const data = receiveMarket(market);
  const written: [number, Appended][] = [];
  for (const month of takeTurns(turn, spans.length)) {
    written.push([month, appendColumns(data, spans[month], positions[month], columns)]);
  }
  return written;
}
