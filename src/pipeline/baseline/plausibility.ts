// The gate behind all others: a result too good for daily equities is a leak until somebody has shown that it is none.

import { LeakageError } from "../../errors.ts";
import { type Evaluation, plausibilityCeiling } from "../../evaluate/index.ts";
import { readChecks, type RunCheck, runFolder, writeChecks } from "../../runs/index.ts";

const name = "plausibility gate";

/** Writes the gate's verdict beside the run's other checks. */
export async function recordPlausibility(
  home: string,
  run: string,
  evaluation: Evaluation,
): Promise<void> {
  const folder = runFolder(home, run);
  const others = readChecks(folder).filter((check) => check.name !== name);
  await writeChecks(folder, [...others, plausibilityCheck(evaluation)]);
}

/** Throws LeakageError when the mean RankIC of a horizon is beyond ± 0.15. `report` is named as the place to look. */
export function requirePlausible(run: string, evaluation: Evaluation, report: string): void {
  const { passed, detail } = plausibilityCheck(evaluation);
  if (passed) return;
  throw new LeakageError(
    `${name}: suspected leak in ${run}: ${detail}; see the importances in ${report}, leave the leaking columns out with ` +
      "--features, or hand the result out with --accept-implausible",
  );
}

function plausibilityCheck({ horizons }: Evaluation): RunCheck {
  const beyond = horizons.filter(({ implausible }) => implausible);
  const found = beyond.map(({ horizon, rankIc }) => `${rankIc.mean?.toFixed(3)} at ${horizon} d`);
  return {
    name,
    passed: beyond.length === 0,
    detail:
      beyond.length === 0
        ? `no horizon has a mean RankIC beyond ${plausibilityCeiling}`
        : `expected a mean RankIC within ${plausibilityCeiling}, found ${found.join(", ")}`,
  };
}
