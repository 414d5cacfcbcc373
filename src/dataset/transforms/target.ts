// Targets: a label as a model should learn it, from rows of one role only.

import { normalQuantile, quantiles, rank, zscore } from "../../stats/index.ts";
import type { TestRows, TrainRows, ValidationRows } from "../splits/index.ts";

/** As it is, z-scored, ranked into (−1/2, 1/2), or ranked onto a normal distribution: within the session. */
export type TargetKind = "raw" | "z" | "rank" | "gaussian";

/**
 * The target of each of the given rows, in their order; only these rows are compared with each other.
 * @param label (all rows of the dataset) NaN where unknown
 * @returns (rows.length) NaN where the label is unknown, or the session does not vary
 */
export function target(
  label: Float32Array | Float64Array,
  rows: TrainRows | ValidationRows | TestRows,
  kind: TargetKind,
): Float64Array {
  const out = Float64Array.from(rows.indices, (row) => label[row]);
  if (kind === "raw") return out;
  const { sessions } = rows.source;
  let start = 0;
  for (let i = 1; i <= out.length; i += 1) {
    if (i < out.length && sessions[rows.indices[i]] === sessions[rows.indices[start]]) continue;
    scaleSession(out.subarray(start, i), kind);
    start = i;
  }
  return out;
}

export interface TargetBounds {
  readonly low: number;
  readonly high: number;
}

/** Bounds for the training target: the linear quantiles `lower` and `upper` of the known labels of the training rows. */
export function targetBounds(
  label: Float32Array | Float64Array,
  train: TrainRows,
  { lower = 0.005, upper = 0.995 }: { readonly lower?: number; readonly upper?: number } = {},
): TargetBounds {
  const known = Float64Array.from(train.indices, (row) => label[row]).filter(Number.isFinite);
  const [low, high] = quantiles(known, [lower, upper]);
  return { low, high };
}

function scaleSession(session: Float64Array, kind: "z" | "rank" | "gaussian"): void {
  if (kind === "z") {
    zscore(session, session);
    return;
  }
  const known = session.reduce((count, value) => count + Number(!Number.isNaN(value)), 0);
  rank(session, session);
  for (let i = 0; i < session.length; i += 1) {
    const share = (session[i] - 0.5) / known;
    session[i] = kind === "rank" ? share - 0.5 : normalQuantile(share);
  }
}
