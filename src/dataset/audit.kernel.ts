// What a worker thread does for the leak audit: one cut, on a lake that it opens itself.

import {
  defaultRegistry,
  planFeatures,
  receiveMarket,
  selectFeatures,
  type SharedMarket,
} from "../features/index.ts";
import { openLake } from "../lake/index.ts";
import type { Block } from "../workers/index.ts";
import { auditCut, type Comparison, type CutAt } from "./audit-compare.ts";

export interface AuditArgs {
  readonly cuts: readonly CutAt[];
}

/** The whole run, and what it was made from. */
export interface AuditShared {
  readonly home: string;
  readonly selection: string;
  readonly codes: readonly string[];
  readonly market: SharedMarket;
  readonly columns: readonly (readonly [string, Float32Array<SharedArrayBuffer>])[];
}

export async function auditBlock(
  { start }: Block,
  { cuts }: AuditArgs,
  { home, selection, codes, market, columns }: AuditShared,
): Promise<Comparison> {
  const registry = defaultRegistry();
  const plan = planFeatures(registry, selectFeatures(registry, selection));
  const lake = await openLake(home);
  const auditor = { lake, registry, plan, calendar: await lake.calendar(), threads: 1 };
  const full = { data: receiveMarket(market), columns: new Map(columns) };
  return auditCut(auditor, codes, full, cuts[start]);
}
