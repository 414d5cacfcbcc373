// The evaluation and the comparison of runs as tables for a terminal.

import Table from "cli-table3";
import type { RunComparison } from "../compare.ts";
import type { Evaluation } from "../evaluate.ts";
import { withInterval } from "./with-interval.ts";

/** One row a horizon: the figures of the report's summary. */
export function evaluationText({ horizons, costBps }: Evaluation): string {
  const head = ["horizon", "RankIC (95 %)", "t", "ICIR", `net spread bp (95 %), cost ${costBps}`];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const { horizon, rankIc, netSpread } of horizons) {
    table.push([
      `${horizon} d`,
      withInterval(rankIc),
      rankIc.tStat?.toFixed(2) ?? "–",
      rankIc.icir?.toFixed(3) ?? "–",
      withInterval(netSpread, 1, 10_000),
    ]);
  }
  const warnings = horizons
    .filter(({ implausible }) => implausible)
    .map(({ horizon }) => `RankIC at ${horizon} d is above 0.15: suspect a leak`);
  return [table.toString(), ...warnings].join("\n");
}

/** One row a horizon: both means, their difference and the Diebold-Mariano test. */
export function comparisonText(comparisons: readonly RunComparison[]): string {
  const head = ["horizon", "left", "right", "difference (95 %)", "DM", "p", "sessions"];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const { horizon, left, right, difference, dieboldMariano, sessions } of comparisons) {
    table.push([
      `${horizon} d`,
      left?.toFixed(4) ?? "–",
      right?.toFixed(4) ?? "–",
      withInterval(difference),
      dieboldMariano.statistic?.toFixed(2) ?? "–",
      dieboldMariano.pValue?.toFixed(4) ?? "–",
      String(sessions),
    ]);
  }
  return table.toString();
}
