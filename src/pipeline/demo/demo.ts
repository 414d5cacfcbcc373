// The whole way on a small simulated market: simulate, ingest, build, audit, train, judge against the oracle, predict, report.
// Every step finds what an earlier run of the same demo finished, so a killed demo goes on where it stopped.

import { epochDay, jpxCalendar } from "../../calendar/index.ts";
import {
  auditFeatures,
  type AuditReport,
  buildDataset,
  type Dataset,
  openDataset,
} from "../../dataset/index.ts";
import { LeakageError, PipelineError } from "../../errors.ts";
import { evaluateRun, type EvaluatedRun, publishReport } from "../../evaluate/index.ts";
import type { Clock } from "../../clock.ts";
import type { Config } from "../../config.ts";
import { noProgress, type OnProgress } from "../../progress.ts";
import { createRng } from "../../rng.ts";
import {
  readChecks,
  readPredictions,
  type RunCheck,
  runFolder,
  writeChecks,
} from "../../runs/index.ts";
import type { Market, MarketConfig } from "../../simulator/market/index.ts";
import { explanationSections, trainRun } from "../../train/index.ts";
import { recordAudit } from "../audit-evidence.ts";
import { runBaseline } from "../baseline/index.ts";
import {
  type DayForecast,
  forecastSession,
  publishForecast,
  strongest,
} from "../forecast/index.ts";
import { latestDataset } from "../latest-dataset.ts";
import { type OracleScore, oracleScores } from "../oracle-score.ts";
import { ensembleRuns } from "../rank-ensemble.ts";
import { simulatedLake } from "../simulated-lake.ts";
import {
  comparisonSection,
  type DemoRun,
  forecastSection,
  oracleSection,
  storySection,
} from "./demo-report.ts";

export interface DemoOptions {
  readonly home: string;
  /** Seed, market, network and training. */
  readonly config: Config;
  /** Path of LightGBM's native library. */
  readonly library: string;
  readonly clock: Clock;
  readonly selection?: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress;
}

export interface DemoResult {
  readonly dataset: string;
  /** LightGBM, network, ensemble. */
  readonly runs: readonly DemoRun[];
  readonly forecast: DayForecast;
  /** Path of the HTML page. */
  readonly report: string;
}

/** Sessions of prices that features need before the first row of the dataset. */
const warmUpSessions = 260;

/** Prices, market, peers, flows and statements: what the planted signals can be seen in, at a size for a first look. */
const defaultSelection =
  "core62,beta_60d,ret_prev_1d_vs_sec,ret_prev_5d_vs_sec,peer_ret_1d,peer_ret_5d,ret_vs_peers_1d,ret_vs_peers_5d," +
  "flow_foreign_net_ratio,flow_foreign_net_z,stmt_yoy_op,stmt_progress_op,stmt_rev_fore_op,stmt_days_since_statement,e_days_since";

/** What these features read. */
const endpoints = [
  "/markets/calendar",
  "/equities/master",
  "/equities/bars/daily",
  "/equities/investor-types",
  "/fins/summary",
  "/fins/earnings-date",
  "/indices/bars/daily/topix",
] as const;

/**
 * Runs the demo. Throws LeakageError when the audit finds a feature that reads the future, and the signal's reason when it
 * was aborted: the same call goes on.
 */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { home, signal, config, onProgress = noProgress } = options;
  const market: MarketConfig = { ...config.simulate, seed: config.seed };
  const simulated = await simulatedLake({ home, market, endpoints, signal, onProgress });
  const dataset = await demoDataset(options, simulated.lake);
  signal?.throwIfAborted();
  const audit = await audited(options, simulated.lake);
  signal?.throwIfAborted();
  const boosted = await trainTrees(options, dataset);
  const network = await trainNetwork(options, dataset);
  for (const id of [boosted.manifest.id, network.run]) await addCheck(home, id, checkOf(audit));
  const ensemble = await ensembleRuns(home, [boosted.manifest.id, network.run]);
  const evaluated = [
    boosted,
    await evaluateRun(home, network.run),
    await evaluateRun(home, ensemble.id),
  ];
  const runs = evaluated.map((run): DemoRun => ({
    evaluated: run,
    oracle: scoreAgainst(simulated.market, run),
  }));
  const made = await forecastSession({ home, dataset, model: network.model, onProgress });
  await publishForecast(home, made, dataset.manifest.synthetic);
  const forecast = strongest(made);
  const opening = [
    storySection({ dataset: dataset.manifest, audit, runs }),
    comparisonSection(runs),
    oracleSection(runs[runs.length - 1].oracle, market),
  ];
  const looked = explanationSections(runFolder(home, network.run));
  const closing = [forecastSection(forecast), ...looked];
  const report = await publishReport(home, evaluated[evaluated.length - 1], closing, opening);
  return { dataset: dataset.id, runs, forecast, report };
}

