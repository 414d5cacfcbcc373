// A leak audit as evidence for the registry's gates. Columns without a value in the lake are left out: nothing was proved of them.

import type { Clock } from "../clock.ts";
import { type AuditReport, codeVersion } from "../dataset/index.ts";
import { defaultRegistry, selectFeatures } from "../features/index.ts";
import { type Evidence, writeEvidence } from "../registry/index.ts";

/** Writes what an audit of `selection` found, leak or none, under `<home>/evidence`. */
export async function recordAudit(
  home: string,
  { selection, report }: { readonly selection: string; readonly report: AuditReport },
  clock: Clock,
): Promise<Evidence> {
  const { cellsCompared, cuts, unseen, leaks } = report;
  const [first] = leaks;
  const unproved = new Set(unseen);
  const cells = `${cellsCompared} cells compared after cuts at ${cuts.join(", ")}`;
  return writeEvidence(home, {
    kind: "audit",
    pipeline: "features",
    codeVersion,
    features: selectFeatures(defaultRegistry(), selection).filter((name) => !unproved.has(name)),
    passed: first === undefined,
    detail: `${first === undefined ? "no leak" : `${leaks.length} leaks, first ${first.feature} of ${first.code} on ${first.date}`}, ${cells}`,
    run: "",
    at: Temporal.Instant.fromEpochMilliseconds(clock.nowMs()).toString(),
  });
}
