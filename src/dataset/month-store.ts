// A folder of Parquet files by month that grows column by column: one part of a dataset (features, labels or market).

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { isoMonth } from "../calendar/index.ts";
import {
  expandToRows,
  type Grouping,
  groupOfRows,
  type Layout,
  type MarketData,
  type Rows,
} from "../features/index.ts";
import { inTurns, type WorkerPool } from "../workers/index.ts";
import type { EncodedChunk } from "./parquet/chunk.ts";
import { encodeGroups, encodeMarket, type SessionRows } from "./parquet/encode-sessions.ts";
import { encodeFloats } from "./parquet/encode.ts";
import type { ColumnStats } from "./parquet/format.ts";
import {
  appendTo,
  dateColumn,
  isNew,
  MonthFile,
  textColumn,
  type AppendColumn,
  type Appended,
  type FilePosition,
} from "./parquet/month-file.ts";
import type { Scratch } from "./parquet/scratch.ts";

/** A column to write, in whatever layout it was computed. */
export interface StoreColumn {
  readonly name: string;
  readonly layout: Layout;
  readonly values: Float32Array | Float64Array | Uint8Array;
}

const writeModule = new URL(
  import.meta.url.endsWith(".ts") ? "./write-months.kernel.ts" : "./write-months.kernel.js",
  import.meta.url,
);

/** A month of the output: its rows and sessions among all that were computed. */
export interface MonthSpan {
  /** "2024-05". */
  readonly month: string;
  readonly firstSession: number;
  readonly endSession: number;
  readonly firstRow: number;
  readonly endRow: number;
}

/** The months of the sessions from `from` to `to` (epoch days, both included) that have sessions in `dates`. */
export function monthSpans(
  dates: Int32Array,
  rows: Pick<Rows, "dayStart">,
  from: number,
  to: number,
): readonly MonthSpan[] {
  const spans: MonthSpan[] = [];
  let first = 0;
  while (first < dates.length) {
    const month = isoMonth(dates[first]);
    let end = first + 1;
    while (end < dates.length && isoMonth(dates[end]) === month) end += 1;
    const [start, stop] = [within(dates, first, end, from), within(dates, first, end, to + 1)];
    if (start < stop) {
      spans.push({
        month,
        firstSession: start,
        endSession: stop,
        firstRow: rows.dayStart[start],
        endRow: rows.dayStart[stop],
      });
    }
    first = end;
  }
  return spans;
}

/** File name of a month. */
export function monthFileName(month: string): string {
  return `month=${month}.parquet`;
}

/** First position in [first, end) whose date is at least `day`. */
function within(dates: Int32Array, first: number, end: number, day: number): number {
  let position = first;
  while (position < end && dates[position] < day) position += 1;
  return position;
}

export interface MonthSummary {
  readonly month: string;
  readonly rows: number;
  readonly bytes: number;
  readonly crc32: number;
}

export class MonthStore {
  readonly spans: readonly MonthSpan[];
  readonly #data: MarketData;
  readonly #files: readonly MonthFile[];
  readonly #names: string[] = [];

