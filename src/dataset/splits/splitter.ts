// What every splitter is, and how a plan of sessions becomes rows that carry their role in their type.

import { ShapeError } from "../../errors.ts";
import type { SessionFold, SessionRange } from "./fold.ts";
import { requireDisjoint } from "./proof.ts";
import { type LabelledRows, TestRows, TrainRows } from "./rows.ts";

export interface Split {
  readonly fold: number;
  readonly sessions: SessionFold;
  readonly train: TrainRows;
  readonly test: TestRows;
  /** Training rows dropped because their stock missed sessions, so that a label reaches further than its horizon. */
  readonly lateLabels: number;
}

export interface Splitter {
  readonly name: string;
  readonly options: Readonly<Record<string, number | boolean>>;
  /** The folds as sessions. Throws ConfigError when there are too few sessions. */
  plan(sessionCount: number): readonly SessionFold[];
  /** The folds as rows. Throws LeakageError when a training label's real window meets a test row. */
  split(rows: LabelledRows): readonly Split[];
}

/** A splitter from its plan. */
export function splitterOf(
  name: string,
  options: Splitter["options"],
  plan: Splitter["plan"],
): Splitter {
  return {
    name,
    options,
    plan,
    split: (rows) => {
      requireRows(name, rows);
      return plan(rows.dates.length).map((fold) => splitFold(name, fold, rows));
    },
  };
}

function splitFold(name: string, fold: SessionFold, rows: LabelledRows): Split {
  const test = new TestRows(rows, fold.fold, rowsOf(rows, fold.test));
  const candidates = rowsOf(rows, fold.train);
  const kept = withoutLateLabels(rows, fold, candidates, test.indices);
  const train = new TrainRows(rows, fold.fold, kept);
  requireDisjoint(name, train, test);
  const lateLabels = candidates.length - kept.length;
  return { fold: fold.fold, sessions: fold, train, test, lateLabels };
}

/**
 * A label counts its stock's own sessions, so after a suspension it reaches further than the purge. Drops training rows
 * whose label is late in this way and reaches a test, and those of a stock that one of its late test labels spans.
 */
function withoutLateLabels(
  { sessions, codes, labelEnds, horizon }: LabelledRows,
  { test }: SessionFold,
  candidates: Int32Array,
  tested: Int32Array,
): Int32Array {
  const lateUntil = new Map<number, number>();
  for (const row of tested) {
    if (labelEnds[row] <= sessions[row] + horizon) continue;
    lateUntil.set(codes[row], Math.max(lateUntil.get(codes[row]) ?? 0, labelEnds[row]));
  }
  return candidates.filter((row) => {
    const isLate = labelEnds[row] > sessions[row] + horizon;
    return test.every(({ start, end }) => {
      if (sessions[row] < start) return !(isLate && labelEnds[row] >= start);
      return sessions[row] < end || sessions[row] > (lateUntil.get(codes[row]) ?? -1);
    });
  });
}

function rowsOf({ sessions }: LabelledRows, ranges: readonly SessionRange[]): Int32Array {
  const bounds = ranges.map(({ start, end }) => [
    firstRow(sessions, start),
    firstRow(sessions, end),
  ]);
  const indices = new Int32Array(bounds.reduce((sum, [from, to]) => sum + to - from, 0));
  let at = 0;
  for (const [from, to] of bounds) {
    for (let row = from; row < to; row += 1) indices[at++] = row;
  }
  return indices;
}

/** First row of a session or of the next one that has rows. */
function firstRow(sessions: Int32Array, session: number): number {
  let low = 0;
  let high = sessions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sessions[middle] < session) low = middle + 1;
    else high = middle;
  }
  return low;
}

function requireRows(name: string, { dates, sessions, codes, labelEnds }: LabelledRows): void {
  if (codes.length !== sessions.length || labelEnds.length !== sessions.length) {
    throw new ShapeError(
      `${name}: expected a code and a label end for each of ${sessions.length} rows, found ${codes.length} and ${labelEnds.length}`,
    );
  }
  for (let row = 0; row < sessions.length; row += 1) {
    const isOrdered = row === 0 || sessions[row - 1] <= sessions[row];
    const isWithin = sessions[row] >= 0 && labelEnds[row] < dates.length;
    if (isOrdered && isWithin && labelEnds[row] >= sessions[row]) continue;
    throw new ShapeError(
      `${name}: row ${row}: expected ascending sessions and a label end between the row's session and ${dates.length - 1}, ` +
        `found session ${sessions[row]} and label end ${labelEnds[row]}`,
    );
  }
}
