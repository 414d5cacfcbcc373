// Training end to end, data path included: samples a second of the presets, the share of time outside ONNX Runtime, peak memory.
// With a Python that has PyTorch, the same update there: TORCH_PYTHON=/path/to/python npm run bench -- train

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
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
  for (const each of quick ? quickCases : cases) {
    const found = await measured(each);
    rows.push(rowOf(each, found));
    const twin = quick ? undefined : await torchTwin(each);
    if (twin !== undefined) rows.push(twinRow(each, found, twin));
  }
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
      "PyTorch: how many times our processor time it takes; target: at least 1",
    ],
  };
}

async function measured(given: TrainCase): Promise<TrainCaseResult> {
  const script = fileURLToPath(new URL("train-case.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify(given)]);
  return JSON.parse(stdout);
}

const twinResult = z.object({
  wallMs: z.number(),
  processorMs: z.number(),
  peakMiB: z.number(),
  version: z.string(),
});

/** The same batch in PyTorch, for the case that bench/train_torch.py knows; undefined without TORCH_PYTHON. */
async function torchTwin(given: TrainCase): Promise<z.infer<typeof twinResult> | undefined> {
  const python = process.env["TORCH_PYTHON"];
  const isKnown = given.preset === "small" && given.graph && given.days === 8;
  if (python === undefined || !isKnown) return undefined;
  const script = fileURLToPath(new URL("train_torch.py", import.meta.url));
  const sizes = [given.stocks, given.threads, given.repeats].map(String);
  const { stdout } = await promisify(execFile)(python, [script, ...sizes]);
  return twinResult.parse(JSON.parse(stdout));
}

function twinRow(
  { stocks, days, threads }: TrainCase,
  ours: TrainCaseResult,
  { wallMs, processorMs, peakMiB, version }: z.infer<typeof twinResult>,
): (string | number)[] {
  const speed = (ms: number): number => Math.round((stocks * days * 1000) / ms);
  const times = `× ${(processorMs / ours.processorMs).toFixed(2)}`;
  return [
    `PyTorch ${version}`,
    stocks,
    days,
    "yes",
    threads,
    (wallMs / 1000).toFixed(2),
    speed(wallMs),
    speed(processorMs),
    times,
    Math.round(peakMiB),
  ];
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