/** LightGBM, judged where it was trained. */
async function trainTrees(options: DemoOptions, dataset: Dataset): Promise<EvaluatedRun> {
  const { home, config, library, signal, onProgress = noProgress } = options;
  const { run, evaluation } = await runBaseline({
    home,
    dataset,
    library,
    nSplits: config.train.folds.nSplits,
    seed: config.seed,
    horizons: config.model.horizons,
    onProgress,
    signal,
  });
  return { manifest: run, evaluation, predictions: await readPredictions(runFolder(home, run.id)) };
}

async function trainNetwork(
  options: DemoOptions,
  dataset: Dataset,
): Promise<{ readonly run: string; readonly model: string }> {
  const { home, config, clock, signal, onProgress = noProgress } = options;
  const { run, model } = await trainRun({
    home,
    dataset,
    config,
    clock,
    onProgress,
    ...(signal && { signal }),
  });
  if (model !== undefined) return { run, model };
  signal?.throwIfAborted();
  throw new PipelineError(`demo: ${run} ended without a model; run the demo again`);
}

type Lake = Awaited<ReturnType<typeof simulatedLake>>["lake"];

/** Builds the dataset, unless the lake and the columns are those of the latest one. */
async function demoDataset(options: DemoOptions, lake: Lake): Promise<Dataset> {
  const { home, config, selection = defaultSelection, onProgress = noProgress } = options;
  const { from, to: until } = config.simulate;
  const first = jpxCalendar().add(jpxCalendar().onOrAfter(epochDay(from)), warmUpSessions);
  const to = jpxCalendar().onOrBefore(epochDay(until));
  const known = latestDataset(home, lake, { selection, from: first, to });
  if (known !== undefined) return known;
  // In a small market a sector may have too few stocks for its columns.
  const { manifest } = await buildDataset(lake, {
    from: first,
    to,
    selection,
    allowEmpty: true,
    onProgress,
  });
  return openDataset(home, manifest.id);
}

async function audited(options: DemoOptions, lake: Lake): Promise<AuditReport> {
  const { home, selection = defaultSelection, config, clock, onProgress = noProgress } = options;
  const { seed } = config;
  const report = await auditFeatures(lake, { selection, seed, cuts: 1, codes: 40, onProgress });
  await recordAudit(home, { selection, report }, clock);
  const [leak] = report.leaks;
  if (leak !== undefined) {
    throw new LeakageError(
      `demo: ${leak.feature} of ${leak.code} on ${leak.date} changed when records after ${leak.cut} did; ` +
        "run `gogooku3 dataset audit` for every cell",
    );
  }
  return report;
}

function checkOf({ features, cellsCompared, cuts }: AuditReport): RunCheck {
  return {
    name: "no feature reads the future",
    passed: true,
    detail: `${features} features, ${cellsCompared} cells bit-identical after truncation and perturbation at ${cuts.join(", ")}`,
  };
}

async function addCheck(home: string, run: string, check: RunCheck): Promise<void> {
  const folder = runFolder(home, run);
  const others = readChecks(folder).filter(({ name }) => name !== check.name);
  await writeChecks(folder, [...others, check]);
}

/** Beside the oracle stands the run's own RankIC, with the interval that its evaluation gave. */
function scoreAgainst(market: Market, run: EvaluatedRun): OracleScore[] {
  const { predictions, manifest, evaluation } = run;
  return oracleScores(predictions, market, createRng(`oracle ${manifest.id}`)).map((score) => {
    const own = evaluation.horizons.find(({ horizon }) => horizon === score.horizon);
    return { ...score, model: own?.rankIc ?? score.model };
  });
}