  /** Opens a file for each month; its keys come with the first columns. */
  constructor(folder: string, spans: readonly MonthSpan[], data: MarketData) {
    mkdirSync(folder, { recursive: true });
    this.spans = spans;
    this.#data = data;
    this.#files = spans.map(
      ({ month, firstRow, endRow }) =>
        new MonthFile(join(folder, monthFileName(month)), endRow - firstRow),
    );
  }

  /** Adds columns on this thread. */
  add(columns: readonly StoreColumn[]): void {
    this.#names.push(...columns.map(({ name }) => name));
    this.spans.forEach((span, index) => {
      const file = this.#files[index];
      file.absorb(appendColumns(this.#data, span, file.position, columns));
    });
  }

  /** Adds columns on the threads of a pool that shares the market, months in parallel; same bytes as `add`. */
  async addParallel(columns: readonly StoreColumn[], pool: WorkerPool): Promise<void> {
    this.#names.push(...columns.map(({ name }) => name));
    const positions = this.#files.map(({ position }) => position);
    const written = await inTurns<readonly [number, Appended]>(pool, {
      module: writeModule,
      kernel: "writeMonths",
      args: { columns, spans: this.spans, positions },
    });
    for (const [index, appended] of written) this.#files[index].absorb(appended);
  }

  /** On the threads of the pool when there is one, else on this thread. */
  async addAll(columns: readonly StoreColumn[], pool: WorkerPool | undefined): Promise<void> {
    if (pool === undefined) this.add(columns);
    else await this.addParallel(columns, pool);
  }

  /** What each column holds over all months. */
  stats(): ReadonlyMap<string, ColumnStats> {
    return mergeStats(this.#files.map(({ stats }) => stats));
  }

  /** Closes all files with their columns in the order of `names` (default: as they came). */
  close(
    names: readonly string[] = this.#names,
    notes: ReadonlyMap<string, string> = new Map(),
  ): readonly MonthSummary[] {
    return this.#files.map((file, index) => {
      file.close(["date", "code", ...names], notes);
      const { month } = this.spans[index];
      return { month, rows: file.rows, bytes: file.bytes, crc32: file.crc32 };
    });
  }

  abandon(): void {
    for (const file of this.#files) file.abandon();
  }
}

/** Encodes columns for the rows of a month and appends them to its file; a new file begins with the keys. */
export function appendColumns(
  data: MarketData,
  span: MonthSpan,
  position: FilePosition,
  columns: readonly StoreColumn[],
): Appended {
  const encoder = new SpanEncoder(data, span);
  const keys = isNew(position) ? keyColumns(data, span) : [];
  const values = columns.map((column) => ({
    name: column.name,
    isOptional: true,
    encode: (scratch: Scratch) => encoder.encode(column, scratch),
  }));
  return appendTo(position, [...keys, ...values]);
}

function keyColumns({ rows, panel }: MarketData, span: MonthSpan): readonly AppendColumn[] {
  const { positions, texts } = codesOf(span, rows, panel.codes);
  return [
    dateColumn("date", datesOf(span, rows, panel.dates)),
    textColumn("code", positions, texts),
  ];
}

/** Encodes columns of every layout for one month; what the columns share is worked out once. */
class SpanEncoder {
  readonly #data: MarketData;
  readonly #span: MonthSpan;
  readonly #sessions: SessionRows;
  readonly #groups: Map<string, Uint8Array> = new Map();

  constructor(data: MarketData, span: MonthSpan) {
    this.#data = data;
    this.#span = span;
    const { dayStart } = data.rows;
    const { firstSession, endSession } = span;
    this.#sessions = {
      firstSession,
      counts: Int32Array.from(
        { length: endSession - firstSession },
        (_, k) => dayStart[firstSession + k + 1] - dayStart[firstSession + k],
      ),
      rows: span.endRow - span.firstRow,
    };
  }

  encode({ layout, values }: StoreColumn, scratch: Scratch): EncodedChunk {
    const isSeries = layout !== "stock" && layout !== "panel" && values instanceof Float64Array;
    if (!isSeries) {
      return encodeFloats(expandToRows(this.#data, layout, values, this.#span), scratch);
    }
    if (layout === "market") return encodeMarket(values, this.#sessions, scratch);
    const stride = this.#data.panel.dates.length;
    return encodeGroups(values, stride, this.#sessions, this.#groupsOf(layout), scratch);
  }

  #groupsOf(grouping: Grouping): Uint8Array {
    const known = this.#groups.get(grouping);
    if (known !== undefined) return known;
    const groups = groupOfRows(this.#data, grouping, this.#span);
    this.#groups.set(grouping, groups);
    return groups;
  }
}

/** Statistics of columns over several files. */
export function mergeStats(
  files: readonly ReadonlyMap<string, ColumnStats>[],
): ReadonlyMap<string, ColumnStats> {
  const merged = new Map<string, ColumnStats>();
  for (const [name, stats] of files.flatMap((file) => [...file])) {
    const before = merged.get(name);
    merged.set(name, before === undefined ? stats : joinStats(before, stats));
  }
  return merged;
}

function joinStats(a: ColumnStats, b: ColumnStats): ColumnStats {
  const known = [a, b].filter(({ least }) => least === least);
  return {
    nulls: a.nulls + b.nulls,
    least: known.length === 0 ? Number.NaN : Math.min(...known.map(({ least }) => least)),
    greatest: known.length === 0 ? Number.NaN : Math.max(...known.map(({ greatest }) => greatest)),
  };
}

function datesOf(span: MonthSpan, rows: Rows, dates: Int32Array): Int32Array {
  const days = new Int32Array(span.endRow - span.firstRow);
  for (let d = span.firstSession; d < span.endSession; d += 1) {
    days.fill(dates[d], rows.dayStart[d] - span.firstRow, rows.dayStart[d + 1] - span.firstRow);
  }
  return days;
}

/** Codes of the month's rows as positions among the month's own codes, so that the bytes depend on the month alone. */
function codesOf(
  span: MonthSpan,
  rows: Rows,
  codes: readonly string[],
): { positions: Int32Array; texts: readonly string[] } {
  const used = rows.codeOfRow.slice(span.firstRow, span.endRow);
  const present = new Uint8Array(codes.length);
  for (const code of used) present[code] = 1;
  const place = new Int32Array(codes.length).fill(-1);
  const texts: string[] = [];
  codes.forEach((text, code) => {
    if (present[code] === 0) return;
    place[code] = texts.length;
    texts.push(text);
  });
  return { positions: used.map((code) => place[code]), texts };
}
