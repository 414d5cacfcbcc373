// What every step of a plan works with.

import type { ColumnStore } from "./column-store.ts";
import type { MarketData } from "./market-data.ts";
import type { Registry } from "./registry.ts";
import type { Tail } from "./tail.ts";

export interface EngineContext {
  readonly registry: Registry;
  readonly data: MarketData;
  readonly columns: ColumnStore;
  /** What is needed of each column; undefined computes all of it. */
  readonly tail: Tail | undefined;
}

/** First session of some stored columns that somebody reads. */
export function firstSession(
  { tail }: Pick<EngineContext, "tail">,
  outputs: readonly string[],
): number {
  if (tail === undefined) return 0;
  return Math.min(...outputs.map((name) => tail.sessions.get(name) ?? Infinity));
}
