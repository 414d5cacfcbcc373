// The coverage of the lake by endpoint and month, and whether its files are what the manifests say.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { epochDay, isoDate, jpxCalendar, type Calendar } from "../calendar/index.ts";
import { hashFile } from "../hash.ts";
import type { Lake } from "./lake.ts";
import type { TableManifest } from "./manifest.ts";
import { quoteName, quoteText, type TableSchema } from "./table-schema.ts";

export interface MonthStatus {
  readonly month: string;
  readonly complete: number;
  readonly empty: number;
  readonly open: number;
}

export interface TableStatus {
  readonly table: string;
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  /** First and last covered day, YYYY-MM-DD. */
  readonly first: string | undefined;
  readonly last: string | undefined;
  readonly months: readonly MonthStatus[];
}

export interface Problem {
  readonly table: string;
  /** Month or day that it concerns. */
  readonly where: string;
  readonly problem: string;
}

export interface Verification {
  readonly partitions: number;
  readonly rows: number;
  readonly problems: readonly Problem[];
  /** Sessions between the first and the last covered day that are not covered. */
  readonly gaps: readonly Problem[];
}

/** Coverage by table and month, from the manifests alone. */
export function lakeStatus(lake: Lake): TableStatus[] {
  return lake.stored().map((table) => {
    const manifest = lake.manifest(table);
    const partitions = Object.values(manifest.partitions);
    const days = Object.keys(manifest.days).toSorted();
    return {
      table,
      path: lake.schema(table).path,
      rows: partitions.reduce((sum, { rows }) => sum + rows, 0),
      bytes: partitions.reduce((sum, { bytes }) => sum + bytes, 0),
      first: days[0],
      last: days.at(-1),
      months: monthStatuses(manifest),
    };
  });
}

/** Checks every partition: present, its hash and rows as written, keys unique, days in their month; and lists gaps. */
export async function verifyLake(lake: Lake): Promise<Verification> {
  const problems: Problem[] = [];
  let partitions = 0;
  let rows = 0;
  // Its own connection: the lake's views would fail on the first broken file.
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    for (const table of lake.stored()) {
      const manifest = lake.manifest(table);
      for (const [month, partition] of Object.entries(manifest.partitions)) {
        partitions += 1;
        rows += partition.rows;
        const path = join(lake.folder, table, `${month}.parquet`);
        const found = await partitionProblems(
          connection,
          lake.schema(table),
          manifest,
          month,
          path,
        );
        for (const problem of found) problems.push({ table, where: month, problem });
      }
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  const isCalendarWhole = !problems.some(({ table }) => table === "markets_calendar");
  const calendar = isCalendarWhole ? await lake.calendar() : jpxCalendar();
  const gaps = lake.stored().flatMap((table) => tableGaps(table, lake.manifest(table), calendar));
  return { partitions, rows, problems, gaps };
}

async function partitionProblems(
  connection: DuckDBConnection,
  schema: TableSchema,
  manifest: TableManifest,
  month: string,
  path: string,
): Promise<string[]> {
  const { sha256, rows } = manifest.partitions[month];
  if (!existsSync(path)) return ["its file is missing; ingest the month again after lake purge"];
  const found = await hashFile(path);
  const { pending } = manifest;
  const isPending = pending?.partitions[month]?.sha256 === found;
  if (found !== sha256 && !isPending) {
    return [`its file has another content than was written (sha256 ${found.slice(0, 12)})`];
  }
  const keys = schema.key.map(quoteName).join(", ");
  const day = quoteName(schema.day);
  const reader = await connection.runAndReadAll(
    `SELECT count(*), count(DISTINCT (${keys})), count(*) FILTER (strftime(${day}, '%Y-%m') <> ${quoteText(month)}), count(*) FILTER (available_at IS NULL) FROM read_parquet(${quoteText(path)})`,
  );
  const [all, distinct, elsewhere, unknown] = reader.getRows()[0].map(Number);
  const problems: string[] = [];
  if (all !== rows && !isPending) problems.push(`holds ${all} rows, the manifest says ${rows}`);
  if (distinct !== all) problems.push(`${all - distinct} rows repeat a key`);
  if (elsewhere > 0) problems.push(`${elsewhere} rows belong to another month`);
  if (unknown > 0) problems.push(`${unknown} rows have no available_at`);
  return problems;
}

function tableGaps(table: string, manifest: TableManifest, calendar: Calendar): Problem[] {
  const days = Object.keys(manifest.days).toSorted();
  if (days.length === 0 || table === "markets_margin_interest") return [];
  const gaps: Problem[] = [];
  for (let day = epochDay(days[0]); day < epochDay(days.at(-1) ?? days[0]); day += 1) {
    if (!calendar.covers(day) || !calendar.isSession(day)) continue;
    if (!(isoDate(day) in manifest.days)) {
      gaps.push({ table, where: isoDate(day), problem: "not fetched" });
    }
  }
  return gaps;
}

function monthStatuses({ days }: TableManifest): MonthStatus[] {
  const months = new Map<string, { complete: number; empty: number; open: number }>();
  for (const [day, { state }] of Object.entries(days)) {
    const month = day.slice(0, 7);
    const counts = months.get(month) ?? { complete: 0, empty: 0, open: 0 };
    counts[state] += 1;
    months.set(month, counts);
  }
  return [...months]
    .map(([month, counts]) => ({ month, ...counts }))
    .toSorted((left, right) => (left.month < right.month ? -1 : 1));
}
