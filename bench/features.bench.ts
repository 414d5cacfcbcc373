// The dataset build of every price, market, sector and index column from a lake on disk: wall time, peak memory, bytes, the daily
// increment, and 40 columns against DuckDB's window functions in the same run.

import { execFile } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { jpxCalendar } from "../src/calendar/index.ts";
import { openLake } from "../src/lake/index.ts";
import { benchLake, type BenchLake } from "./features-lake.ts";
import type { BenchOptions, BenchTable } from "./run.ts";

const runFile = promisify(execFile);

const measured = z.object({
  seconds: z.number(),
  /** Processor time of all threads: it says what a quiet machine would take. */
  cpuSeconds: z.number(),
  peakGib: z.number(),
  rows: z.number(),
  features: z.number(),
  bytes: z.number(),
  monthsReused: z.number(),
});

type Measured = z.infer<typeof measured>;

export async function run({ quick }: BenchOptions): Promise<BenchTable> {
  const [codes, sessions] = quick ? [200, 400] : [4000, 2450];
  const home = join(tmpdir(), `gogooku3-bench-lake-${codes}x${sessions}`);
  const lake = await benchLake(home, codes, sessions);
  rmSync(join(home, "datasets"), { recursive: true, force: true });
  const day = jpxCalendar().previous(lake.to);
  const build = await measure(lake, families, day);
  const increment = await measure(lake, families, lake.to);
  const forty = await measure(lake, fortyColumns.join(","), lake.to);
  const duck = await duckSeconds(lake);
  const cells = (run: Measured): string =>
    `${((run.rows * run.features) / run.seconds / 1e6).toFixed(1)} M`;
  const line = (name: string, run: Measured): readonly (string | number)[] => [
    name,
    run.features,
    run.rows,
    run.seconds.toFixed(1),
    run.cpuSeconds.toFixed(1),
    cells(run),
    run.peakGib.toFixed(2),
    (run.bytes / 2 ** 30).toFixed(2),
    run.monthsReused,
  ];
  return {
    title: `Features and dataset, ${codes} codes × ${sessions} sessions, lake to Parquet, checks included`,
    columns: [
      "run",
      "columns",
      "rows",
      "s",
      "CPU s",
      "cells/s",
      "peak GiB",
      "GiB written",
      "months reused",
    ],
    rows: [
      line("every price, market and sector column", build),
      line("the same, one day later", increment),
      line("40 columns", forty),
      [
        "40 columns, DuckDB",
        fortyColumns.length,
        "",
        duck.seconds.toFixed(1),
        duck.cpuSeconds.toFixed(1),
        "",
        "",
        "",
        "",
      ],
    ],
    notes: [
      `build under 90 s: ${verdict(build.seconds < 90)}; under 6 GiB: ${verdict(build.peakGib < 6)}; increment under 10 s: ${verdict(increment.seconds < 10)}`,
      `DuckDB / gogooku3 on the same 40 columns: ${(duck.seconds / forty.seconds).toFixed(2)} by the clock, ${(duck.cpuSeconds / forty.cpuSeconds).toFixed(2)} in CPU time`,
    ],
  };
}

/** Families whose sources the bench lake has: bars, issues, TOPIX and indices. */
const families =
  "price,technical,volatility,market,cross,sector,cross-section,indices,gaps,calendar,validity,interactions";

function verdict(met: boolean): string {
  return met ? "met" : "missed";
}

/** Builds in a process of its own, so that its peak memory is its own. */
async function measure(lake: BenchLake, selection: string, to: number): Promise<Measured> {
  const script = `
    import { buildDataset } from ${JSON.stringify(new URL("../src/dataset/index.ts", import.meta.url).href)};
    import { openLake } from ${JSON.stringify(new URL("../src/lake/index.ts", import.meta.url).href)};
    const start = performance.now();
    const lake = await openLake(${JSON.stringify(lake.home)});
    const { manifest, monthsReused } = await buildDataset(lake, { from: ${lake.from}, to: ${to}, selection: ${JSON.stringify(selection)}, allowEmpty: true });
    const bytes = manifest.months.reduce((sum, m) => sum + m.features.bytes + m.labels.bytes + m.market.bytes, 0);
    const used = process.cpuUsage();
    console.log(JSON.stringify({ cpuSeconds: (used.user + used.system) / 1e6, seconds: (performance.now() - start) / 1000, peakGib: process.resourceUsage().maxRSS / 2 ** 20, rows: manifest.rows, features: manifest.features.length, bytes, monthsReused }));`;
  const { stdout } = await runFile(process.execPath, [
    "--input-type=module-typescript",
    "-e",
    script,
  ]);
  return measured.parse(JSON.parse(stdout));
}

const windows = [5, 10, 20, 60, 120] as const;

