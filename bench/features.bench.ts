// The dataset build of the set `standard` from a lake on disk: rows a second by family, wall time, peak memory, bytes, the daily
// increment, and 40 columns against DuckDB (and Polars, where GOGOOKU3_BENCH_PYTHON names a Python that has it) in the same run.

import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { jpxCalendar } from "../src/calendar/index.ts";
import { benchLake, type BenchLake } from "./features-lake.ts";
import {
  differingColumns,
  duckTiming,
  fortyColumns,
  polarsTiming,
  type Timing,
} from "./features-forty.ts";
import type { BenchOptions, BenchTable } from "./run.ts";

const runFile = promisify(execFile);

const measured = z.object({
  seconds: z.number(),
  /** Processor time of all threads: it says what a quiet machine would take. */
  cpuSeconds: z.number(),
  /** Seconds until everything was loaded, starting the process included. */
  loadSeconds: z.number(),
  peakGib: z.number(),
  rows: z.number(),
  features: z.number(),
  bytes: z.number(),
  monthsReused: z.number(),
  families: z.array(z.object({ name: z.string(), columns: z.number(), seconds: z.number() })),
});

type Measured = z.infer<typeof measured>;

export async function run({ quick }: BenchOptions): Promise<readonly BenchTable[]> {
  const [codes, sessions] = quick ? [200, 400] : [4000, 2450];
  const home = join(tmpdir(), `gogooku3-bench-standard-${codes}x${sessions}`);
  const lake = await benchLake(home, codes, sessions);
  for (const folder of ["datasets", "cache"]) {
    rmSync(join(home, folder), { recursive: true, force: true });
  }
  const build = await measure(lake, jpxCalendar().previous(lake.to));
  // The evening's increment does not wait for the disk to take in a whole build.
  await runFile("sync");
  const increment = await measure(lake, lake.to);
  rmSync(join(home, "datasets"), { recursive: true, force: true });
  return [buildTable(lake, build, increment), familyTable(build), await fortyTable(lake)];
}

function buildTable(lake: BenchLake, build: Measured, increment: Measured): BenchTable {
  const line = (name: string, found: Measured): readonly (string | number)[] => [
    name,
    found.features,
    found.rows,
    found.seconds.toFixed(1),
    found.cpuSeconds.toFixed(1),
    found.loadSeconds.toFixed(1),
    `${((found.rows * found.features) / found.seconds / 1e6).toFixed(1)} M`,
    found.peakGib.toFixed(2),
    (found.bytes / 2 ** 30).toFixed(2),
    found.monthsReused,
  ];
  return {
    title: `Set standard, ${lake.codes} codes × ${lake.sessions} sessions, lake to Parquet, labels and checks included`,
    columns: [
      "run",
      "columns",
      "rows",
      "s",
      "CPU s",
      "s of load",
      "cells/s",
      "peak GiB",
      "GiB written",
      "months reused",
    ],
    rows: [line("build", build), line("one day later", increment)],
    notes: [
      `build under 90 s: ${verdict(build.seconds < 90)}; under 6 GiB: ${verdict(build.peakGib < 6)}; increment under 10 s: ${verdict(increment.seconds < 10)}`,
    ],
  };
}

function familyTable({ families, rows }: Measured): BenchTable {
  return {
    title: "By family: the time of a batch is shared out evenly among its columns",
    columns: ["family", "columns", "s", "rows/s of all its columns", "M cells/s"],
    rows: families.map(({ name, columns, seconds }) => [
      name,
      columns,
      seconds.toFixed(1),
      Math.round(rows / seconds),
      ((rows * columns) / seconds / 1e6).toFixed(0),
    ]),
  };
}

async function fortyTable(lake: BenchLake): Promise<BenchTable> {
  const folder = join(lake.home, "forty");
  const engine = await measureForty(lake, folder);
  const duck = await duckTiming(lake);
  const differing = await differingColumns(lake, folder);
  const polars = polarsTiming(lake);
  rmSync(folder, { recursive: true, force: true });
  rmSync(join(lake.home, "duck.parquet"), { force: true });
  const line = (name: string, { seconds, cpuSeconds }: Timing): readonly string[] => [
    name,
    seconds.toFixed(1),
    cpuSeconds.toFixed(1),
    (seconds / engine.seconds).toFixed(2),
    (cpuSeconds / engine.cpuSeconds).toFixed(2),
  ];
  return {
    title: `${fortyColumns.length} columns, lake to Parquet in the order of date and code, no labels or checks, all cores each`,
    columns: ["engine", "s", "CPU s", "× gogooku3", "× its CPU"],
    rows: [
      line("gogooku3", engine),
      line("DuckDB", duck),
      ...(polars === undefined ? [] : [line("Polars", polars)]),
    ],
    notes: [
      `at least 3 times faster than DuckDB: ${verdict(duck.seconds >= 3 * engine.seconds)}${polars === undefined ? "" : `, than Polars: ${verdict(polars.seconds >= 3 * engine.seconds)}`}`,
      differing.length === 0
        ? "all columns have DuckDB's means"
        : `means differ from DuckDB's: ${differing.join(", ")}`,
    ],
  };
}

