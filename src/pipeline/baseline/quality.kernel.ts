// Some feature columns on a worker thread: which values are known, which are outliers, and whether one ranks a label.

import {
  crossSectionalZ,
  type NormalisedColumn,
  type RowIndex,
} from "../../dataset/transforms/index.ts";
import { meanRankIc, type RankedLabels } from "../../model/lightgbm/rank-ic.ts";
import type { Block } from "../../workers/index.ts";
import type { ColumnBlockArgs } from "./columns.ts";

export interface JudgeColumns extends ColumnBlockArgs {
  readonly index: RowIndex;
  readonly columns: readonly NormalisedColumn[];
  /** Rows that the label gate looks at, with the start of each of their sessions. */
  readonly sample: Int32Array;
  readonly offsets: Int32Array;
  /** One a label: its ranks over the sample. */
  readonly ranks: readonly Float64Array[];
}

export interface JudgedColumns {
  /** (rows) finite values, and values beyond 2 sigma of their session, among the block's columns. */
  readonly known: Uint16Array;
  readonly outliers: Uint16Array;
  /** (columns, labels) mean RankIC over the sample; NaN where too few stocks or sessions have a value. */
  readonly rankIcs: readonly (readonly number[])[];
}

/** A value further than this from the session's mean, in standard deviations, counts as an outlier. */
const outlierSigma = 2;

/** A session counts for the gate with so many stocks, a feature with so many sessions: less is chance. */
const fewestStocks = 20;
const fewestSessions = 12;

/** Judges the block's columns of those that were read. */
export function judgeColumns({ start, end }: Block, args: JudgeColumns): JudgedColumns {
  const { index, columns, values, first, sample, offsets, ranks } = args;
  const rows = index.sessions.length;
  const known = new Uint16Array(rows);
  const outliers = new Uint16Array(rows);
  const rankIcs: (readonly number[])[] = [];
  for (let at = start; at < end; at += 1) {
    const column = values[at];
    for (let row = 0; row < rows; row += 1) if (Number.isFinite(column[row])) known[row] += 1;
    if (columns[first + at].normalisation === "cross_sectional") {
      const z = crossSectionalZ(column, index);
      for (let row = 0; row < rows; row += 1) {
        if (Math.abs(z[row]) > outlierSigma) outliers[row] += 1;
      }
    }
    rankIcs.push(gateRankIcs(column, sample, offsets, ranks));
  }
  return { known, outliers, rankIcs };
}

function gateRankIcs(
  column: Float32Array,
  sample: Int32Array,
  offsets: Int32Array,
  ranks: readonly Float64Array[],
): number[] {
  const values = Float64Array.from(sample, (row) => column[row]);
  const isThin = dropThinSessions(values, offsets) < fewestSessions;
  return ranks.map((label) => {
    const ranked: RankedLabels = { offsets, ranks: label };
    return isThin ? Number.NaN : meanRankIc(values, ranked);
  });
}

/** Makes sessions with too few known values missing; gives how many are left. */
function dropThinSessions(sample: Float64Array, offsets: Int32Array): number {
  let left = 0;
  for (let day = 0; day + 1 < offsets.length; day += 1) {
    const session = sample.subarray(offsets[day], offsets[day + 1]);
    const known = session.reduce((count, value) => count + Number(Number.isFinite(value)), 0);
    if (known >= fewestStocks) left += 1;
    else session.fill(Number.NaN);
  }
  return left;
}
