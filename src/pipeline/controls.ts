// Controls: runs whose answer is known. Shuffled labels and a null market must show nothing, a planted signal must be found.

import { LeakageError } from "../errors.ts";
import type { DailyIc, MeanSummary } from "../evaluate/index.ts";
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
  /** What must cover 0: under null the interval of rankIc, widened for the number of horizons; under shuffled the exact one. */
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
  const horizons = baseline.evaluation.horizons.map(({ horizon, rankIc, daily }) => {
    if (kind !== "planted") {
      const judged =
        kind === "shuffled" ? shuffledInterval(daily.ic, count) : widened(rankIc, count);
      const passed = holdsZero(judged);
      return { horizon, rankIc, judged, oracle: null, recovered: null, passed };
    }
    const score = scores.find((entry) => entry.horizon === horizon);
    const recovered = score?.shareRecovered ?? null;
    const passed = foundSignal(horizon, recovered);
    return { horizon, rankIc, oracle: score?.oracle ?? null, recovered, passed };
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
export function foundSignal(horizon: number, recovered: number | null): boolean {
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
  const factor = deviations(horizons) / normalQuantile(1 - (1 - level) / 2);
  const [low, high] = interval;
  return [mean + (low - mean) * factor, mean + (high - mean) * factor];
}

/**
 * The mean daily RankIC within what shuffling allows: labels in any order within their session give each session of n stocks a
 * RankIC of mean 0 and variance 1 / (n − 1) exactly, independent of all others (Kendall 1948), so nothing need be estimated.
 */
export function shuffledInterval(
  { rankIc, count }: Pick<DailyIc, "rankIc" | "count">,
  horizons: number,
): readonly [number, number] | undefined {
  let sum = 0;
  let variance = 0;
  let sessions = 0;
  for (let day = 0; day < rankIc.length; day += 1) {
    if (!Number.isFinite(rankIc[day])) continue;
    sum += rankIc[day];
    variance += 1 / (count[day] - 1);
    sessions += 1;
  }
  if (sessions === 0) return undefined;
  const reach = (deviations(horizons) * Math.sqrt(variance)) / sessions;
  return [sum / sessions - reach, sum / sessions + reach];
}

/** Standard deviations within which all horizons of 99 in 100 honest runs lie (Bonferroni). */
function deviations(horizons: number): number {
  return normalQuantile(1 - (1 - honestRuns) / 2 / horizons);
}

/** What must cover 0 where nothing can be found, and whether it does: RankIC's interval, widened for the number of horizons. */
export function judgedByZero(
  rankIc: MeanSummary,
  horizons: number,
): Pick<ControlHorizon, "judged" | "passed"> {
  const judged = widened(rankIc, horizons);
  return { judged, passed: holdsZero(judged) };
}

function holdsZero(interval: readonly [number, number] | undefined): boolean {
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
