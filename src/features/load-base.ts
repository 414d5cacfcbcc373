// What a load asks the lake before anything else: its days with bars, the codes listed and traded, and the splits.

import type { DuckDBConnection } from "@duckdb/node-api";
import type { Panel } from "../panel/panel.ts";
import { dayColumn } from "./stream-rows.ts";
import { universeSql } from "./universe.ts";

/** Code, epoch day and adjustment factor of a split. */
export type Split = readonly [string, number, number];

export interface LakeBase {
  /** First and last epoch day with daily bars; Infinity and -Infinity when there is none. */
  readonly first: number;
  readonly last: number;
  /** Codes that some snapshot of the list of issues has in the universe, sorted. */
  readonly listed: readonly string[];
  /** Codes with daily bars, sorted. */
  readonly traded: readonly string[];
  /** By code, then day. */
  readonly splits: readonly Split[];
}

/** `among`: the only codes whose splits are needed; default all. */
export async function readBase(
  connection: DuckDBConnection,
  among?: readonly string[],
): Promise<LakeBase> {
  const spans = await rowsOf(
    connection,
    `SELECT "Code", ${dayColumn('min("Date")')}, ${dayColumn('max("Date")')} FROM equities_bars_daily GROUP BY "Code"`,
  );
  const listed = await rowsOf(
    connection,
    `SELECT DISTINCT "Code" FROM equities_master WHERE ${universeSql}`,
  );
  const wanted = among === undefined ? "" : `AND list_contains(${textList(among)}, "Code")`;
  const splits = await rowsOf(
    connection,
    `SELECT "Code", ${dayColumn('"Date"')}, CAST("AdjFactor" AS DOUBLE) FROM equities_bars_daily WHERE "AdjFactor" <> 1 ${wanted}`,
  );
  return {
    first: spans.reduce((first, [, day]) => Math.min(first, Number(day)), Infinity),
    last: spans.reduce((last, [, , day]) => Math.max(last, Number(day)), -Infinity),
    listed: sorted(listed.map(([code]) => String(code))),
    traded: sorted(spans.map(([code]) => String(code))),
    splits: inOrder(
      splits.map(([code, day, factor]) => [String(code), Number(day), Number(factor)]),
    ),
  };
}

/** The base of a lake from those of its months before a day and from that day on. */
export function joinBases(early: LakeBase, late: LakeBase): LakeBase {
  return {
    first: Math.min(early.first, late.first),
    last: Math.max(early.last, late.last),
    listed: sorted([...early.listed, ...late.listed]),
    traded: sorted([...early.traded, ...late.traded]),
    splits: inOrder([...early.splits, ...late.splits]),
  };
}

/** Codes of the universe that have bars, sorted. */
export function universeOf({ listed, traded }: LakeBase): readonly string[] {
  const known = new Set(traded);
  return listed.filter((code) => known.has(code));
}

/**
 * Temporary tables that turn codes and sessions into positions (`feature_codes`, `feature_sessions`) and days into the price basis
 * (`feature_splits`: the product of the adjustment factors up to each split, oldest first, whatever splits come later).
 */
export async function createKeyTables(
  connection: DuckDBConnection,
  panel: Panel,
  splits: readonly Split[],
): Promise<void> {
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE feature_codes AS SELECT unnest(${textList(panel.codes)}) AS code, CAST(unnest(range(${panel.codes.length})) AS INTEGER) AS position`,
  );
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE feature_sessions AS SELECT ${daysOf(panel.dates)} AS day, CAST(unnest(range(${panel.dates.length})) AS INTEGER) AS position`,
  );
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE feature_splits AS SELECT unnest(${textList(splits.map(([code]) => code))}) AS "Code", ${daysOf(splits.map(([, day]) => day))} AS split_day, unnest(CAST(${textList(basesOf(splits).map(String))} AS DOUBLE[])) AS basis`,
  );
}

function basesOf(splits: readonly Split[]): readonly number[] {
  const bases: number[] = [];
  splits.forEach(([code, , factor], i) => {
    bases.push(i > 0 && splits[i - 1][0] === code ? bases[i - 1] * factor : factor);
  });
  return bases;
}

function textList(texts: readonly string[]): string {
  return `CAST([${texts.map((text) => `'${text.replaceAll("'", "''")}'`).join(",")}] AS VARCHAR[])`;
}

function daysOf(days: ArrayLike<number>): string {
  const list = Array.from(days).join(",");
  return `CAST(DATE '1970-01-01' + unnest(CAST([${list}] AS INTEGER[])) AS DATE)`;
}

async function rowsOf(connection: DuckDBConnection, sql: string): Promise<readonly unknown[][]> {
  return (await connection.runAndReadAll(sql)).getRows();
}

function sorted(texts: readonly string[]): string[] {
  return [...new Set(texts)].toSorted((a, b) => (a < b ? -1 : 1));
}

function inOrder(splits: readonly Split[]): Split[] {
  return splits.toSorted(([codeA, dayA], [codeB, dayB]) =>
    codeA === codeB ? dayA - dayB : codeA < codeB ? -1 : 1,
  );
}
