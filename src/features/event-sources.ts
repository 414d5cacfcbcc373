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
  /** Present where records of a month never change with the rows of other months, so that loads may keep them. */
  readonly keepable?: Keepable;
}

/**
 * Each record comes from rows of one partition of `table`, with splits up to a day that the record names, and with the whole
 * calendar; never from a row of another month. A source by stock has the table's "Code" as its key.
 */
export interface Keepable {
  readonly table: string;
  /** Where the record says up to which day splits count: `day`, or the field with it as epoch day; absent: reads no splits. */
  readonly splitsTo?: string;
}

/** The source called `name`. Throws ConfigError when there is none. */
export function eventSource(sources: ReadonlyMap<string, EventSource>, name: string): EventSource {
  const source = sources.get(name);
  if (source !== undefined) return source;
  throw new ConfigError(
    `features: no event source ${name}; there are ${[...sources.keys()].join(", ") || "none"}`,
  );
}
