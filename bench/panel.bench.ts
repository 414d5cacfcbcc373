// Panels at 4,000 codes × 2,450 dates: in from DuckDB, out to DuckDB and Parquet, cross-sections, and workers over codes.

import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  gatherDays,
  Panel,
  panelFromQuery,
  scatterDays,
  sharedColumn,
  writePanelParquet,
  writePanelTable,
} from "../src/panel/index.ts";
import { createRng } from "../src/rng.ts";
import { createPool, splitBlocks } from "../src/workers/index.ts";
import type { BenchOptions, BenchTable } from "./run.ts";

const repeats = 5;

/** Milliseconds of the fastest of several runs. */
async function best(work: () => unknown, times: number = repeats): Promise<number> {
  let fastest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i += 1) {
    const start = performance.now();
    await work();
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}

export async function run({ quick }: BenchOptions): Promise<readonly BenchTable[]> {
  const codeCount = quick ? 200 : 4000;
  const dateCount = quick ? 100 : 2450;
  const panel = filledPanel(codeCount, dateCount);
  return [await databaseTable(panel), await sectionTable(panel), await workerTable(panel)];
}

function filledPanel(codeCount: number, dateCount: number): Panel {
  const rng = createRng(1);
  const codes = Array.from({ length: codeCount }, (_, i) => String(10_000 + i * 10));
  const panel = new Panel(
    Array.from({ length: dateCount }, (_, i) => 16_000 + i),
    codes,
  );
  for (const name of ["open", "high", "low", "close"]) {
    const column = panel.addColumn(name, "f64");
    for (let i = 0; i < column.length; i += 1)
      column[i] = i % 50 === 0 ? Number.NaN : rng.uniform();
  }
  return panel;
}

async function databaseTable(panel: Panel): Promise<BenchTable> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const folder = mkdtempSync(join(tmpdir(), "panel-bench-"));
  const path = join(folder, "panel.parquet");
  const rows = panel.size;
  const megabytes = (rows * panel.columnNames.length * 8) / 1e6;
  const line = (name: string, ms: number): readonly (string | number)[] => [
    name,
    ms.toFixed(0),
    (rows / ms / 1e3).toFixed(2),
    (megabytes / (ms / 1e3)).toFixed(0),
  ];
  const table = await best(() => writePanelTable(connection, panel, "bars"), 3);
  const parquet = await best(() => writePanelParquet(connection, panel, path), 3);
  const fromTable = await best(() => panelFromQuery(connection, "FROM bars"), 3);
  const fromParquet = await best(
    () => panelFromQuery(connection, `FROM read_parquet('${path}')`),
    3,
  );
  const share = Math.min(rows, 200_000);
  const objects = ((await best(() => rowObjects(connection, share), 3)) * rows) / share;
  connection.closeSync();
  rmSync(folder, { recursive: true });
  return {
    title: `DuckDB and Parquet, ${rows} rows of code, date and 4 float64 columns`,
    columns: ["way", "ms", "M rows/s", "MB/s of values"],
    rows: [
      line("panel to table", table),
      line("panel to Parquet", parquet),
      line("table to panel", fromTable),
      line("Parquet to panel", fromParquet),
      line("row objects (scaled from a part)", objects),
    ],
    notes: [`table to panel over row objects: ${(objects / fromTable).toFixed(1)} times`],
  };
}

async function rowObjects(connection: DuckDBConnection, limit: number): Promise<number> {
  const reader = await connection.runAndReadAll(`FROM bars LIMIT ${limit}`);
  return reader.getRowObjects().length;
}

async function sectionTable(panel: Panel): Promise<BenchTable> {
  const column = panel.float64("close");
  const dateCount = panel.dates.length;
  const codeCount = panel.codes.length;
  const blocks = splitBlocks(dateCount, 32);
  const block = new Float64Array(32 * codeCount);
  const line = (name: string, ms: number): readonly (string | number)[] => [
    name,
    ms.toFixed(0),
    ((ms * 1e6) / panel.size).toFixed(2),
  ];
  const copy = new Float64Array(column.length);
  const gathered = await best(() => {
    for (const range of blocks) gatherDays(column, dateCount, range, block);
  });
  const returned = await best(() => {
    for (const range of blocks) {
      scatterDays(gatherDays(column, dateCount, range, block), dateCount, range, copy);
    }
  });
  const strided = await best(() => {
    for (let date = 0; date < dateCount; date += 1) {
      const day = panel.day("close", date);
      for (let code = 0; code < codeCount; code += 1) block[code] = day.at(code);
    }
  });
  return {
    title: "Cross-sections of one float64 column",
    columns: ["way", "ms", "ns a cell"],
    rows: [
      line("gatherDays, 32 dates a block", gathered),
      line("gatherDays and scatterDays", returned),
      line("day view, one date at a time", strided),
    ],
  };
}

async function workerTable(panel: Panel): Promise<BenchTable> {
  const args = {
    input: panel.float64("close"),
    output: sharedColumn("f64", panel.size),
    dateCount: panel.dates.length,
  };
  const times: number[] = [];
  for (const threads of [1, 2]) {
    await using pool = createPool({ threads });
    const map = (): Promise<unknown> =>
      pool.mapBlocks({
        module: new URL("./panel.kernel.ts", import.meta.url),
        kernel: "meanOf20",
        blocks: splitBlocks(panel.codes.length, 50),
        args,
      });
    await map();
    times.push(await best(map));
  }
  const ratio = times[0] / times[1];
  return {
    title: "Workers over blocks of 50 codes (20-day mean, summed afresh)",
    columns: ["workers", "ms", "ns a row"],
    rows: times.map((ms, i) => [i + 1, ms.toFixed(0), ((ms * 1e6) / panel.size).toFixed(1)]),
    notes: [`two workers over one: ${ratio.toFixed(2)} times (target 1.8)`],
  };
}
