// Two columns about a row's data rather than its market, and the gate that no feature is a label in disguise.

import type { Dataset } from "../../dataset/index.ts";
import { LeakageError } from "../../errors.ts";
import { sharedInts } from "../../dataset/splits/index.ts";
import {
  type NormalisedColumn,
  type RowIndex,
  sessionOffsets,
} from "../../dataset/transforms/index.ts";
import { offsetsOf, rankLabels } from "../../model/lightgbm/index.ts";
import type { WorkerPool } from "../../workers/index.ts";
import { type ColumnSource, mapColumns, withColumns } from "./columns.ts";
import { type JudgeColumns, judgeColumns, type JudgedColumns } from "./quality.kernel.ts";

export const qualityColumns: readonly NormalisedColumn[] = [
  { name: "quality_known", normalisation: "raw" },
  { name: "quality_outliers", normalisation: "cross_sectional" },
];

/** The columns of the trees' matrices: a dataset's features as they are declared, then the two about a row's data. */
export function matrixColumns(
  { manifest }: Dataset,
  features: readonly string[],
): readonly NormalisedColumn[] {
  const classes = new Map(manifest.features.map((entry) => [entry.name, entry.normalisation]));
  const declared = features.map((name) => ({ name, normalisation: classes.get(name) ?? "raw" }));
  return [...declared, ...qualityColumns];
}

/** No public feature ranks tomorrow like this; the best known factors reach a tenth of it. */
export const labelGateCeiling = 0.3;

/** Sessions that the label gate looks at. */
const gateSessions = 24;

export interface LabelColumn {
  readonly name: string;
  readonly values: Float32Array;
}

const module = new URL(
  import.meta.url.endsWith(".ts") ? "./quality.kernel.ts" : "./quality.kernel.js",
  import.meta.url,
);

/**
 * Adds `quality_known`, the share of the row's features that are finite, and `quality_outliers`, how many of its
 * cross-sectional features lie beyond 2 sigma of their session. Throws LeakageError by the name "label gate" when a feature
 * ranks a label with a mean RankIC beyond 0.3 over 24 sessions spread over the table.
 */
export async function withQuality(
  pool: WorkerPool,
  source: ColumnSource,
  columns: readonly NormalisedColumn[],
  labels: readonly LabelColumn[],
): Promise<ColumnSource> {
  const { index } = source;
  const fixed = { index, columns, ...gateSample(index, labels) };
  const names = columns.map(({ name }) => name);
  const kernel = { module, run: judgeColumns };
  const judged = await mapColumns<JudgeColumns, JudgedColumns>(
    pool,
    source,
    names,
    kernel,
    (read) => ({ ...fixed, ...read }),
  );
  requireNoLabel(
    names,
    labels,
    judged.flatMap(({ rankIcs }) => rankIcs),
  );
  return withColumns(
    source,
    new Map([
      [
        "quality_known",
        summed(
          index,
          judged.map(({ known }) => known),
          columns.length,
        ),
      ],
      [
        "quality_outliers",
        summed(
          index,
          judged.map(({ outliers }) => outliers),
          1,
        ),
      ],
    ]),
  );
}

function requireNoLabel(
  names: readonly string[],
  labels: readonly LabelColumn[],
  rankIcs: readonly (readonly number[])[],
): void {
  for (const [column, ofLabels] of rankIcs.entries()) {
    for (const [label, rankIc] of ofLabels.entries()) {
      if (!(Math.abs(rankIc) > labelGateCeiling)) continue;
      throw new LeakageError(
        `label gate: feature ${names[column]} ranks ${labels[label].name} with a RankIC of ${rankIc.toFixed(3)}, expected at most ` +
          `${labelGateCeiling}: it knows the future; leave it out with --features or mend its lag`,
      );
    }
  }
}

/** (rows) sum of the parts over `divisor`. */
function summed(
  { sessions }: RowIndex,
  parts: readonly Uint16Array[],
  divisor: number,
): Float32Array {
  const total = new Float32Array(new SharedArrayBuffer(sessions.length * 4));
  for (const part of parts) {
    for (let row = 0; row < total.length; row += 1) total[row] += part[row];
  }
  for (let row = 0; row < total.length; row += 1) total[row] /= divisor;
  return total;
}

/** Whole sessions spread over the table, and the labels' ranks within them. */
function gateSample(
  index: RowIndex,
  labels: readonly LabelColumn[],
): Pick<JudgeColumns, "sample" | "offsets" | "ranks"> {
  const starts = sessionOffsets(index);
  const days = index.dates.length;
  const step = Math.max(1, Math.floor(days / gateSessions));
  const rows: number[] = [];
  for (let day = 0; day < days; day += step) {
    for (let row = starts[day]; row < starts[day + 1]; row += 1) rows.push(row);
  }
  const sample = sharedInts(Int32Array.from(rows));
  const offsets = sharedInts(offsetsOf(rows.map((row) => index.sessions[row])));
  const ranks = labels.map(({ values }) => {
    const known = new Float64Array(new SharedArrayBuffer(rows.length * 8));
    known.set(
      rankLabels(
        Float64Array.from(rows, (row) => values[row]),
        offsets,
      ).ranks,
    );
    return known;
  });
  return { sample, offsets, ranks };
}
