// A control's result as evidence for the registry's gates.

import type { Clock } from "../clock.ts";
import { codeVersion } from "../dataset/index.ts";
import { withInterval } from "../evaluate/index.ts";
import { type Evidence, writeEvidence } from "../registry/index.ts";
import type { RunManifest } from "../runs/index.ts";
import type { ControlHorizon, ControlKind } from "./controls.ts";

export interface RecordedControl {
  readonly kind: ControlKind;
  /** The run that the control made: its kind and features are what the evidence speaks for. */
  readonly run: RunManifest;
  readonly horizons: readonly ControlHorizon[];
  readonly passed: boolean;
}

/** Writes what a control found, passed or not, under `<home>/evidence`. */
export async function recordControl(
  home: string,
  { kind, run, horizons, passed }: RecordedControl,
  clock: Clock,
): Promise<Evidence> {
  const figures = horizons.map(({ horizon, rankIc }) => `${horizon} d: ${withInterval(rankIc)}`);
  return writeEvidence(home, {
    kind,
    pipeline: run.kind,
    codeVersion,
    features: run.features,
    passed,
    detail: `${passed ? "passed" : "failed"}, RankIC ${figures.join("; ")}`,
    run: run.id,
    at: Temporal.Instant.fromEpochMilliseconds(clock.nowMs()).toString(),
  });
}