const fortyColumns: readonly string[] = [
  ...[1, 5, 10, 20, 60, 120].map((h) => `returns_${h}d`),
  ...[1, 5, 10, 20].map((h) => `log_returns_${h}d`),
  ...windows.map((w) => `sma_${w}`),
  ...[5, 20, 60].map((w) => `price_to_sma${w}`),
  "ret_overnight",
  "ret_intraday",
  "high_low_ratio",
  "close_to_high",
  "close_to_low",
  "volume_ma_5",
  "volume_ma_20",
  "volume_ratio_5",
  "volume_ratio_20",
  ...[5, 10, 20, 60].map((w) => `volatility_${w}d`),
  "realized_volatility",
  "bb_upper",
  "bb_lower",
  "bb_position",
  "bb_width",
  "z_close_20",
  "stoch_k",
  "dollar_volume",
  "volume_accel",
];

/** The same columns by DuckDB's windows over the same lake, written as Parquet. */
async function duckSeconds(
  lake: BenchLake,
): Promise<{ readonly seconds: number; readonly cpuSeconds: number }> {
  const connection = await (await openLake(lake.home)).connect();
  const out = join(lake.home, "duck.parquet");
  if (existsSync(out)) rmSync(out);
  const start = performance.now();
  const cpu = process.cpuUsage();
  await connection.run(
    `COPY (${duckSql()}) TO '${out}' (FORMAT parquet, COMPRESSION uncompressed)`,
  );
  const seconds = (performance.now() - start) / 1000;
  const used = process.cpuUsage(cpu);
  connection.closeSync();
  rmSync(out);
  return { seconds, cpuSeconds: (used.user + used.system) / 1e6 };
}

function duckSql(): string {
  const over = (w: number): string =>
    `OVER (PARTITION BY "Code" ORDER BY "Date" ROWS BETWEEN ${w - 1} PRECEDING AND CURRENT ROW)`;
  const order = `OVER (PARTITION BY "Code" ORDER BY "Date")`;
  const basis = `exp(sum(ln("AdjFactor")) OVER (PARTITION BY "Code" ORDER BY "Date" ROWS UNBOUNDED PRECEDING))`;
  const prices = `SELECT *, "C" / b AS c, "O" / b AS o, "H" / b AS h, "L" / b AS l, "Vo" * b AS v FROM (SELECT *, ${basis} AS b FROM equities_bars_daily)`;
  const lags = `SELECT *, c / lag(c) ${order} - 1 AS r1, avg(c) ${over(20)} AS m20, stddev_samp(c) ${over(20)} AS s20, avg(v) ${over(5)} AS v5, avg(v) ${over(20)} AS v20, min(l) ${over(14)} AS l14, max(h) ${over(14)} AS h14 FROM (${prices})`;
  const columns = [
    ...[1, 5, 10, 20, 60, 120].map(
      (h) => `CAST(c / lag(c, ${h}) ${order} - 1 AS FLOAT) AS returns_${h}d`,
    ),
    ...[1, 5, 10, 20].map(
      (h) => `CAST(ln(c / lag(c, ${h}) ${order}) AS FLOAT) AS log_returns_${h}d`,
    ),
    ...windows.map((w) => `CAST(avg(c) ${over(w)} * b AS FLOAT) AS sma_${w}`),
    ...[5, 20, 60].map((w) => `CAST(c / avg(c) ${over(w)} AS FLOAT) AS price_to_sma${w}`),
    `CAST(o / lag(c) ${order} - 1 AS FLOAT) AS ret_overnight`,
    `CAST(c / o - 1 AS FLOAT) AS ret_intraday, CAST(h / l AS FLOAT) AS high_low_ratio`,
    `CAST((h - c) / (h - l) AS FLOAT) AS close_to_high, CAST((c - l) / (h - l) AS FLOAT) AS close_to_low`,
    `CAST(v5 / b AS FLOAT) AS volume_ma_5, CAST(v20 / b AS FLOAT) AS volume_ma_20`,
    `CAST(v / v5 AS FLOAT) AS volume_ratio_5, CAST(v / v20 AS FLOAT) AS volume_ratio_20`,
    ...[5, 10, 20, 60].map(
      (w) => `CAST(stddev_samp(r1) ${over(w)} * sqrt(252) AS FLOAT) AS volatility_${w}d`,
    ),
    `CAST(sqrt(sum(ln(h / l) ^ 2) ${over(20)} / (4 * ln(2))) AS FLOAT) AS realized_volatility`,
    `CAST((m20 + 2 * s20) * b AS FLOAT) AS bb_upper, CAST((m20 - 2 * s20) * b AS FLOAT) AS bb_lower`,
    `CAST((c - m20 + 2 * s20) / (4 * s20) AS FLOAT) AS bb_position, CAST(4 * s20 / m20 AS FLOAT) AS bb_width`,
    `CAST((c - m20) / s20 AS FLOAT) AS z_close_20, CAST(100 * (c - l14) / (h14 - l14) AS FLOAT) AS stoch_k`,
    `CAST(c * v AS FLOAT) AS dollar_volume, CAST(v5 / v20 - 1 AS FLOAT) AS volume_accel`,
  ];
  return `SELECT "Date" AS date, "Code" AS code, ${columns.join(", ")} FROM (${lags}) ORDER BY "Date", "Code"`;
}
