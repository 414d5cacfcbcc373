// Controls: runs whose answer is known. Shuffled labels and a null market must show nothing, a planted signal must be found.

import { LeakageError } from "../errors.ts";
import type { MeanSummary } from "../evaluate/index.ts";
import { createRng } from "../rng.ts";
import { readPredictions, runFolder } from "../runs/index.ts";
import { normalQuantile } from "../stats/index.ts";
import type { Market } from "../simulator/market/index.ts";
import { type BaselineOptions, type BaselineResult, runBaseline } from "./baseline/index.ts";
import { oracleScores, type OracleScore } from "./oracle-score.ts";

export type ControlKind = "shuffled" | "null" | "planted";

/** The share of the oracle's RankIC that the planted control must recover at one day. */
export const leastRecovered = 0.6;

export interface ControlHorizon {
  readonly horizon: number;
  readonly rankIc: MeanSummary;
  /** What must cover 0 under shuffled and null: the interval of rankIc, widened for the number of horizons. */
  readonly judged?: readonly [number, number] | undefined;
  /** RankIC of the all-knowing forecaster on the same rows; null but for planted. */
  readonly oracle: MeanSummary | null;
  /** rankIc / oracle; null where there is no oracle. */
  readonly recovered: number | null;
  readonly passed: boolean;
}

export interface ControlResult {
  readonly kind: ControlKind;
  readonly baseline: BaselineResult;
  readonly horizons: readonly ControlHorizon[];
  readonly passed: boolean;
}

/** Runs the pipeline as a control. `market` is the one that the dataset was made from; planted needs it. */
export async function runControl(
  kind: ControlKind,
  options: BaselineOptions,
  market?: Market,
): Promise<ControlResult> {
  const baseline = await runBaseline({
    ...options,
    shuffleLabels: kind === "shuffled",
    // The control judges the result itself, implausible ones too.
    acceptImplausible: true,
  });
  const scores =
    kind === "planted" && market !== undefined
      ? await againstOracle(options, baseline, market)
      : [];
  const count = baseline.evaluation.horizons.length;
  const horizons = baseline.evaluation.horizons.map(({ horizon, rankIc }) => {
    const score = scores.find((entry) => entry.horizon === horizon);
    const recovered = score?.shareRecovered ?? null;
    const passed = kind === "planted" ? foundSignal(horizon, recovered) : coversZero(rankIc, count);
    const judged = kind === "planted" ? undefined : widened(rankIc, count);
    return { horizon, rankIc, judged, oracle: score?.oracle ?? null, recovered, passed };
  });
  return { kind, baseline, horizons, passed: horizons.every(({ passed }) => passed) };
}

/** Throws LeakageError that names the control and the horizon when it failed. */
export function requirePassed({ kind, horizons }: Pick<ControlResult, "kind" | "horizons">): void {
  const failed = horizons.find(({ passed }) => !passed);
  if (failed === undefined) return;
  const { horizon, rankIc, recovered } = failed;
  const interval = failed.judged ?? rankIc.interval;
  const found = `RankIC ${rankIc.mean?.toFixed(4) ?? "undefined"} (${interval?.map((end) => end.toFixed(4)).join(" to ") ?? "no interval"}) at ${horizon} d`;
  const fault =
    kind === "planted"
      ? `expected at least ${leastRecovered} of the oracle's RankIC at 1 d, found ${recovered?.toFixed(2) ?? "none"}: ${found}`
      : `expected an interval that covers 0, found ${found}: the pipeline sees labels it should not`;
  throw new LeakageError(`control ${kind}: ${fault}`);
}

/** The planted control is judged at one session; the other horizons are shown. */
function foundSignal(horizon: number, recovered: number | null): boolean {
  return horizon !== 1 || (recovered !== null && recovered >= leastRecovered);
}

/**
 * Honest runs whose horizons all cover 0. A leak moves the RankIC by many standard errors, so little is lost by a wide interval,
 * and a control that fails one honest run in twenty would not be believed.
 */
const honestRuns = 0.99;

/** The interval widened so that those of all horizons cover 0 together in 99 of 100 honest runs (Bonferroni). */
function widened(
  { mean, interval, level }: MeanSummary,
  horizons: number,
): readonly [number, number] | undefined {
  if (interval === null || mean === null) return undefined;
  const factor =
    normalQuantile(1 - (1 - honestRuns) / 2 / horizons) / normalQuantile(1 - (1 - level) / 2);
  const [low, high] = interval;
  return [mean + (low - mean) * factor, mean + (high - mean) * factor];
}

/** Whether the widened interval covers 0. */
export function coversZero(rankIc: MeanSummary, horizons: number): boolean {
  const interval = widened(rankIc, horizons);
  return interval !== undefined && interval[0] <= 0 && interval[1] >= 0;
}

async function againstOracle(
  { home }: BaselineOptions,
  { run }: BaselineResult,
  market: Market,
): Promise<OracleScore[]> {
  const predictions = await readPredictions(runFolder(home, run.id));
  return oracleScores(predictions, market, createRng(run.id));
}
