// Event sources: queries over the lake that give records with a key, an availability instant, a day and number fields.

import { ConfigError } from "../errors.ts";
import type { Domain } from "./feature.ts";

export interface EventField {
  readonly name: string;
  readonly meaning: string;
}

export interface EventSource {
  readonly name: string;
  /** Lake tables that the query reads: they are the source's lineage. */
  readonly tables: readonly string[];
  /** What `key` is: a code, nothing (market), an S33 or S17 code, or a section as in /equities/investor-types. */
  readonly by: Domain;
  readonly fields: readonly EventField[];
  /**
   * DuckDB SELECT with columns `key` (VARCHAR; absent for the market), `available_at` (TIMESTAMPTZ), `day` (DATE) and one
   * number column a field. Rows of equal availability are ordered by day, then by the fields in order.
   */
  readonly sql: string;
}

/** The source called `name`. Throws ConfigError when there is none. */
export function eventSource(sources: ReadonlyMap<string, EventSource>, name: string): EventSource {
  const source = sources.get(name);
  if (source !== undefined) return source;
  throw new ConfigError(
    `features: no event source ${name}; there are ${[...sources.keys()].join(", ") || "none"}`,
  );
}
