// The proof that a fold is honest: on the label windows as they really are, no training label meets a test row.

import { LeakageError } from "../../errors.ts";
import type { SessionRange } from "./fold.ts";
import { type LabelledRows, type TestRows, TrainRows, type ValidationRows } from "./rows.ts";

/**
 * Throws LeakageError when a training row is also held out, when its label's window reaches into the held-out sessions from
 * before, or when it lies within one horizon after them, where the held-out labels are still being decided. The message starts
 * with the gate's name, "window gate".
 */
export function requireDisjoint(
  where: string,
  train: TrainRows,
  held: TestRows | ValidationRows,
): void {
  requireApart(`window gate: ${where}`, train, held);
}

function requireApart(where: string, train: TrainRows, held: TestRows | ValidationRows): void {
  const { source } = train;
  if (source !== held.source) {
    throw new LeakageError(`${where}: training and ${held.role} rows come from different datasets`);
  }
  const { sessions, labelEnds } = source;
  const ranges = sessionRanges(source, held.indices);
  for (const row of train.indices) {
    for (const { start, end } of ranges) {
      const isInside = sessions[row] >= start && sessions[row] < end;
      const reachesIn = sessions[row] < start && labelEnds[row] >= start;
      const isTooSoon = sessions[row] >= end && sessions[row] < end + source.horizon;
      if (!isInside && !reachesIn && !isTooSoon) continue;
      const fault = isInside
        ? `lies in the ${held.role} window`
        : reachesIn
          ? `has a label that reads prices until ${dayOf(source, labelEnds[row])}`
          : `lies within ${source.horizon} sessions after the ${held.role} window`;
      throw new LeakageError(
        `${where}: fold ${train.fold}: a training row of ${dayOf(source, sessions[row])} ${fault}; ` +
          `${held.role} runs from ${dayOf(source, start)} to ${dayOf(source, end - 1)}: ` +
          `set purgeDays to at least ${source.horizon}, the longest horizon`,
      );
    }
  }
}

/** Throws LeakageError by the name "fit gate" unless what was fitted (`fittedOn`) has not seen the held-out rows. `what` names it in the message. */
export function requireUnseen(
  what: string,
  fittedOn: TrainRows,
  held: TestRows | ValidationRows,
): void {
  if (!(fittedOn instanceof TrainRows)) {
    throw new LeakageError(`fit gate: ${what} was not fitted on rows that a splitter made`);
  }
  requireApart(`fit gate: ${what} was fitted on what it is judged on`, fittedOn, held);
}

/** Runs of consecutive sessions that the rows lie in. */
export function sessionRanges(source: LabelledRows, indices: Int32Array): SessionRange[] {
  const isIn = new Uint8Array(source.dates.length);
  for (const row of indices) isIn[source.sessions[row]] = 1;
  const ranges: SessionRange[] = [];
  let start = isIn.indexOf(1);
  while (start >= 0) {
    const gap = isIn.indexOf(0, start);
    const end = gap < 0 ? isIn.length : gap;
    ranges.push({ start, end });
    start = isIn.indexOf(1, end);
  }
  return ranges;
}

function dayOf({ dates }: LabelledRows, session: number): string {
  return Temporal.PlainDate.from("1970-01-01").add({ days: dates[session] }).toString();
}