function verdict(met: boolean): string {
  return met ? "met" : "missed";
}

/** Builds in a process of its own, so that its peak memory is its own. */
async function measure(lake: BenchLake, to: number): Promise<Measured> {
  return measured.parse(
    await runScript(`
    import { buildDataset } from ${module("../src/dataset/index.ts")};
    import { openLake } from ${module("../src/lake/index.ts")};
    const start = performance.now();
    const seconds = () => (performance.now() - start) / 1000;
    const lake = await openLake(${JSON.stringify(lake.home)});
    const families = new Map();
    let [first, last, batch] = [undefined, 0, []];
    const share = (now) => {
      for (const name of batch) {
        const family = families.get(name) ?? { name, columns: 0, seconds: 0 };
        families.set(name, { name, columns: family.columns + 1, seconds: family.seconds + (now - last) / batch.length });
      }
      [last, batch] = [now, []];
    };
    const onProgress = ({ stage, note }) => {
      if (stage === "load") last = first = seconds();
      if (stage !== "features") return;
      if (batch.length === 0) queueMicrotask(() => share(seconds()));
      batch.push(note);
    };
    const { manifest, monthsReused } = await buildDataset(lake, { from: ${lake.from}, to: ${to}, selection: "standard", allowEmpty: true, onProgress });
    const bytes = manifest.months.reduce((sum, m) => sum + m.features.bytes + m.labels.bytes + m.market.bytes, 0);
    const used = process.cpuUsage();
    console.log(JSON.stringify({ seconds: seconds(), cpuSeconds: (used.user + used.system) / 1e6, loadSeconds: first, peakGib: process.resourceUsage().maxRSS / 2 ** 20,
      rows: manifest.rows, features: manifest.features.length, bytes, monthsReused, families: [...families.values()] }));`),
  );
}

/** The engine alone: load, compute, write. */
async function measureForty(lake: BenchLake, folder: string): Promise<Timing> {
  rmSync(folder, { recursive: true, force: true });
  const timing = z.object({ seconds: z.number(), cpuSeconds: z.number() });
  return timing.parse(
    await runScript(`
    import { defaultRegistry, domainOf, executePlanParallel, loadMarketData, planFeatures, shareMarket } from ${module("../src/features/index.ts")};
    import { MonthStore, monthSpans } from ${module("../src/dataset/month-store.ts")};
    import { openLake } from ${module("../src/lake/index.ts")};
    import { createPool } from ${module("../src/workers/index.ts")};
    const start = performance.now();
    const cpu = process.cpuUsage();
    const lake = await openLake(${JSON.stringify(lake.home)});
    const [registry, names] = [defaultRegistry(), ${JSON.stringify(fortyColumns)}];
    const plan = planFeatures(registry, names);
    const connection = await lake.connect();
    const data = await loadMarketData({ connection, calendar: await lake.calendar() }, registry, plan);
    const pool = createPool({ shared: shareMarket(data) });
    const store = new MonthStore(${JSON.stringify(folder)}, monthSpans(data.panel.dates, data.rows, ${lake.from}, ${lake.to}), data);
    const column = ({ feature, values }) => ({ name: feature.name, layout: domainOf(feature), values });
    await executePlanParallel(plan, data, { pool, emit: (columns) => store.addParallel(columns.map(column), pool) });
    store.close(names);
    const used = process.cpuUsage(cpu);
    console.log(JSON.stringify({ seconds: (performance.now() - start) / 1000, cpuSeconds: (used.user + used.system) / 1e6 }));
    process.exit(0);`),
  );
}

function module(path: string): string {
  return JSON.stringify(new URL(path, import.meta.url).href);
}

async function runScript(script: string): Promise<unknown> {
  const { stdout } = await runFile(process.execPath, [
    "--input-type=module-typescript",
    "-e",
    script,
  ]);
  return JSON.parse(stdout);
}
