// Controls: runs whose answer is known. Shuffled labels and a null market must show nothing, a planted signal must be found.

import { LeakageError } from "../errors.ts";
import { evaluatePredictions, type MeanSummary } from "../evaluate/index.ts";
import { createRng } from "../rng.ts";
import { type Predictions, readPredictions, runFolder } from "../runs/index.ts";
import type { Market } from "../simulator/market/index.ts";
import { oraclePanel } from "../simulator/oracle-file.ts";
import { type BaselineOptions, type BaselineResult, runBaseline } from "./baseline/index.ts";

export type ControlKind = "shuffled" | "null" | "planted";

/** The share of the oracle's RankIC that the planted control must recover at one day. */
export const leastRecovered = 0.6;

export interface ControlHorizon {
  readonly horizon: number;
  readonly rankIc: MeanSummary;
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
  const baseline = await runBaseline({ ...options, shuffleLabels: kind === "shuffled" });
  const oracle =
    kind === "planted" && market !== undefined
      ? await oracleRankIc(options.home, baseline, market)
      : new Map<number, MeanSummary>();
  const horizons = baseline.evaluation.horizons.map(({ horizon, rankIc }) =>
    judge(kind, horizon, rankIc, oracle.get(horizon) ?? null),
  );
  return { kind, baseline, horizons, passed: horizons.every(({ passed }) => passed) };
}

/** Throws LeakageError that names the control and the horizon when it failed. */
export function requirePassed({ kind, horizons }: ControlResult): void {
  const failed = horizons.find(({ passed }) => !passed);
  if (failed === undefined) return;
  const { horizon, rankIc, recovered } = failed;
  const found = `RankIC ${rankIc.mean?.toFixed(4) ?? "undefined"} (${rankIc.interval?.map((end) => end.toFixed(4)).join(" to ") ?? "no interval"}) at ${horizon} d`;
  const fault =
    kind === "planted"
      ? `expected at least ${leastRecovered} of the oracle's RankIC at 1 d, found ${recovered?.toFixed(2) ?? "none"}: ${found}`
      : `expected an interval that covers 0, found ${found}: the pipeline sees labels it should not`;
  throw new LeakageError(`control ${kind}: ${fault}`);
}

function judge(
  kind: ControlKind,
  horizon: number,
  rankIc: MeanSummary,
  oracle: MeanSummary | null,
): ControlHorizon {
  if (kind !== "planted") {
    const passed = rankIc.interval !== null && rankIc.interval[0] <= 0 && rankIc.interval[1] >= 0;
    return { horizon, rankIc, oracle: null, recovered: null, passed };
  }
  const recovered =
    oracle?.mean === null || oracle?.mean === undefined || rankIc.mean === null
      ? null
      : rankIc.mean / oracle.mean;
  const passed = horizon !== 1 || (recovered !== null && recovered >= leastRecovered);
  return { horizon, rankIc, oracle, recovered, passed };
}

/** The oracle's expectations scored on the run's own rows and labels. */
async function oracleRankIc(
  home: string,
  { run, evaluation }: BaselineResult,
  market: Market,
): Promise<Map<number, MeanSummary>> {
  const predictions = await readPredictions(runFolder(home, run.id));
  const panel = oraclePanel(market);
  const rows = rowsIn(predictions, panel);
  const horizons = predictions.horizons
    .filter(({ horizon }) => panel.hasColumn(`expected_${horizon}d`))
    .map((entry) => {
      const expected = panel.column(`expected_${entry.horizon}d`);
      const score = Float64Array.from(rows, (cell) => (cell < 0 ? Number.NaN : expected[cell]));
      return { ...entry, score, quantiles: [] };
    });
  const { horizons: judged } = evaluatePredictions(
    { ...predictions, horizons, quantileLevels: [] },
    { rng: createRng(run.id), costBps: evaluation.costBps },
  );
  return new Map(judged.map(({ horizon, rankIc }) => [horizon, rankIc]));
}

interface Cells {
  readonly dates: Int32Array;
  codeIndex(code: string): number;
  dateIndex(date: number): number;
}

/** Cell of each row in a panel, -1 outside it. */
function rowsIn({ dates, codes, codeNames }: Predictions, panel: Cells): Int32Array {
  const codeOf = codeNames.map((code) => panel.codeIndex(code));
  return dates.map((day, row) => {
    const code = codeOf[codes[row]];
    const date = panel.dateIndex(day);
    return code < 0 || date < 0 ? -1 : code * panel.dates.length + date;
  });
}
