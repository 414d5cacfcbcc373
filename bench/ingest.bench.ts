// Ingest at real size: a Standard backfill from the simulator in a second process, and parsing of JSON pages in this one.
// GOGOOKU3_BENCH_STOCKS, _FROM, _TO set the backfill (GOGOOKU3_BENCH_FROM=2016-10-31 GOGOOKU3_BENCH_TO=2026-10-30: ten years).

import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { epochDay, isoDate, jpxCalendar, jstInstantMs } from "../src/calendar/index.ts";
import { ManualClock } from "../src/clock.ts";
import { JquantsClient } from "../src/ingest/client.ts";
import { ingest, planOnly } from "../src/ingest/ingest.ts";
import { limitOf } from "../src/ingest/limits.ts";
import { openLake, type Lake } from "../src/lake/index.ts";
import type { BenchOptions, BenchTable } from "./run.ts";

const cli = fileURLToPath(new URL("../src/cli.ts", import.meta.url));

export async function run({ quick }: BenchOptions): Promise<BenchTable[]> {
  const home = await mkdtemp(join(tmpdir(), "gogooku3-bench-"));
  try {
    const parsed = await parsing(join(home, "parse"), quick);
    return [parsed, await backfill(join(home, "full"), quick), await sizes(join(home, "full"))];
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** JSON pages of daily bars: parsed, checked, typed and staged; then written as Parquet. */
async function parsing(home: string, quick: boolean): Promise<BenchTable> {
  const lake = await openLake(home);
  const writer = await lake.writer("bench");
  const pages = barPages(quick ? 3 : 20);
  const megabytes = pages.reduce((sum, page) => sum + page.length, 0) / 1e6;
  const rows: (string | number)[][] = [];
  for (let attempt = 0; attempt < (quick ? 1 : 4); attempt += 1) {
    const stage = writer.stage(lake.schema("equities_bars_daily"));
    const cpu = process.cpuUsage();
    const started = performance.now();
    for (const page of pages) {
      const tree: { data: Record<string, unknown>[] } = JSON.parse(page);
      await stage.add(tree.data, "api");
    }
    const staged = performance.now() - started;
    const used = process.cpuUsage(cpu);
    await writer.commit(stage, {
      days: [],
      source: "api",
      fetchedAt: "2024-01-01T00:00:00Z",
      mode: "merge",
    });
    const written = performance.now() - started - staged;
    await stage.drop();
    rows.push([
      (megabytes / (staged / 1000)).toFixed(0),
      (megabytes / ((used.user + used.system) / 1e6)).toFixed(0),
      (megabytes / ((staged + written) / 1000)).toFixed(0),
    ]);
  }
  await writer.close();
  return {
    title: `JSON of daily bars, ${megabytes.toFixed(0)} MB in ${pages.length} pages`,
    columns: ["parse and stage, MB/s wall", "MB/s of CPU time", "with Parquet, MB/s wall"],
    rows,
    notes: ["target: at least 100 MB/s of JSON a core"],
  };
}

async function backfill(home: string, quick: boolean): Promise<BenchTable> {
  const stocks = process.env["GOGOOKU3_BENCH_STOCKS"] ?? (quick ? "20" : "4000");
  const from = process.env["GOGOOKU3_BENCH_FROM"] ?? (quick ? "2024-05-01" : "2024-01-01");
  const to = process.env["GOGOOKU3_BENCH_TO"] ?? "2024-06-28";
  const { child, baseUrl } = await startSimulator(stocks, from, to);
  try {
    const clock = new ManualClock(jstInstantMs(epochDay(to), "20:00"));
    const bucketOf = limitOf("standard", true);
    const files = { unpacked: 0 };
    const fetchCounting = countUnpacked(files);
    const client = new JquantsClient({
      apiKey: "bench",
      baseUrl,
      plan: "standard",
      bucketOf,
      clock,
      fetch: fetchCounting,
    });
    const lake = await openLake(home);
    const promised = await planOnly({ plan: "standard", from }, lake, clock);
    const served = cpuSeconds(child.pid);
    const cpu = process.cpuUsage();
    const started = performance.now();
    const report = await ingest({ plan: "standard", from }, { lake, client, clock });
    const wall = (performance.now() - started) / 1000;
    const used = process.cpuUsage(cpu);
    const seconds = (used.user + used.system) / 1e6;
    const { requests, bytes, downloads } = report.statistics;
    const sent = Object.values(requests).reduce((sum, count) => sum + count, 0);
    const parsed = (bytes + files.unpacked) / 1e6;
    const rss = process.resourceUsage().maxRSS / 1024;
    const written = writtenBytes(lake) / 1e6;
    const simulator = cpuSeconds(child.pid) - served;
    const { rows } = report.execution;
    return {
      title: `Standard backfill, ${stocks} codes, ${from} to ${to}, simulator in a second process`,
      columns: ["what", "value"],
      rows: [
        ["wall", `${wall.toFixed(1)} s`],
        ["CPU of ingest, all threads", `${seconds.toFixed(1)} s`],
        ["CPU of the simulator", `${simulator.toFixed(1)} s`],
        ["share of the simulator", `${((100 * simulator) / (simulator + seconds)).toFixed(0)} %`],
        ["rows", rows],
        ["rows a second of ingest's CPU", Math.round(rows / seconds)],
        ["received", `${(bytes / 1e6).toFixed(1)} MB, ${downloads} files`],
        ["parsed, files unpacked", `${parsed.toFixed(0)} MB`],
        ["parsed to Parquet, wall", `${(parsed / wall).toFixed(1)} MB/s`],
        ["parsed to Parquet, a core of ingest", `${(parsed / seconds).toFixed(1)} MB/s`],
        ["written", `${written.toFixed(1)} MB of Parquet`],
        ["requests sent / planned", `${sent} / ${promised.requests}`],
        ["peak RSS", `${rss.toFixed(0)} MB`],
      ],
      notes: [
        verdict("peak RSS under 3 GiB", rss < 3072),
        verdict("requests within 5 % of the plan", sent <= promised.requests * 1.05),
      ],
    };
  } finally {
    child.kill();
  }
}

/** What the backfill left on disk, the largest table first. */
async function sizes(home: string): Promise<BenchTable> {
  const lake = await openLake(home);
  const rows = lake.tables().map((table) => {
    const partitions = Object.values(lake.manifest(table).partitions);
    const bytes = partitions.reduce((sum, partition) => sum + partition.bytes, 0);
    return { table, bytes, rows: partitions.reduce((sum, partition) => sum + partition.rows, 0) };
  });
  return {
    title: "Parquet of that lake",
    columns: ["table", "rows", "MB", "bytes a row"],
    rows: rows
      .toSorted((left, right) => right.bytes - left.bytes)
      .map(({ table, bytes, rows: count }) => [
        table,
        count,
        (bytes / 1e6).toFixed(1),
        (bytes / count).toFixed(1),
      ]),
  };
}

function verdict(target: string, isMet: boolean): string {
  return `target: ${target}: ${isMet ? "met" : "MISSED"}`;
}

/** A fetch that adds up how large gzip files are unpacked, as their last four bytes say (RFC 1952). */
function countUnpacked(files: { unpacked: number }): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (response.headers.get("content-type") !== "application/gzip") return response;
    const bytes = Buffer.from(await response.arrayBuffer());
    if (bytes.length > 4) files.unpacked += bytes.readUInt32LE(bytes.length - 4);
    return new Response(bytes, { headers: response.headers });
  };
}

