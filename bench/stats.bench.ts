// Every kernel over a panel of 4,000 codes × 2,450 sessions with one and with two workers, beside DuckDB's window
// functions on the same columns with one thread, in one run.

import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { gatherDays, Panel, sharedColumn, writePanelTable } from "../src/panel/index.ts";
import { createRng } from "../src/rng.ts";
import { createPool, splitBlocks, type WorkerPool } from "../src/workers/index.ts";
import type { BenchOptions, BenchTable } from "./run.ts";
import type { Lines } from "./stats.kernel.ts";

interface Case {
  readonly kernel: string;
  readonly window: number;
  /** DuckDB's expression; `OVER w` is the rolling window, `OVER c` a code's rows, `OVER d` a day's. */
  readonly sql?: string;
  readonly byDate?: boolean;
}

const rolling = (kernel: string, sql: string, windows: readonly number[]): readonly Case[] =>
  windows.map((window) => ({ kernel, window, sql }));

const cases: readonly Case[] = [
  { kernel: "shift", window: 5, sql: "lag(x, 5) OVER c" },
  { kernel: "pctChange", window: 5, sql: "x / lag(x, 5) OVER c - 1" },
  { kernel: "cumSum", window: 0, sql: "sum(x) OVER (c ROWS UNBOUNDED PRECEDING)" },
  ...rolling("rollingSum", "sum(x) OVER w", [20]),
  ...rolling("rollingMean", "avg(x) OVER w", [5, 20, 60, 250]),
  ...rolling("rollingVar", "var_samp(x) OVER w", [20]),
  ...rolling("rollingStd", "stddev_samp(x) OVER w", [5, 20, 60, 250]),
  ...rolling("rollingZscore", "(x - avg(x) OVER w) / stddev_samp(x) OVER w", [5, 20, 60, 250]),
  ...rolling("rollingMin", "min(x) OVER w", [20, 250]),
  ...rolling("rollingMax", "max(x) OVER w", [20]),
  ...rolling("rollingMedian", "median(x) OVER w", [20]),
  ...rolling("rollingQuantile", "quantile_cont(x, 0.9) OVER w", [20]),
  { kernel: "rollingRank", window: 20 },
  ...rolling("rollingCov", "covar_samp(x, y) OVER w", [60]),
  ...rolling("rollingCorr", "corr(x, y) OVER w", [60]),
  ...rolling("rollingBeta", "regr_slope(y, x) OVER w", [60]),
  { kernel: "ewmMean", window: 20 },
  { kernel: "ewmVar", window: 20 },
  { kernel: "rank", window: 0, sql: "rank() OVER (d ORDER BY x)", byDate: true },
  {
    kernel: "zscore",
    window: 0,
    sql: "(x - avg(x) OVER d) / stddev_samp(x) OVER d",
    byDate: true,
  },
  { kernel: "demean", window: 0, sql: "x - avg(x) OVER d", byDate: true },
  { kernel: "winsorize", window: 0, byDate: true },
];

const module = new URL("./stats.kernel.ts", import.meta.url);
const limited = ["rollingMean", "rollingStd", "rollingZscore"];

interface Measured extends Case {
  readonly one: number;
  readonly two: number;
  readonly duckdb: number;
}

export async function run({ quick }: BenchOptions): Promise<BenchTable> {
  const panel = filledPanel(quick ? 400 : 4000, quick ? 245 : 2450);
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  await writePanelTable(connection, panel, "bars");
  const lines = { series: seriesOf(panel), days: daysOf(panel) };
  await using one = createPool({ threads: 1 });
  await using two = createPool({ threads: 2 });
  const measured: Measured[] = [];
  for (const item of cases) {
    const { kernel, window } = item;
    const args = { ...(item.byDate === true ? lines.days : lines.series), kernel, window };
    const workers = await timeWorkers([one, two], args, quick ? 1 : 9);
    const query = await timeQuery(connection, item);
    const perRow = 1e6 / panel.size;
    measured.push({
      ...item,
      one: workers[0]! * perRow,
      two: workers[1]! * perRow,
      duckdb: query * perRow,
    });
  }
  connection.closeSync();
  instance.closeSync();
  return tableOf(panel, measured);
}

