// From a dataset and a fold's rows to what the loop trains on: transform fitted on training rows, targets of training rows only.

import type { AtftConfig } from "../config/atft.ts";
import type { TrainConfig } from "../config/train.ts";
import type { Dataset, ManifestFeature } from "../dataset/index.ts";
import type { Split, TrainRows } from "../dataset/splits/index.ts";
import { holdOutLast } from "../dataset/splits/index.ts";
import type { RowTable, Transform, TransformState } from "../dataset/transforms/index.ts";
import {
  loadTransform,
  normalise,
  rowTable,
  target,
  targetBounds,
} from "../dataset/transforms/index.ts";
import { ConfigError } from "../errors.ts";
import { mean, std } from "../stats/index.ts";
import type { AtftSpec, StaticColumn } from "../model/atft/index.ts";
import type { SessionSpan } from "./blocks.ts";
import type { PeersOn } from "./feed.ts";
import type { Samples } from "./samples.ts";
import { interleave, rowPositions } from "./samples.ts";
import type { FoldData } from "./train-fold.ts";

/** A fold ready to train, and what its model must keep to be used later. */
export interface PreparedFold {
  readonly data: FoldData;
  readonly spec: AtftSpec;
  readonly transform: readonly TransformState[];
  /** One a horizon: from standardised labels back to returns. */
  readonly scales: readonly LabelScale[];
}

/** Mean over the training sessions of the day's mean and deviation: a standardised value z means mean + deviation · z. */
export interface LabelScale {
  readonly mean: number;
  readonly deviation: number;
}

export interface FoldSettings {
  readonly model: AtftConfig;
  readonly train: TrainConfig;
}

const labelSuffix: ReadonlyMap<string, string> = new Map([
  ["price", ""],
  ["open", "_open"],
  ["excess", "_excess"],
  ["total", "_total"],
]);

/** Label columns by horizon. Throws ConfigError where the dataset has not got one. */
export function labelNames(dataset: Dataset, { model, train }: FoldSettings): readonly string[] {
  return model.horizons.map((horizon) => {
    const name = `label_${horizon}d${labelSuffix.get(train.label) ?? ""}`;
    if (dataset.labelNames.includes(name)) return name;
    throw new ConfigError(
      `train: dataset ${dataset.id} has no ${name}; it has ${dataset.labelNames.join(", ")}; change model.horizons or train.label`,
    );
  });
}

/** The feature columns trained on, those of a family side by side. Throws ConfigError for an unknown name, and when none is left. */
export function featureColumns(
  { manifest }: Dataset,
  { features, without = [] }: Pick<TrainConfig, "features" | "without">,
): readonly ManifestFeature[] {
  const known = new Set(manifest.features.map(({ name }) => name));
  const unknown = [...(features ?? []), ...without].filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new ConfigError(`train: the dataset has no feature ${unknown.join(", ")}`);
  }
  const wanted = (features === undefined ? known : new Set(features)).difference(new Set(without));
  if (wanted.size === 0) throw new ConfigError("train: train.without leaves no feature");
  const chosen = manifest.features.filter(({ name }) => wanted.has(name));
  const families = [...new Set(chosen.map(({ family }) => family))];
  return families.flatMap((family) => chosen.filter((feature) => feature.family === family));
}

/** Prepares a fold: holds out its validation, fits the transform, standardises the targets. */
export function prepareFold(
  dataset: Dataset,
  split: Split,
  settings: FoldSettings,
  peersOn: PeersOn | undefined,
): PreparedFold {
  const { train, validation } = holdOutLast(split.train, settings.train.folds);
  const columns = featureColumns(dataset, settings.train);
  const table = featureTable(dataset, columns);
  const transform = normalise(columns, { fill: false }).fit(train, table);
  const spec = specOf(dataset, columns, settings.model);
  const names = labelNames(dataset, settings);
  const labels = names.map((name) => dataset.labels([name]).label(name));
  const samples: Samples = {
    ...samplesOf(dataset, spec, transform.transform(table)),
    targets: labels.map((label) => trainingTarget(label, train, settings.train)),
  };
  const data: FoldData = {
    fold: split.fold,
    samples,
    labels,
    train: spansOf(train.indices, dataset.rows.sessionOfRow),
    validation: spansOf(validation.indices, dataset.rows.sessionOfRow),
    peersOn,
  };
  const scales = labels.map((label) => labelScale(label, train, dataset.rows.sessionOfRow));
  return { data, spec, transform: transform.states, scales };
}

