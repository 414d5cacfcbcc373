// Where a load reads: the whole lake, or its last months beside what is kept of the settled ones.

import type { DuckDBConnection } from "@duckdb/node-api";
import type { Panel } from "../panel/panel.ts";
import { createKeyTables, joinBases, readBase, type LakeBase } from "./load-base.ts";
import { openEarlyMonths, type EarlyMonths } from "./load-cache/early-months.ts";
import type { LoadCache } from "./load-cache/load-cache.ts";

export interface LoadSource {
  /** The whole lake. */
  readonly whole: DuckDBConnection;
  /** The months that are not early; the whole lake when none are. */
  readonly late: DuckDBConnection;
  /** Months of which the decoded data are kept; undefined to read all from the lake. */
  readonly early: EarlyMonths | undefined;
  readonly base: LakeBase;
}

export interface SourceOptions {
  readonly to?: number | undefined;
  readonly among?: readonly string[] | undefined;
  readonly cache?: LoadCache | undefined;
}

export async function openSource(
  whole: DuckDBConnection,
  { to, among, cache }: SourceOptions,
): Promise<LoadSource> {
  const early = cache === undefined ? undefined : await openEarlyMonths(cache, to);
  if (early === undefined) {
    const base = await readBase(whole, among);
    return { whole, late: whole, early, base };
  }
  const late = await early.connectLate();
  return { whole, late, early, base: joinBases(early.base, await readBase(late)) };
}

/** Gives the connections the tables that turn codes, sessions and splits into positions and bases. */
export async function prepareSource(
  { whole, late, early, base }: LoadSource,
  panel: Panel,
): Promise<void> {
  early?.prepare(panel, base.splits);
  for (const connection of new Set([whole, late])) {
    await createKeyTables(connection, panel, base.splits);
  }
}

/** Closes what `openSource` opened. */
export function closeSource({ whole, late, early }: LoadSource): void {
  if (late !== whole) late.closeSync();
  early?.close();
}
