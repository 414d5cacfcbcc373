// The leak audit: compute on a lake cut off at a session, and on one whose later rows are spoiled; earlier rows must not change a bit.

import type { DuckDBConnection } from "@duckdb/node-api";
import { closeInstantMs, isoDate, type Calendar } from "../calendar/index.ts";
import { ConfigError } from "../errors.ts";
import {
  dayColumn,
  defaultRegistry,
  domainOf,
  executePlan,
  expandToRows,
  loadMarketData,
  planFeatures,
  selectFeatures,
  streamRows,
  type FeaturePlan,
  type MarketData,
  type Registry,
} from "../features/index.ts";
import { quoteName, type Lake, type TableSchema } from "../lake/index.ts";
import { noProgress, type OnProgress } from "../progress.ts";
import { createRng } from "../rng.ts";

export type AuditMode = "truncate" | "perturb";

export interface AuditOptions {
  readonly selection: string;
  readonly registry?: Registry;
  /** Random sessions to cut at; default 3. */
  readonly cuts?: number;
  /** How many codes to audit, drawn by the seed; default 150. */
  readonly codes?: number;
  readonly seed?: number;
  readonly modes?: readonly AuditMode[];
  readonly onProgress?: OnProgress;
}

/** A cell that a later record reached. */
export interface Leak {
  readonly feature: string;
  readonly family: string;
  readonly mode: AuditMode;
  /** The last session whose records were left alone, `YYYY-MM-DD`. */
  readonly cut: string;
  readonly code: string;
  readonly date: string;
  readonly expected: number;
  readonly found: number;
  /** Cells of the feature that changed in this run. */
  readonly cells: number;
  /** For the first leak of a run: the table that, spoiled alone, shows it; undefined when only several together do. */
  readonly table?: string | undefined;
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

type Columns = ReadonlyMap<string, Float32Array>;

interface Run {
  readonly data: MarketData;
  readonly columns: Columns;
}

/** Audits every column of a selection. Throws ConfigError when the lake has too few sessions to cut. */
export async function auditFeatures(
  lake: Lake,
  {
    selection,
    registry = defaultRegistry(),
    cuts = 3,
    codes = 150,
    seed = 1,
    modes = ["truncate", "perturb"],
    onProgress = noProgress,
  }: AuditOptions,
): Promise<AuditReport> {
  const plan = planFeatures(registry, selectFeatures(registry, selection));
  const calendar = await lake.calendar();
  const auditor = { lake, registry, plan, calendar };
  const chosen = await chooseCodes(lake, codes, seed);
  const full = await computeRun(auditor, chosen, async () => undefined);
  const sessions = await chooseCuts(lake, full.data, cuts, seed);
  const leaks: Leak[] = [];
  let cellsCompared = 0;
  for (const [index, session] of sessions.entries()) {
    for (const mode of modes) {
      const other = await computeRun(auditor, chosen, (connection) =>
        spoil(connection, auditor, mode, full.data.panel.dates[session]),
      );
      const found = compareRuns(registry, full, other, { session, mode });
      cellsCompared += found.compared;
      const [first, ...rest] = found.leaks;
      if (first !== undefined) {
        const table = await guiltyTable(auditor, chosen, full, first, session);
        leaks.push({ ...first, table }, ...rest);
      }
      onProgress({
        stage: "audit",
        done: index * modes.length + modes.indexOf(mode) + 1,
        total: sessions.length * modes.length,
      });
    }
  }
  return {
    features: plan.selected.length,
    cuts: sessions.map((session) => isoDate(full.data.panel.dates[session])),
    modes,
    codes: full.data.panel.codes.length,
    cellsCompared,
    unseen: [...full.columns].filter(([, values]) => isEmpty(values)).map(([name]) => name),
    leaks,
  };
}

function isEmpty(values: Float32Array): boolean {
  return values.every((value) => value !== value);
}

interface Auditor {
  readonly lake: Lake;
  readonly registry: Registry;
  readonly plan: FeaturePlan;
  readonly calendar: Calendar;
}

async function computeRun(
  { lake, registry, plan, calendar }: Auditor,
  codes: readonly string[],
  prepare: (connection: DuckDBConnection) => Promise<void>,
): Promise<Run> {
  const connection = await lake.connect();
  try {
    await prepare(connection);
    const data = await loadMarketData({ connection, calendar }, registry, plan, { among: codes });
    const columns = new Map<string, Float32Array>();
    await executePlan(registry, plan, data, (feature, values) => {
      columns.set(feature.name, expandToRows(data, domainOf(feature), values).slice());
    });
    return { data, columns };
  } finally {
    connection.closeSync();
  }
}

/** Tables whose rows are known at the close of their own date: there, later means a later date. */
const knownAtClose: ReadonlySet<string> = new Set([
  "equities_bars_daily",
  "equities_master",
  "indices_bars_daily",
  "indices_bars_daily_topix",
]);

/** Public in advance, and the same in every run. */
const leftAlone: ReadonlySet<string> = new Set(["markets_calendar"]);

async function spoil(
  connection: DuckDBConnection,
  { lake, calendar }: Pick<Auditor, "lake" | "calendar">,
  mode: AuditMode,
  day: number,
  only?: string,
): Promise<void> {
  const close = Temporal.Instant.fromEpochMilliseconds(closeInstantMs(calendar, day)).toString();
  for (const table of lake.tables()) {
    if (leftAlone.has(table) || (only !== undefined && only !== table)) continue;
    const schema = lake.schema(table);
    const later = knownAtClose.has(table)
      ? `${quoteName(schema.day)} > DATE '${isoDate(day)}'`
      : `available_at >= TIMESTAMPTZ '${close}'`;
    const whole = quoteName(`${table}__whole`);
    await connection.run(`ALTER VIEW ${quoteName(table)} RENAME TO ${whole}`);
    const select =
      mode === "truncate"
        ? `SELECT * FROM ${whole} WHERE NOT (${later})`
        : `SELECT * REPLACE (${spoiledColumns(schema, later)}) FROM ${whole} WHERE NOT (${later}) OR hash(${quoteName(schema.key[0])}, ${quoteName(schema.day)}) % 7 <> 0`;
    await connection.run(`CREATE VIEW ${quoteName(table)} AS ${select}`);
  }
}

/** Later numbers are multiplied by something between ½ and 1½ that depends on the row and the column. */
function spoiledColumns(schema: TableSchema, later: string): string {
  const numbers = schema.columns.filter(({ type }) => type === "DOUBLE" || type === "BIGINT");
  const list = numbers.map(({ name, type }, index) => {
    const column = quoteName(name);
    const factor = `(0.5 + (hash(${column}, ${quoteName(schema.day)}, ${index}) % 1000) / 1000.0)`;
    return `CASE WHEN ${later} THEN CAST(${column} * ${factor} AS ${type}) ELSE ${column} END AS ${column}`;
  });
  return list.length > 0 ? list.join(", ") : `available_at AS available_at`;
}

interface Comparison {
  readonly compared: number;
  readonly leaks: readonly Leak[];
}

/** Rows up to the cut must be there in both runs with the same bits. */
function compareRuns(
  registry: Registry,
  full: Run,
  other: Run,
  { session, mode }: { readonly session: number; readonly mode: AuditMode },
): Comparison {
  const cut = isoDate(full.data.panel.dates[session]);
  const pairs = matchRows(full.data, other.data, session);
  const leaks: Leak[] = [];
  for (const [name, expected] of full.columns) {
    const found = other.columns.get(name);
    if (found === undefined)
      throw new ConfigError(`audit: ${name} was not computed on the cut lake`);
    const first = firstDifference(expected, found, pairs);
    if (first.cells === 0) continue;
    const row = pairs.full[first.pair];
    leaks.push({
      feature: name,
      family: registry.get(name).family,
      mode,
      cut,
      code: full.data.panel.codes[full.data.rows.codeOfRow[row]],
      date: isoDate(full.data.panel.dates[sessionOf(full.data, row)]),
      expected: expected[row],
      found: pairs.other[first.pair] < 0 ? Number.NaN : found[pairs.other[first.pair]],
      cells: first.cells,
    });
  }
  return { compared: pairs.full.length * full.columns.size, leaks };
}

interface RowPairs {
  readonly full: Int32Array;
  /** -1 where the other run lacks the row. */
  readonly other: Int32Array;
}

function matchRows(full: MarketData, other: MarketData, session: number): RowPairs {
  const count = full.rows.dayStart[session + 1];
  const places = full.panel.codes.map((code) => other.panel.codeIndex(code));
  const matched = new Int32Array(count);
  for (let day = 0; day <= session; day += 1) {
    for (let row = full.rows.dayStart[day]; row < full.rows.dayStart[day + 1]; row += 1) {
      const place = places[full.rows.codeOfRow[row]];
      matched[row] = place < 0 ? -1 : other.rows.rowOfCell[place * other.panel.dates.length + day];
    }
  }
  return { full: Int32Array.from({ length: count }, (_, row) => row), other: matched };
}

function firstDifference(
  expected: Float32Array,
  found: Float32Array,
  pairs: RowPairs,
): { readonly pair: number; readonly cells: number } {
  let pair = -1;
  let cells = 0;
  for (let i = 0; i < pairs.full.length; i += 1) {
    const other = pairs.other[i];
    if (other >= 0 && Object.is(expected[pairs.full[i]], found[other])) continue;
    if (pair < 0) pair = i;
    cells += 1;
  }
  return { pair, cells };
}

/** Spoils one table at a time until the leak shows again. */
async function guiltyTable(
  auditor: Auditor,
  codes: readonly string[],
  full: Run,
  leak: Leak,
  session: number,
): Promise<string | undefined> {
  const plan = planFeatures(auditor.registry, [leak.feature]);
  const day = full.data.panel.dates[session];
  for (const table of auditor.lake.tables()) {
    if (leftAlone.has(table)) continue;
    const other = await computeRun({ ...auditor, plan }, codes, (connection) =>
      spoil(connection, auditor, leak.mode, day, table),
    );
    const alone = {
      data: full.data,
      columns: new Map([...full.columns].filter(([name]) => name === leak.feature)),
    };
    const { leaks } = compareRuns(auditor.registry, alone, other, { session, mode: leak.mode });
    if (leaks.length > 0) return table;
  }
  return undefined;
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

function sessionOf({ rows }: MarketData, row: number): number {
  let session = 0;
  while (rows.dayStart[session + 1] <= row) session += 1;
  return session;
}
