// What a worker thread does for the engine: one block of codes, or one block of sessions, of one step.

import type { Block } from "../workers/index.ts";
import { ColumnStore } from "./column-store.ts";
import { runStockBlock, runWhole } from "./execute.ts";
import { familiesRegistry } from "./families/registry.ts";
import { receiveMarket, type Entries, type SharedMarket } from "./shared-market.ts";
import type { WholeContext } from "./whole-steps.ts";

export interface StepArgs {
  readonly market: SharedMarket;
  readonly outputs: readonly string[];
  /** Stock columns that the step reads or writes. */
  readonly rows: Entries<Float32Array<SharedArrayBuffer>>;
  /** Market and group series that the step reads or writes. */
  readonly series: Entries<Float64Array<SharedArrayBuffer>>;
}

/** Stock columns for the codes of a block. */
export function stockStep({ start, end }: Block, args: StepArgs): void {
  runStockBlock(contextOf(args), args.outputs, start, end);
}

/** A cross-section or an aggregate for the sessions of a block. */
export function wholeStep({ start, end }: Block, args: StepArgs): void {
  runWhole(contextOf(args), args.outputs[0], start, end);
}

function contextOf({ market, rows, series }: StepArgs): WholeContext {
  const data = receiveMarket(market);
  const columns = new ColumnStore(data);
  for (const [name, column] of rows) columns.attachRows(name, column);
  for (const [name, column] of series) columns.attachSeries(name, column);
  return { registry: familiesRegistry(), data, columns };
}
