// The settled months of a load: what of them was decoded before, and where the lake shows them and the others.

import type { DuckDBConnection } from "@duckdb/node-api";
import { z } from "zod";
import { civilOfDay, dayOfCivil, epochDay, isoMonth } from "../../calendar/index.ts";
import type { Panel } from "../../panel/panel.ts";
import { createKeyTables, readBase, type LakeBase, type Split } from "../load-base.ts";
import type { KeptContent } from "./kept-file.ts";
import type { LoadCache, Origin } from "./load-cache.ts";

/** Months that kept ones may lag behind those to keep; then they are decoded again. */
const longestLag = 2;

const calendarTable = "markets_calendar";
const baseName = "base";
const bars = "equities_bars_daily";
const baseTables = [bars, "equities_master"];

const splitSchema: z.ZodType<Split> = z.tuple([z.string(), z.number(), z.number()]);
const baseSchema: z.ZodType<LakeBase> = z.object({
  first: z.number(),
  last: z.number(),
  listed: z.array(z.string()),
  traded: z.array(z.string()),
  splits: z.array(splitSchema),
});

interface Settled {
  readonly boundary: string;
  readonly base: LakeBase;
  /** Hash of the lake before anything of it was read. */
  readonly lakeHash: string;
}

export class EarlyMonths {
  readonly cache: LoadCache;
  /** First month that is not early, YYYY-MM. */
  readonly boundary: string;
  readonly base: LakeBase;
  readonly #lakeHash: string;
  #connection: DuckDBConnection | undefined;
  readonly #codes = new Map<string, readonly string[]>();
  #keys: readonly [Panel, readonly Split[]] | undefined;

  constructor(cache: LoadCache, { boundary, base, lakeHash }: Settled) {
    this.cache = cache;
    this.boundary = boundary;
    this.base = base;
    this.#lakeHash = lakeHash;
  }

  /** First epoch day that is not early. */
  get day(): number {
    return epochDay(`${this.boundary}-01`);
  }

  /** Origin of a part of these months. */
  originOf(name: string, tables: readonly string[], text?: string): Origin {
    return originOf(name, this.boundary, tables, text);
  }

  /** Keeps a part of these months, if the lake is still the one that was opened. */
  async save(origin: Origin, content: Omit<KeptContent, "identity">): Promise<void> {
    await this.cache.save(origin, this.#lakeHash, content);
  }

  /** Says which codes, sessions and splits the tables of `connection` will hold. */
  prepare(panel: Panel, splits: readonly Split[]): void {
    this.#keys = [panel, splits];
  }

  /** The lake's early months, and its whole calendar, with the tables of codes, sessions and splits. */
  async connection(): Promise<DuckDBConnection> {
    if (this.#connection === undefined) {
      this.#connection = await connectEarly(this.cache, this.boundary);
      if (this.#keys !== undefined) await createKeyTables(this.#connection, ...this.#keys);
    }
    return this.#connection;
  }

  /** Every code in the rows of a table, settled months only. */
  async codesIn(table: string): Promise<readonly string[]> {
    if (table === bars) return this.base.traded;
    const known = this.#codes.get(table);
    if (known !== undefined) return known;
    const connection = await this.connection();
    const reader = await connection.runAndReadAll(
      `SELECT DISTINCT "Code" FROM ${table} ORDER BY 1`,
    );
    const codes = reader.getRows().map(([code]) => String(code));
    this.#codes.set(table, codes);
    return codes;
  }

  /** The lake's other months, and its whole calendar. */
  async connectLate(): Promise<DuckDBConnection> {
    return this.cache.lake.connect({
      shows: (table, month) => table === calendarTable || month >= this.boundary,
    });
  }

  close(): void {
    this.#connection?.closeSync();
  }
}

/**
 * The settled months of a load up to day `to`: those before the month before the last session's, so that what comes late or is
 * corrected within days finds them as they were. Undefined when there are none, or when months kept for a later day hold.
 */
export async function openEarlyMonths(
  cache: LoadCache,
  to: number = Infinity,
): Promise<EarlyMonths | undefined> {
  const lakeHash = cache.lake.hash();
  const months = Object.entries(cache.lake.manifest(bars).partitions)
    .filter(([month, { rows }]) => rows > 0 && epochDay(`${month}-01`) <= to)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (months.length === 0) return undefined;
  const target = monthAfter(months[months.length - 1][0], -1);
  const settled = months.filter(([month]) => month < target);
  const count = settled.reduce((sum, [, { rows }]) => sum + rows, 0);
  if (count < Math.max(1, cache.fewestBars)) return undefined;
  for (const boundary of cache.boundaries(baseName)) {
    if (boundary < monthAfter(target, -longestLag)) break;
    const base = await keptBase(cache, boundary);
    if (base === undefined) continue;
    return boundary > target ? undefined : new EarlyMonths(cache, { boundary, base, lakeHash });
  }
  const base = await decodeBase(cache, target, lakeHash);
  return new EarlyMonths(cache, { boundary: target, base, lakeHash });
}

async function keptBase(cache: LoadCache, boundary: string): Promise<LakeBase | undefined> {
  const file = await cache.open(originOf(baseName, boundary, baseTables));
  await file?.close();
  return file === undefined ? undefined : baseSchema.parse(file.meta);
}

async function decodeBase(cache: LoadCache, boundary: string, lakeHash: string): Promise<LakeBase> {
  const origin = originOf(baseName, boundary, baseTables);
  const connection = await connectEarly(cache, boundary);
  const base = await readBase(connection);
  connection.closeSync();
  await cache.save(origin, lakeHash, { meta: base, arrays: [] });
  await cache.clear(origin);
  return base;
}

async function connectEarly(cache: LoadCache, boundary: string): Promise<DuckDBConnection> {
  return cache.lake.connect({
    shows: (table, month) => table === calendarTable || month < boundary,
  });
}

function originOf(
  name: string,
  boundary: string,
  tables: readonly string[],
  text?: string,
): Origin {
  return {
    name,
    boundary,
    tables: tables.filter((table) => table !== calendarTable),
    whole: tables.filter((table) => table === calendarTable),
    ...(text === undefined ? {} : { text }),
  };
}

function monthAfter(month: string, months: number): string {
  const { year, month: number } = civilOfDay(epochDay(`${month}-01`));
  const count = year * 12 + number - 1 + months;
  return isoMonth(dayOfCivil(Math.floor(count / 12), (count % 12) + 1, 1));
}
