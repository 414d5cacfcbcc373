// Training rows on their way to a worker thread: a class does not survive the post, its arrays do.

import { sharedColumn } from "../../panel/panel.ts";
import { type LabelledRows, TrainRows } from "./rows.ts";

/** What `TrainRows` hold, on shared memory. */
export interface SharedTrainRows {
  readonly source: LabelledRows;
  readonly fold: number;
  readonly indices: Int32Array;
}

/** A copy of the rows that threads can read. */
export function shareTrainRows({ source, fold, indices }: TrainRows): SharedTrainRows {
  const { dates, sessions, codes, labelEnds, horizon } = source;
  const shared = {
    dates: sharedInts(dates),
    sessions: sharedInts(sessions),
    codes: sharedInts(codes),
    labelEnds: sharedInts(labelEnds),
    horizon,
  };
  return { source: shared, fold, indices: sharedInts(indices) };
}

/** The rows that `shareTrainRows` sent. */
export function receiveTrainRows({ source, fold, indices }: SharedTrainRows): TrainRows {
  return new TrainRows(source, fold, indices);
}

/** The values on shared memory: themselves when they already are. */
export function sharedInts(values: Int32Array): Int32Array {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const shared = sharedColumn("i32", values.length);
  shared.set(values);
  return shared;
}