/** A walk a code and noise around it; one cell in fifty is missing. */
function filledPanel(codeCount: number, dateCount: number): Panel {
  const rng = createRng("bench stats");
  const codes = Array.from({ length: codeCount }, (_, i) => String(10_000 + i * 10));
  const dates = Array.from({ length: dateCount }, (_, i) => 16_000 + i);
  const panel = new Panel(dates, codes);
  const x = panel.addColumn("x", "f64");
  const y = panel.addColumn("y", "f64");
  let level = 0;
  for (let i = 0; i < panel.size; i += 1) {
    level =
      i % dateCount === 0 ? 1000 + 3000 * rng.uniform() : level * (0.98 + 0.04 * rng.uniform());
    if (rng.uniform() >= 0.02) x[i] = level;
    y[i] = rng.uniform() - 0.5;
  }
  return panel;
}

type Columns = Omit<Lines, "kernel" | "window">;

function seriesOf(panel: Panel): Columns {
  const out = sharedColumn("f64", panel.size);
  return { length: panel.dates.length, x: panel.float64("x"), y: panel.float64("y"), out };
}

/** The same column with the values of a day side by side. */
function daysOf(panel: Panel): Columns {
  const x = sharedColumn("f64", panel.size);
  const out = sharedColumn("f64", panel.size);
  gatherDays(panel.float64("x"), panel.dates.length, { start: 0, end: panel.dates.length }, x);
  return { length: panel.codes.length, x, y: x, out };
}

/** Milliseconds of the fastest of `repeats` runs of each pool, taken in turns after one to warm up. */
async function timeWorkers(
  pools: readonly WorkerPool[],
  lines: Lines,
  repeats: number,
): Promise<readonly number[]> {
  const blocks = splitBlocks(lines.x.length / lines.length, 50);
  const fastest = pools.map(() => Number.POSITIVE_INFINITY);
  for (let i = 0; i <= repeats; i += 1) {
    for (const [p, pool] of pools.entries()) {
      const start = performance.now();
      await pool.mapBlocks({ module, kernel: "runLines", blocks, args: { ...lines } });
      if (i > 0) fastest[p] = Math.min(fastest[p]!, performance.now() - start);
    }
  }
  return fastest;
}

/** Milliseconds of the faster of two runs of the query, NaN where DuckDB has no such window function. */
async function timeQuery(connection: DuckDBConnection, { sql, window }: Case): Promise<number> {
  if (sql === undefined) return Number.NaN;
  const frame = `ROWS BETWEEN ${Math.max(window, 1) - 1} PRECEDING AND CURRENT ROW`;
  let fastest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 2; i += 1) {
    const start = performance.now();
    await connection.run(`SELECT sum(v) FROM (SELECT ${sql} AS v FROM bars WINDOW
      c AS (PARTITION BY code ORDER BY date),
      d AS (PARTITION BY date),
      w AS (PARTITION BY code ORDER BY date ${frame}))`);
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}

function tableOf(panel: Panel, measured: readonly Measured[]): BenchTable {
  const bound = measured.filter(({ kernel }) => limited.includes(kernel));
  const slowest = Math.max(...bound.map(({ one }) => one));
  const compared = measured.filter(({ duckdb }) => !Number.isNaN(duckdb));
  const short = compared.filter(({ duckdb, one }) => duckdb / one < 10);
  const ratio = Math.min(...bound.map(({ duckdb, one }) => duckdb / one));
  const gains = bound.map(({ one, two }) => one / two);
  const rank = measured.find(({ kernel }) => kernel === "rank");
  return {
    title: `stats: ${panel.codes.length} codes × ${panel.dates.length} sessions, nanoseconds a row`,
    columns: [
      "kernel",
      "window",
      "1 worker",
      "2 workers",
      "1 : 2",
      "DuckDB, 1 thread",
      "DuckDB : 1",
    ],
    rows: measured.map(({ kernel, window, one, two, duckdb }) => [
      kernel,
      window === 0 ? "" : window,
      one.toFixed(1),
      two.toFixed(1),
      (one / two).toFixed(2),
      Number.isNaN(duckdb) ? "" : duckdb.toFixed(0),
      Number.isNaN(duckdb) ? "" : (duckdb / one).toFixed(1),
    ]),
    notes: [
      `rolling mean, std, zscore: at most ${slowest.toFixed(1)} ns a row with one worker (target 12)`,
      `DuckDB takes ${ratio.toFixed(1)} times as long or more over those kernels (target 10); under 10 times elsewhere: ${short.map(({ kernel }) => kernel).join(", ") || "none"}`,
      `two workers: ${Math.min(...gains).toFixed(2)} times one or more over those kernels (target 1.8)`,
      `cross-sectional rank: ${(1e3 / (rank?.one ?? Number.NaN)).toFixed(1)} M values a second a thread (target 25)`,
    ],
  };
}
