// Compares a run of the leak audit with the whole one: rows up to the cut must be there with the same bits.

import { isoDate } from "../calendar/index.ts";
import { ConfigError } from "../errors.ts";
import { planFeatures, type MarketData, type Registry } from "../features/index.ts";
import {
  computeRun,
  leftAlone,
  type AuditMode,
  type Auditor,
  type Columns,
  type Run,
} from "./audit-run.ts";

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

/** Position of the last session that is left alone, and how later ones are treated. */
export interface CutAt {
  readonly session: number;
  readonly mode: AuditMode;
}

/** Runs one cut and compares it with the whole run; the first leak names the table that shows it alone. */
export async function auditCut(
  auditor: Auditor,
  codes: readonly string[],
  full: Run,
  at: CutAt,
): Promise<Comparison> {
  const day = full.data.panel.dates[at.session];
  const other = await computeRun(auditor, codes, { mode: at.mode, day });
  const { compared, leaks } = compareRuns(auditor.registry, full, other, at);
  const [first, ...rest] = leaks;
  if (first === undefined) return { compared, leaks };
  const table = await guiltyTable(auditor, codes, full, first, at);
  return { compared, leaks: [{ ...first, table }, ...rest] };
}

/** Cells compared, and one leak for each column that changed. */
export interface Comparison {
  readonly compared: number;
  readonly leaks: readonly Leak[];
}

/** Rows up to the cut must be there in both runs with the same bits. */
function compareRuns(
  registry: Registry,
  full: Run,
  other: Run,
  { session, mode }: CutAt,
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
  { session, mode }: CutAt,
): Promise<string | undefined> {
  const plan = planFeatures(auditor.registry, [leak.feature]);
  const day = full.data.panel.dates[session];
  for (const table of auditor.lake.tables()) {
    if (leftAlone.has(table)) continue;
    const other = await computeRun({ ...auditor, plan }, codes, { mode, day, only: table });
    const columns: Columns = new Map([...full.columns].filter(([name]) => name === leak.feature));
    const alone = { data: full.data, columns };
    const { leaks } = compareRuns(auditor.registry, alone, other, { session, mode });
    if (leaks.length > 0) return table;
  }
  return undefined;
}

function sessionOf({ rows }: MarketData, row: number): number {
  let session = 0;
  while (rows.dayStart[session + 1] <= row) session += 1;
  return session;
}
