// The whole way on a small simulated market: simulate, ingest, build, audit, train, judge against the oracle, report.
// Every step finds what an earlier run of the same demo finished, so a killed demo goes on where it stopped.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { epochDay, isoDate, jpxCalendar } from "../../calendar/index.ts";
import { auditFeatures, buildDataset, type Dataset, openDataset } from "../../dataset/index.ts";
import { LeakageError } from "../../errors.ts";
import { evaluateRun, type EvaluatedRun, publishReport } from "../../evaluate/index.ts";
import { noProgress, type OnProgress } from "../../progress.ts";
import { createRng } from "../../rng.ts";
import { writeChecks, readChecks, runFolder, type RunCheck } from "../../runs/index.ts";
import type { Market, MarketConfig } from "../../simulator/market/index.ts";
import { runBaseline } from "../baseline/index.ts";
import { type OracleScore, oracleScores } from "../oracle-score.ts";
import { simulatedLake } from "../simulated-lake.ts";
import { oracleSection } from "./demo-report.ts";

export interface DemoOptions {
  readonly home: string;
  readonly market: MarketConfig;
  /** Path of LightGBM's native library. */
  readonly library: string;
  readonly selection?: string;
  readonly nSplits?: number;
  readonly seed?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress;
}

export interface DemoResult {
  readonly dataset: string;
  readonly run: string;
  readonly evaluated: EvaluatedRun;
  readonly oracle: readonly OracleScore[];
  /** Path of the HTML page. */
  readonly report: string;
}

/** Sessions of prices that features need before the first row of the dataset. */
const warmUpSessions = 260;

/** What the features of the `standard` set read. */
const endpoints = [
  "/markets/calendar",
  "/equities/master",
  "/equities/bars/daily",
  "/equities/investor-types",
  "/fins/summary",
  "/fins/earnings-date",
  "/indices/bars/daily",
  "/indices/bars/daily/topix",
  "/markets/margin-interest",
  "/markets/short-ratio",
  "/markets/short-sale-report",
  "/derivatives/bars/daily/options/225",
] as const;

/** Runs the demo. Throws LeakageError when the audit finds a feature that reads the future. */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { home, onProgress = noProgress, signal } = options;
  const { lake, market } = await simulatedLake({ ...options, endpoints });
  const dataset = await demoDataset(options, lake);
  signal?.throwIfAborted();
  const audit = await auditCheck(options, lake);
  signal?.throwIfAborted();
  const { run } = await runBaseline({
    home,
    dataset,
    library: options.library,
    nSplits: options.nSplits ?? 3,
    seed: options.seed ?? 7,
    onProgress,
    signal,
  });
  await addCheck(home, run.id, audit);
  const evaluated = await evaluateRun(home, run.id);
  const oracle = scoreAgainst(market, evaluated);
  const report = await publishReport(home, evaluated, [oracleSection(oracle, options.market)]);
  return { dataset: dataset.id, run: run.id, evaluated, oracle, report };
}

type Lake = Awaited<ReturnType<typeof simulatedLake>>["lake"];

/** Builds the dataset, unless the lake and the columns are those of the latest one. */
async function demoDataset(options: DemoOptions, lake: Lake): Promise<Dataset> {
  const { home, market, selection = "standard", onProgress = noProgress } = options;
  const first = jpxCalendar().add(jpxCalendar().onOrAfter(epochDay(market.from)), warmUpSessions);
  if (existsSync(join(home, "datasets", "latest"))) {
    const { id, manifest } = openDataset(home);
    const isSame = manifest.lakeHash === lake.hash() && manifest.selection === selection;
    if (isSame && manifest.from === isoDate(first)) return openDataset(home, id);
  }
  const to = jpxCalendar().onOrBefore(epochDay(market.to));
  const { manifest } = await buildDataset(lake, { from: first, to, selection, onProgress });
  return openDataset(home, manifest.id);
}

async function auditCheck(options: DemoOptions, lake: Lake): Promise<RunCheck> {
  const { selection = "standard", seed = 7, onProgress = noProgress } = options;
  const report = await auditFeatures(lake, { selection, seed, cuts: 1, codes: 40, onProgress });
  const [leak] = report.leaks;
  if (leak !== undefined) {
    throw new LeakageError(
      `demo: ${leak.feature} of ${leak.code} on ${leak.date} changed when records after ${leak.cut} did; ` +
        "run `gogooku3 dataset audit` for every cell",
    );
  }
  return {
    name: "no feature reads the future",
    passed: true,
    detail: `${report.features} features, ${report.cellsCompared} cells bit-identical after truncation and perturbation at ${report.cuts.join(", ")}`,
  };
}

async function addCheck(home: string, run: string, check: RunCheck): Promise<void> {
  const folder = runFolder(home, run);
  const others = readChecks(folder).filter(({ name }) => name !== check.name);
  await writeChecks(folder, [...others, check]);
}

function scoreAgainst(market: Market, { predictions, manifest }: EvaluatedRun): OracleScore[] {
  return oracleScores(predictions, market, createRng(`oracle ${manifest.id}`));
}
