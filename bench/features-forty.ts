// Forty columns of returns, means, volatilities, bands and ranks, computed three times over the same lake and written as Parquet in
// the order of date and code: by the engine, by DuckDB's window functions, and by Polars where a Python has it.

import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { openLake } from "../src/lake/index.ts";
import type { BenchLake } from "./features-lake.ts";

export interface Timing {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

const windows = [5, 10, 20, 60, 120] as const;

export const fortyColumns: readonly string[] = [
  ...[1, 5, 10, 20, 60, 120].map((h) => `returns_${h}d`),
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
  "rank_ret_prev_1d",
  "cs_rank_returns_20d",
  "cs_rank_volatility",
  "ret_1d_demeaned",
];

/** By DuckDB, on as many threads as there are cores. */
export async function duckTiming(lake: BenchLake): Promise<Timing> {
  const connection = await (await openLake(lake.home)).connect();
  const out = join(lake.home, "duck.parquet");
  rmSync(out, { force: true });
  const start = performance.now();
  const cpu = process.cpuUsage();
  await connection.run(
    `COPY (${duckSql()}) TO '${out}' (FORMAT parquet, COMPRESSION uncompressed)`,
  );
  const seconds = (performance.now() - start) / 1000;
  const used = process.cpuUsage(cpu);
  connection.closeSync();
  return { seconds, cpuSeconds: (used.user + used.system) / 1e6 };
}

/** Columns whose means differ between the engine's months in `folder` and DuckDB's file by more than a thousandth. */
export async function differingColumns(
  lake: BenchLake,
  folder: string,
): Promise<readonly string[]> {
  const connection = await (await openLake(lake.home)).connect();
  const means = async (files: string): Promise<readonly number[]> => {
    const list = fortyColumns.map((name) => `avg(CAST("${name}" AS DOUBLE))`).join(", ");
    const reader = await connection.runAndReadAll(`SELECT ${list} FROM '${files}'`);
    return reader.getRows()[0].map(Number);
  };
  const own = await means(join(folder, "*.parquet"));
  const other = await means(join(lake.home, "duck.parquet"));
  connection.closeSync();
  const least = 1e-4;
  return fortyColumns.filter(
    (_, k) => Math.abs(own[k] - other[k]) > 1e-3 * Math.max(least, Math.abs(own[k])),
  );
}

function duckSql(): string {
  const over = (w: number): string =>
    `OVER (PARTITION BY "Code" ORDER BY "Date" ROWS BETWEEN ${w - 1} PRECEDING AND CURRENT ROW)`;
  const full = (w: number, value: string): string =>
    `CASE WHEN n >= ${w} THEN ${value} ${over(w)} END`;
  const order = `OVER (PARTITION BY "Code" ORDER BY "Date")`;
  const basis = `exp(sum(ln("AdjFactor")) OVER (PARTITION BY "Code" ORDER BY "Date" ROWS UNBOUNDED PRECEDING))`;
  const prices = `SELECT "Date", "Code", b, "C" / b AS c, "O" / b AS o, "H" / b AS h, "L" / b AS l, "Vo" * b AS v, row_number() ${order} AS n FROM (SELECT *, ${basis} AS b FROM equities_bars_daily)`;
  const lags = `SELECT *, ${[1, 5, 10, 20, 60, 120].map((k) => `c / lag(c, ${k}) ${order} - 1 AS r${k}`).join(", ")}, ${full(20, "avg(c)")} AS m20, ${full(20, "stddev_samp(c)")} AS s20, ${full(5, "avg(v)")} AS v5, ${full(20, "avg(v)")} AS v20, ${full(14, "min(l)")} AS l14, ${full(14, "max(h)")} AS h14 FROM (${prices})`;
  const vols = `SELECT *, ${[5, 10, 20, 60].map((w) => `CASE WHEN n > ${w} THEN stddev_samp(r1) ${over(w)} * sqrt(252) END AS vol${w}`).join(", ")} FROM (${lags})`;
  const share = (value: string): string =>
    `CASE WHEN ${value} IS NOT NULL THEN rank() OVER (PARTITION BY "Date" ORDER BY ${value}) / count(${value}) OVER (PARTITION BY "Date") END`;
  const columns = [
    ...[1, 5, 10, 20, 60, 120].map((h) => [`r${h}`, `returns_${h}d`]),
    ...windows.map((w) => [`${full(w, "avg(c)")} * b`, `sma_${w}`]),
    ...[5, 20, 60].map((w) => [`c / ${full(w, "avg(c)")}`, `price_to_sma${w}`]),
    [`o / lag(c) ${order} - 1`, "ret_overnight"],
    ["c / o - 1", "ret_intraday"],
    ["h / l", "high_low_ratio"],
    ["(h - c) / (h - l)", "close_to_high"],
    ["(c - l) / (h - l)", "close_to_low"],
    ["v5 / b", "volume_ma_5"],
    ["v20 / b", "volume_ma_20"],
    ["v / v5", "volume_ratio_5"],
    ["v / v20", "volume_ratio_20"],
    ...[5, 10, 20, 60].map((w) => [`vol${w}`, `volatility_${w}d`]),
    [`sqrt(${full(20, "sum(ln(h / l) ^ 2)")} / (4 * ln(2)))`, "realized_volatility"],
    ["(m20 + 2 * s20) * b", "bb_upper"],
    ["(m20 - 2 * s20) * b", "bb_lower"],
    [
      "CASE WHEN s20 IS NOT NULL THEN least(1, greatest(0, (c - m20 + 2 * s20) / (4 * s20))) END",
      "bb_position",
    ],
    ["4 * s20 / m20", "bb_width"],
    ["(c - m20) / s20", "z_close_20"],
    ["100 * (c - l14) / (h14 - l14)", "stoch_k"],
    ["c * v", "dollar_volume"],
    ["v5 / v20 - 1", "volume_accel"],
    [share("r1"), "rank_ret_prev_1d"],
    [share("r20"), "cs_rank_returns_20d"],
    [share("vol20"), "cs_rank_volatility"],
    [`r1 - avg(r1) OVER (PARTITION BY "Date")`, "ret_1d_demeaned"],
  ].map(([value, name]) => `CAST(${value} AS FLOAT) AS ${name}`);
  return `SELECT "Date" AS date, "Code" AS code, ${columns.join(", ")} FROM (${vols}) ORDER BY "Date", "Code"`;
}

const timing: z.ZodType<Timing> = z.object({ seconds: z.number(), cpuSeconds: z.number() });

/** By Polars in the Python named by `GOGOOKU3_BENCH_PYTHON`; undefined when none is named. */
export function polarsTiming(lake: BenchLake): Timing | undefined {
  const python = process.env["GOGOOKU3_BENCH_PYTHON"];
  if (python === undefined) return undefined;
  const bars = join(lake.home, "lake", "equities_bars_daily", "*.parquet");
  const out = join(lake.home, "polars.parquet");
  mkdirSync(lake.home, { recursive: true });
  const output = execFileSync(python, ["-c", polarsScript, bars, out], { encoding: "utf8" });
  rmSync(out, { force: true });
  return timing.parse(JSON.parse(output));
}

const polarsScript = `
import json, math, resource, sys, time
import polars as pl
start = time.perf_counter()
own = lambda e: e.over("Code", order_by="Date")
day = lambda e: e.over("Date")
c, o, h, l, v, b, r1 = (pl.col(n) for n in ["c", "o", "h", "l", "v", "b", "r1"])
frame = pl.scan_parquet(sys.argv[1]).select("Date", "Code", "O", "H", "L", "C", "Vo", "AdjFactor").sort("Code", "Date")
frame = frame.with_columns(pl.col("AdjFactor").cum_prod().over("Code").alias("b"))
frame = frame.select("Date", "Code", "b", c=pl.col("C") / b, o=pl.col("O") / b, h=pl.col("H") / b, l=pl.col("L") / b, v=pl.col("Vo") * b)
frame = frame.with_columns([(c / c.shift(k).over("Code") - 1).alias(f"r{k}") for k in (1, 5, 10, 20, 60, 120)]
    + [c.rolling_mean(w).over("Code").alias(f"m{w}") for w in (5, 10, 20, 60, 120)]
    + [c.rolling_std(20).over("Code").alias("s20"), v.rolling_mean(5).over("Code").alias("v5"), v.rolling_mean(20).over("Code").alias("v20"),
       l.rolling_min(14).over("Code").alias("l14"), h.rolling_max(14).over("Code").alias("h14")])
frame = frame.with_columns([(r1.rolling_std(w).over("Code") * math.sqrt(252)).alias(f"vol{w}") for w in (5, 10, 20, 60)])
m20, s20, v5, v20, l14, h14 = (pl.col(n) for n in ["m20", "s20", "v5", "v20", "l14", "h14"])
share = lambda n: pl.col(n).rank().over("Date") / pl.col(n).count().over("Date")
columns = dict(
    **{f"returns_{k}d": pl.col(f"r{k}") for k in (1, 5, 10, 20, 60, 120)}, **{f"sma_{w}": pl.col(f"m{w}") * b for w in (5, 10, 20, 60, 120)},
    **{f"price_to_sma{w}": c / pl.col(f"m{w}") for w in (5, 20, 60)}, ret_overnight=o / c.shift(1).over("Code") - 1, ret_intraday=c / o - 1,
    high_low_ratio=h / l, close_to_high=(h - c) / (h - l), close_to_low=(c - l) / (h - l), volume_ma_5=v5 / b, volume_ma_20=v20 / b,
    volume_ratio_5=v / v5, volume_ratio_20=v / v20, **{f"volatility_{w}d": pl.col(f"vol{w}") for w in (5, 10, 20, 60)},
    realized_volatility=(((h / l).log() ** 2).rolling_sum(20).over("Code") / (4 * math.log(2))).sqrt(), bb_upper=(m20 + 2 * s20) * b,
    bb_lower=(m20 - 2 * s20) * b, bb_position=((c - m20 + 2 * s20) / (4 * s20)).clip(0, 1), bb_width=4 * s20 / m20, z_close_20=(c - m20) / s20,
    stoch_k=100 * (c - l14) / (h14 - l14), dollar_volume=c * v, volume_accel=v5 / v20 - 1, rank_ret_prev_1d=share("r1"),
    cs_rank_returns_20d=share("r20"), cs_rank_volatility=share("vol20"), ret_1d_demeaned=r1 - r1.mean().over("Date"))
frame = frame.select("Date", "Code", **{name: value.cast(pl.Float32) for name, value in columns.items()}).sort("Date", "Code")
frame.collect().write_parquet(sys.argv[2], compression="uncompressed")
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"seconds": time.perf_counter() - start, "cpuSeconds": used.ru_utime + used.ru_stime}))
`;
