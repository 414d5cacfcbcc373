// Records joined to sessions as of each session.

import type { EventFeature } from "./feature.ts";

type Join = Pick<EventFeature, "join" | "maxAge">;

/** Joins records to sessions as of each session, by the feature's join and maximum age. */
export function joinRecords(
  feature: Join,
  recordSessions: Int32Array,
  values: Float64Array,
  sessions: Int32Array,
  out: Float64Array,
): void {
  const known = new Int32Array(sessions.length);
  lastKnown(recordSessions, sessions, sessions.length, known);
  joinKnown(feature, recordSessions, values, known, sessions, out);
}

/** For each of the first `count` sessions the last record that it may use, -1 before the first. */
export function lastKnown(
  recordSessions: Int32Array,
  sessions: Int32Array,
  count: number,
  out: Int32Array,
): void {
  let next = 0;
  for (let i = 0; i < count; i += 1) {
    while (next < recordSessions.length && recordSessions[next] <= sessions[i]) next += 1;
    out[i] = next - 1;
  }
}

/** As `joinRecords`, with what `lastKnown` found. */
export function joinKnown(
  { join, maxAge }: Join,
  recordSessions: Int32Array,
  values: Float64Array,
  known: Int32Array,
  sessions: Int32Array,
  out: Float64Array,
): void {
  const count = out.length;
  if (join === "impulse") {
    for (let i = 0; i < count; i += 1) out[i] = known[i] > (i === 0 ? -1 : known[i - 1]) ? 1 : 0;
    return;
  }
  const isAge = join === "since";
  for (let i = 0; i < count; i += 1) {
    const record = known[i];
    const age = record < 0 ? Infinity : sessions[i] - recordSessions[record];
    if (age > maxAge) out[i] = Number.NaN;
    else out[i] = isAge ? age : values[record];
  }
}
