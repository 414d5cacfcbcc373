// Two columns about a row's data rather than its market, and the gate that no feature is a label in disguise.

import { LeakageError } from "../../errors.ts";
import {
  crossSectionalZ,
  derivedTable,
  type NormalisedColumn,
  type RowTable,
  sessionOffsets,
} from "../../dataset/transforms/index.ts";
import {
  meanRankIc,
  offsetsOf,
  type RankedLabels,
  rankLabels,
} from "../../model/lightgbm/index.ts";

export const qualityColumns: readonly NormalisedColumn[] = [
  { name: "quality_known", normalisation: "raw" },
  { name: "quality_outliers", normalisation: "cross_sectional" },
];

/** A value further than this from the session's mean, in standard deviations, counts as an outlier. */
const outlierSigma = 2;

/** No public feature ranks tomorrow like this; the best known factors reach a tenth of it. */
export const labelGateCeiling = 0.3;

/** Sessions that the label gate looks at. */
const gateSessions = 24;

/** A session counts for the gate with so many stocks, a feature with so many sessions: less is chance. */
const fewestStocks = 20;
const fewestSessions = 12;

export interface LabelColumn {
  readonly name: string;
  readonly values: Float32Array;
}

/**
 * Adds `quality_known`, the share of the row's features that are finite, and `quality_outliers`, how many of its
 * cross-sectional features lie beyond 2 sigma of their session. Throws LeakageError by the name "label gate" when a feature
 * ranks a label with a mean RankIC beyond 0.3 over 24 sessions spread over the table.
 */
export function withQuality(
  table: RowTable,
  columns: readonly NormalisedColumn[],
  labels: readonly LabelColumn[],
): RowTable {
  const rows = table.index.sessions.length;
  const known = new Float32Array(rows);
  const outliers = new Float32Array(rows);
  const gate = labelGate(table, labels);
  for (const { name, normalisation } of columns) {
    const values = table.column(name);
    gate(name, values);
    for (let row = 0; row < rows; row += 1) {
      if (Number.isFinite(values[row])) known[row] += 1 / columns.length;
    }
    if (normalisation !== "cross_sectional") continue;
    const z = crossSectionalZ(values, table.index);
    for (let row = 0; row < rows; row += 1) {
      if (Math.abs(z[row]) > outlierSigma) outliers[row] += 1;
    }
  }
  const added = new Map([
    ["quality_known", known],
    ["quality_outliers", outliers],
  ]);
  return derivedTable(
    table.index,
    [...table.columnNames, ...added.keys()],
    (name) => added.get(name) ?? table.column(name),
  );
}

function labelGate(
  table: RowTable,
  labels: readonly LabelColumn[],
): (name: string, values: Float32Array) => void {
  const rows = sampleRows(table);
  const offsets = offsetsOf(rows.map((row) => table.index.sessions[row]));
  const ranked = labels.map(({ name, values }): readonly [string, RankedLabels] => [
    name,
    rankLabels(
      Float64Array.from(rows, (row) => values[row]),
      offsets,
    ),
  ]);
  return (feature, values) => {
    const sample = Float64Array.from(rows, (row) => values[row]);
    if (dropThinSessions(sample, offsets) < fewestSessions) return;
    for (const [label, ranks] of ranked) {
      const rankIc = meanRankIc(sample, ranks);
      if (!(Math.abs(rankIc) > labelGateCeiling)) continue;
      throw new LeakageError(
        `label gate: feature ${feature} ranks ${label} with a RankIC of ${rankIc.toFixed(3)}, expected at most ` +
          `${labelGateCeiling}: it knows the future; leave it out with --features or mend its lag`,
      );
    }
  };
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

function sampleRows({ index }: RowTable): Int32Array {
  const offsets = sessionOffsets(index);
  const days = index.dates.length;
  const step = Math.max(1, Math.floor(days / gateSessions));
  const rows: number[] = [];
  for (let day = 0; day < days; day += step) {
    for (let row = offsets[day]; row < offsets[day + 1]; row += 1) rows.push(row);
  }
  return Int32Array.from(rows);
}
