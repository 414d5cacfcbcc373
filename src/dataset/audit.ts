// The leak audit: compute on a lake cut off at a session, and on one whose later rows are spoiled; earlier rows must not change a bit.

import { isoDate } from "../calendar/index.ts";
import { ConfigError } from "../errors.ts";
import {
  dayColumn,
  defaultRegistry,
  planFeatures,
  selectFeatures,
  shareMarket,
  streamRows,
  type MarketData,
  type Registry,
} from "../features/index.ts";
import type { Lake } from "../lake/index.ts";
import { noProgress, type OnProgress } from "../progress.ts";
import { createRng } from "../rng.ts";
import { createPool, splitBlocks } from "../workers/index.ts";
import { auditCut, type Comparison, type CutAt, type Leak } from "./audit-compare.ts";
import { computeRun, type AuditMode, type Auditor, type Run } from "./audit-run.ts";

export type { Leak };

export interface AuditOptions {
  readonly selection: string;
  readonly registry?: Registry;
  /** Random sessions to cut at; default 3. */
  readonly cuts?: number;
  /** How many codes to audit, drawn by the seed; default 150. */
  readonly codes?: number;
  readonly seed?: number;
  readonly modes?: readonly AuditMode[];
  /** Worker threads for the cuts; default one a core, 1 works on this thread, as does a registry of one's own. */
  readonly threads?: number;
  readonly onProgress?: OnProgress;
}

export interface AuditReport {
  readonly features: number;
  readonly cuts: readonly string[];
  readonly modes: readonly AuditMode[];
  readonly codes: number;
  readonly cellsCompared: number;
  /** Columns without a single value in this lake: nothing was proved about them. */
  readonly unseen: readonly string[];
  /** Inputs before the columns that read them: the first is where to look. */
  readonly leaks: readonly Leak[];
}

const module = new URL(
  import.meta.url.endsWith(".ts") ? "./audit.kernel.ts" : "./audit.kernel.js",
  import.meta.url,
);

/** Audits every column of a selection. Throws ConfigError when the lake has too few sessions to cut. */
export async function auditFeatures(lake: Lake, options: AuditOptions): Promise<AuditReport> {
  const { selection, registry = defaultRegistry(), cuts = 3, codes = 150, seed = 1 } = options;
  const { modes = ["truncate", "perturb"] } = options;
  const plan = planFeatures(registry, selectFeatures(registry, selection));
  const auditor = { lake, registry, plan, calendar: await lake.calendar() };
  const chosen = await chooseCodes(lake, codes, seed);
  const full = await computeRun(auditor, chosen);
  const sessions = await chooseCuts(lake, full.data, cuts, seed);
  const places = sessions.flatMap((session) => modes.map((mode) => ({ session, mode })));
  const found = await runCuts(auditor, chosen, full, places, options);
  return {
    features: plan.selected.length,
    cuts: sessions.map((session) => isoDate(full.data.panel.dates[session])),
    modes,
    codes: full.data.panel.codes.length,
    cellsCompared: found.reduce((sum, { compared }) => sum + compared, 0),
    unseen: [...full.columns].filter(([, values]) => isEmpty(values)).map(([name]) => name),
    leaks: found.flatMap(({ leaks }) => leaks),
  };
}

function isEmpty(values: Float32Array): boolean {
  return values.every((value) => value !== value);
}

/** Comparisons in the order of `places`, whichever thread made them. */
async function runCuts(
  auditor: Auditor,
  codes: readonly string[],
  full: Run,
  places: readonly CutAt[],
  { selection, registry, threads, onProgress = noProgress }: AuditOptions,
): Promise<readonly Comparison[]> {
  const total = places.length;
  if (registry !== undefined || threads === 1) {
    const comparisons: Comparison[] = [];
    for (const at of places) {
      comparisons.push(await auditCut(auditor, codes, full, at));
      onProgress({ stage: "audit", done: comparisons.length, total });
    }
    return comparisons;
  }
  const shared = {
    home: auditor.lake.home,
    selection,
    codes,
    market: shareMarket(full.data),
    columns: [...full.columns],
  };
  await using pool = createPool({ shared, ...(threads === undefined ? {} : { threads }) });
  return await pool.mapBlocks<Comparison>({
    module,
    kernel: "auditBlock",
    blocks: splitBlocks(total, 1),
    args: { cuts: places },
    onProgress: (done) => onProgress({ stage: "audit", done, total }),
  });
}

async function chooseCodes(lake: Lake, count: number, seed: number): Promise<readonly string[]> {
  const connection = await lake.connect({ threads: 1 });
  try {
    const reader = await connection.runAndReadAll(
      `SELECT DISTINCT "Code" FROM equities_master ORDER BY 1`,
    );
    const all = reader.getRows().map(([code]) => String(code));
    const shuffled = [...all];
    createRng(seed).split("codes").shuffle(shuffled);
    return shuffled.slice(0, count).toSorted();
  } finally {
    connection.closeSync();
  }
}

/**
 * Random sessions in the later two thirds, so that most windows have filled. Every second one is a session with statements:
 * those that come after the close are where availability goes wrong.
 */
async function chooseCuts(
  lake: Lake,
  { panel }: MarketData,
  cuts: number,
  seed: number,
): Promise<readonly number[]> {
  const sessions = panel.dates.length;
  const first = Math.floor(sessions / 3);
  const all = Array.from({ length: Math.max(0, sessions - 1 - first) }, (_, i) => first + i);
  if (all.length < cuts) {
    throw new ConfigError(`audit: ${sessions} sessions are too few to cut ${cuts} times`);
  }
  const days = await disclosureDays(lake);
  const busy = all.filter((session) => days.has(panel.dates[session]));
  const rng = createRng(seed).split("cuts");
  const chosen = new Set<number>();
  while (chosen.size < cuts) {
    const pool = chosen.size % 2 === 1 && busy.length >= cuts ? busy : all;
    chosen.add(pool[rng.integer(pool.length)]);
  }
  return [...chosen].toSorted((a, b) => a - b);
}

async function disclosureDays(lake: Lake): Promise<ReadonlySet<number>> {
  const days = new Set<number>();
  if (!lake.has("fins_summary")) return days;
  const connection = await lake.connect({ threads: 1 });
  try {
    const sql = `SELECT DISTINCT ${dayColumn('"DiscDate"')} FROM fins_summary WHERE hour(available_at) >= 15`;
    await streamRows(connection, sql, ([found], rowCount) => {
      for (let i = 0; i < rowCount; i += 1) days.add(found[i]);
    });
  } finally {
    connection.closeSync();
  }
  return days;
}
