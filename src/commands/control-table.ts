// The table that every control prints: a row a horizon, and whether it passed.

import Table from "cli-table3";
import { withInterval } from "../evaluate/index.ts";
import type { ControlHorizon, ControlKind } from "../pipeline/controls.ts";
import { compact } from "./compact-table.ts";

export function renderHorizons({
  kind,
  horizons,
  passed,
}: {
  readonly kind: ControlKind;
  readonly horizons: readonly ControlHorizon[];
  readonly passed: boolean;
}): string {
  const found = kind === "planted" ? ["oracle", "recovered"] : ["judged: 99 of 100 cover 0"];
  const table = new Table({
    head: ["horizon", "RankIC (95 %)", ...found, "passed"],
    ...compact,
  });
  for (const { horizon, rankIc, judged, oracle, recovered, passed: isPassed } of horizons) {
    const figures =
      kind === "planted"
        ? [
            oracle === null ? "–" : withInterval(oracle),
            recovered === null ? "–" : `${(100 * recovered).toFixed(0)} %`,
          ]
        : [judged?.map((end) => end.toFixed(4)).join(" to ") ?? "–"];
    table.push([`${horizon} d`, withInterval(rankIc), ...figures, isPassed ? "yes" : "no"]);
  }
  return `${table.toString()}\ncontrol ${kind}: ${passed ? "passed" : "failed"}`;
}