/** Samples to forecast with a model trained before: its columns, its transform, no targets. */
export function forecastSamples(
  dataset: Dataset,
  spec: AtftSpec,
  states: readonly TransformState[],
): Samples {
  const names = spec.features.map(({ name }) => name);
  const columns = featureColumns(dataset, { features: names });
  const table = featureTable(dataset, columns);
  const transform: Transform = loadTransform(states, names);
  return { ...samplesOf(dataset, spec, transform.transform(table)), targets: [] };
}

function featureTable(dataset: Dataset, columns: readonly ManifestFeature[]): RowTable {
  const names = columns.map(({ name }) => name);
  const { dates, sessionOfRow, codeOfRow } = dataset.rows;
  const values = dataset.features(names);
  return rowTable(
    { dates, sessions: sessionOfRow, codes: codeOfRow },
    new Map(names.map((name) => [name, values.column(name)])),
  );
}

const staticNames = ["sector33_id", "section_id", "scale_id", "margin_class"] as const;

/** Columns of a dataset and a configuration: what shapes the network. */
export function specOf(
  dataset: Dataset,
  columns: readonly ManifestFeature[],
  config: AtftConfig,
): AtftSpec {
  const statics = staticNames
    .filter((name) => dataset.manifest.market.includes(name))
    .map((name): StaticColumn => {
      const values = dataset.market([name]).column(name);
      const largest = values.reduce((most, value) => (value > most ? value : most), 0);
      return { name, count: largest + 2 };
    });
  return {
    config,
    features: columns.map(({ name, family }) => ({ name, family })),
    statics,
  };
}

function samplesOf(dataset: Dataset, spec: AtftSpec, table: RowTable): Omit<Samples, "targets"> {
  const { dates, codes, sessionOfRow, codeOfRow, count } = dataset.rows;
  const width = spec.statics.length;
  const statics = new Int32Array(count * width);
  spec.statics.forEach(({ name, count: categories }, i) => {
    const values = dataset.market([name]).column(name);
    for (let row = 0; row < count; row += 1) {
      const code = values[row] + 1;
      statics[row * width + i] = code >= 1 && code < categories ? code : 0;
    }
  });
  return {
    spec,
    dates,
    codeNames: codes,
    rowOf: rowPositions(sessionOfRow, codeOfRow, {
      sessionCount: dates.length,
      codeCount: codes.length,
    }),
    values: interleave(
      spec.features.map(({ name }) => name),
      count,
      (name) => table.column(name),
    ),
    statics,
  };
}

/** (rows) NaN but for training rows: clipped at the training labels' bounds, then standardised within the day. */
function trainingTarget(
  label: Float32Array,
  train: TrainRows,
  { target: kind }: TrainConfig,
): Float32Array {
  const { low, high } = targetBounds(label, train);
  const clipped = label.map((value) => Math.min(high, Math.max(low, value)));
  const values = target(clipped, train, kind);
  const result = new Float32Array(label.length).fill(Number.NaN);
  train.indices.forEach((row, i) => {
    result[row] = values[i];
  });
  return result;
}

function labelScale(label: Float32Array, train: TrainRows, sessionOfRow: Int32Array): LabelScale {
  const { low, high } = targetBounds(label, train);
  const days = new Map<number, number[]>();
  for (const row of train.indices) {
    if (!Number.isFinite(label[row])) continue;
    const day = days.get(sessionOfRow[row]) ?? [];
    day.push(Math.min(high, Math.max(low, label[row])));
    days.set(sessionOfRow[row], day);
  }
  const wide = [...days.values()]
    .filter((day) => day.length > 1)
    .map((day) => Float64Array.from(day));
  return {
    mean: mean(Float64Array.from(wide, (day) => mean(day))),
    deviation: mean(Float64Array.from(wide, (day) => std(day))),
  };
}

/** Sessions that have one of the rows, as runs without a gap. */
export function spansOf(indices: Int32Array, sessionOfRow: Int32Array): SessionSpan[] {
  const spans: { start: number; end: number }[] = [];
  for (const row of indices) {
    const session = sessionOfRow[row];
    const last = spans.at(-1);
    if (last !== undefined && session <= last.end) last.end = Math.max(last.end, session + 1);
    else spans.push({ start: session, end: session + 1 });
  }
  return spans;
}
