// Training end to end, data path included: samples a second of the presets, the share of time outside ONNX Runtime, peak memory.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { BenchOptions, BenchTable } from "./run.ts";
import type { TrainCase, TrainCaseResult } from "./train-case.ts";
import { featureCount } from "./train-case.ts";

const graph = true;
const cases: readonly TrainCase[] = [
  { preset: "small", stocks: 512, days: 8, graph: false, threads: 1, repeats: 4 },
  { preset: "small", stocks: 512, days: 8, graph, threads: 1, repeats: 4 },
  { preset: "small", stocks: 512, days: 8, graph, threads: 2, repeats: 4 },
  { preset: "small", stocks: 1000, days: 8, graph, threads: 2, repeats: 3 },
  { preset: "small", stocks: 512, days: 1, graph, threads: 1, repeats: 4 },
  { preset: "standard", stocks: 64, days: 8, graph, threads: 1, repeats: 3 },
  { preset: "standard", stocks: 64, days: 8, graph, threads: 2, repeats: 3 },
];

const quickCases: readonly TrainCase[] = [
  { preset: "smoke", stocks: 32, days: 8, graph, threads: 1, repeats: 2 },
];

export async function run({ quick }: BenchOptions): Promise<BenchTable> {
  const rows: (string | number)[][] = [];
  for (const each of quick ? quickCases : cases) rows.push(rowOf(each, await measured(each)));
  return {
    title: `training, ${featureCount} features, batches of whole days`,
    columns: [
      "preset",
      "stocks",
      "days",
      "graph",
      "threads",
      "best s",
      "samples/s",
      "samples/s of CPU",
      "outside",
      "peak MiB",
    ],
    rows,
    notes: [
      "outside: share of an update spent outside ONNX Runtime (target under 10 %)",
      "samples/s of CPU: by processor time of all threads; with one thread, what an idle machine gives",
    ],
  };
}

async function measured(given: TrainCase): Promise<TrainCaseResult> {
  const script = fileURLToPath(new URL("train-case.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify(given)]);
  return JSON.parse(stdout);
}

function rowOf(
  { preset, stocks, days, graph: isWithGraph, threads }: TrainCase,
  { wallMs, processorMs, outside, peakMiB }: TrainCaseResult,
): (string | number)[] {
  const speed = (ms: number): number => Math.round((stocks * days * 1000) / ms);
  return [
    preset,
    stocks,
    days,
    isWithGraph ? "yes" : "no",
    threads,
    (wallMs / 1000).toFixed(2),
    speed(wallMs),
    speed(processorMs),
    `${(100 * outside).toFixed(1)} %`,
    Math.round(peakMiB),
  ];
}