function writtenBytes(lake: Lake): number {
  return lake
    .tables()
    .flatMap((table) => Object.values(lake.manifest(table).partitions))
    .reduce((sum, { bytes }) => sum + bytes, 0);
}

/** CPU that a process has used, of all its threads, where the system tells (Linux: a hundredth a tick). */
function cpuSeconds(pid: number | undefined): number {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return Number.NaN;
  const [, rest] = readFileSync(path, "utf8").split(") ");
  const fields = rest.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function startSimulator(
  stocks: string,
  from: string,
  to: string,
): Promise<{ child: ChildProcess; baseUrl: string }> {
  const port = "18788";
  const child = spawn(process.execPath, [
    cli,
    "simulate",
    "--port",
    port,
    "--stocks",
    stocks,
    "--from",
    from,
    "--to",
    to,
    "--now",
    `${to}T20:00`,
    "--plan",
    "standard",
    "--no-rate-limits",
  ]);
  return new Promise((settle, reject) => {
    child.once("close", (code) => reject(new Error(`simulate ended with ${code}`)));
    child.stdout.on("data", () => settle({ child, baseUrl: `http://127.0.0.1:${port}/v2` }));
  });
}

function barPages(count: number): string[] {
  const first = epochDay("2024-03-01");
  const days = [...jpxCalendar().sessions].filter((day) => day >= first).slice(0, count);
  return days.map((day, at) =>
    JSON.stringify({
      data: Array.from({ length: 4400 }, (_, i) => {
        const price = 1000 + ((i * 37 + at * 11) % 5000) / 10;
        const prices = { O: price, H: price + 10.5, L: price - 9.5, C: price + 1 };
        const adjusted = {
          AdjO: price,
          AdjH: price + 10.5,
          AdjL: price - 9.5,
          AdjC: price + 1,
          AdjVo: 100 * i,
        };
        return {
          Date: isoDate(day),
          Code: String(10_000 + i * 10),
          ...prices,
          UL: "0",
          LL: "0",
          Vo: 100 * i,
          Va: 100_000.5 * i,
          AdjFactor: 1,
          ...adjusted,
          MktCap: 12_345.6 + i,
          ExRT: null,
        };
      }),
    }),
  );
}
