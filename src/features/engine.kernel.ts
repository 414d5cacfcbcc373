// What a worker thread does for the engine: some of the codes, or some of the sessions, of one step.

import { takeTurns, type Block, type Turns } from "../workers/index.ts";
import { ColumnStore } from "./column-store.ts";
import { runStockTiles, runWhole, tileCount } from "./execute.ts";
import { familiesRegistry } from "./families/registry.ts";
import { receiveMarket, type Entries, type SharedMarket } from "./shared-market.ts";
import { firstSession, type EngineContext } from "./engine-context.ts";
import type { Need } from "./tail.ts";

export interface StepArgs extends Turns {
  readonly outputs: readonly string[];
  /** Stock columns that the step reads or writes. */
  readonly rows: Entries<Float32Array<SharedArrayBuffer>>;
  /** Market and group series that the step reads or writes. */
  readonly series: Entries<Float64Array<SharedArrayBuffer>>;
  /** Both maps of a `Tail`; undefined computes everything. */
  readonly tail:
    { readonly sessions: Entries<number>; readonly needs: Entries<readonly Need[]> } | undefined;
}

/** Sessions of a cross-section or an aggregate that are computed in one go. */
const sessionsATurn = 64;

/** Stock columns, tile by tile. */
export function stockStep(_: Block, args: StepArgs, market: SharedMarket): readonly never[] {
  const context = contextOf(args, market);
  runStockTiles(context, args.outputs, takeTurns(args.turn, tileCount(context.data)));
  return [];
}

/** A cross-section or an aggregate, some sessions at a time. */
export function wholeStep(_: Block, args: StepArgs, market: SharedMarket): readonly never[] {
  const context = contextOf(args, market);
  const sessions = context.data.panel.dates.length;
  const begin = firstSession(context, args.outputs);
  for (const turn of takeTurns(args.turn, Math.ceil((sessions - begin) / sessionsATurn))) {
    const first = begin + turn * sessionsATurn;
    runWhole(context, args.outputs, first, Math.min(sessions, first + sessionsATurn));
  }
  return [];
}

function contextOf({ rows, series, tail }: StepArgs, market: SharedMarket): EngineContext {
  const data = receiveMarket(market);
  const columns = new ColumnStore(data);
  for (const [name, column] of rows) columns.attachRows(name, column);
  for (const [name, column] of series) columns.attachSeries(name, column);
  return {
    registry: familiesRegistry(),
    data,
    columns,
    tail: tail && { sessions: new Map(tail.sessions), needs: new Map(tail.needs) },
  };
}
