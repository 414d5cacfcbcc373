// Deletes what may no longer be kept: everything before a day, everything beyond a plan, or all of it.

import { epochDay, isoDate } from "../calendar/index.ts";
import { allows, endpointOf, planWindow, type Plan } from "../jquants/index.ts";
import type { Lake } from "./lake.ts";
import { quoteName, type TableSchema } from "./table-schema.ts";
import { userSeriesPath } from "./user-series.ts";
import type { LakeWriter } from "./writer.ts";

export interface PurgeRequest {
  /** Deletes rows of earlier days, YYYY-MM-DD. */
  readonly before?: string | undefined;
  /** Deletes what this plan does not include on `today` (epoch day): endpoints, days, columns. */
  readonly plan?: { readonly name: Plan; readonly today: number } | undefined;
  readonly all?: boolean | undefined;
}

export interface Purged {
  readonly table: string;
  readonly rows: number;
}

/** Deletes rows, their coverage and their files. Returns the rows deleted by table. Data of declared imports stay with --plan. */
export async function purgeLake(lake: Lake, request: PurgeRequest): Promise<Purged[]> {
  const writer = await lake.writer("purge");
  try {
    const purged: Purged[] = [];
    for (const table of lake.stored()) {
      const schema = lake.schema(table);
      const before = rowsOf(lake, table);
      await purgeTable(lake, writer, schema, request);
      purged.push({ table, rows: before - rowsOf(lake, table) });
    }
    return purged.filter(({ rows }) => rows > 0);
  } finally {
    await writer.close();
  }
}

interface Cut {
  /** Days outside [from, to] go. */
  readonly from: number;
  readonly to: number;
  /** Columns whose values go. */
  readonly blank: readonly string[];
}

async function purgeTable(
  lake: Lake,
  writer: LakeWriter,
  schema: TableSchema,
  request: PurgeRequest,
): Promise<void> {
  const cut = cutOf(schema, request);
  const { days, partitions } = lake.manifest(schema.table);
  const months = new Set([
    ...Object.keys(partitions),
    ...Object.keys(days).map((day) => day.slice(0, 7)),
  ]);
  for (const month of [...months].toSorted()) {
    const gone = Object.entries(days)
      .filter(([day]) => day.startsWith(month))
      .filter(([day, { source }]) => isOutside(epochDay(day), cut) && isOurs(source, request))
      .map(([day]) => day);
    const hasBlank = cut.blank.length > 0 && month in partitions;
    if (gone.length === 0 && !hasBlank && !isMonthCut(month, cut)) continue;
    const day = quoteName(schema.day);
    const ours = request.plan === undefined ? "true" : `"ingested_from" NOT LIKE 'import%'`;
    const where = `(${day} < DATE '${isoDate(cut.from)}' OR ${day} > DATE '${isoDate(cut.to)}') AND ${ours}`;
    await writer.remove(schema, month, { where, days: gone, blank: cut.blank });
  }
}

const firstDay = epochDay("0001-01-01");
const lastDay = epochDay("9999-12-31");

function cutOf(schema: TableSchema, { all, before, plan }: PurgeRequest): Cut {
  if (all === true) return { from: lastDay, to: firstDay, blank: [] };
  const from = before === undefined ? firstDay : epochDay(before);
  if (plan === undefined) return { from, to: lastDay, blank: [] };
  if (schema.path === userSeriesPath) return { from, to: lastDay, blank: [] };
  const endpoint = endpointOf(schema.path);
  if (!allows(plan.name, endpoint)) return { from: lastDay, to: firstDay, blank: [] };
  const window = planWindow(plan.name, plan.today, endpoint.addon);
  const blank = [...endpoint.fields.values()]
    .filter((field) => !allows(plan.name, field))
    .map(({ name }) => name)
    .filter((name) => schema.columns.some((column) => column.name === name));
  const to = endpoint.publication?.kind === "year-ahead" ? lastDay : (window.toDay ?? lastDay);
  return { from: Math.max(from, window.fromDay), to, blank };
}

function isOutside(day: number, { from, to }: Cut): boolean {
  return day < from || day > to;
}

function isMonthCut(month: string, cut: Cut): boolean {
  return isOutside(epochDay(`${month}-01`), cut) || isOutside(epochDay(`${month}-28`) + 3, cut);
}

function isOurs(source: string, { plan }: PurgeRequest): boolean {
  return plan === undefined || !source.startsWith("import");
}

function rowsOf(lake: Lake, table: string): number {
  return Object.values(lake.manifest(table).partitions).reduce((sum, { rows }) => sum + rows, 0);
}
