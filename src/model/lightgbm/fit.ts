// LightGBM on rows of a dataset: one binned matrix a fold, one booster a horizon, judged on validation sessions by RankIC.

import { ConfigError } from "../../errors.ts";
import {
  requireUnseen,
  type TestRows,
  type TrainRows,
  type ValidationRows,
} from "../../dataset/splits/index.ts";
import { target, targetBounds, type TargetKind } from "../../dataset/transforms/index.ts";
import type { LightGbm } from "./engine.ts";
import type { Target, TrainedBooster, ValidationTarget } from "./messages.ts";
import {
  type LightGbmOptions,
  parameterString,
  type ResolvedOptions,
  resolveOptions,
} from "./parameters.ts";
import { offsetsOf } from "./rank-ic.ts";

type Labels = Float32Array | Float64Array;

export interface FoldData {
  readonly features: readonly string[];
  readonly train: TrainRows;
  readonly validation: ValidationRows | undefined;
  readonly options: ResolvedOptions;
  /** The library's parameter string, categorical columns included. */
  readonly parameters: string;
  /** Numbers of the datasets in the engine. */
  readonly trainDataset: number;
  readonly validationDataset: number | undefined;
  readonly test: TestRows;
  /** (test rows, features) row-major. */
  readonly testMatrix: Float32Array;
}

export interface FoldDataOptions {
  readonly train: TrainRows;
  /** Sessions inside the training window that decide when to stop; without them all rounds are kept. */
  readonly validation?: ValidationRows | undefined;
  readonly test: TestRows;
  /** Transformed features of the training, validation and test rows, row-major, as `rowMatrices` makes them. */
  readonly matrices: FoldMatrices;
  readonly features: readonly string[];
  /** Features whose values are codes of categories; NaN and negative codes count as missing. */
  readonly categorical?: readonly string[];
  readonly options?: LightGbmOptions;
}

/** On a SharedArrayBuffer. The engine copies what trains and validates; only the test matrix is read again. */
export interface FoldMatrices {
  readonly train: Float32Array;
  readonly validation: Float32Array;
  readonly test: Float32Array;
}

/** Bins a fold's rows once, for boosters of all horizons. Throws ConfigError for a categorical column that is no feature. */
export async function createFoldData(
  engine: LightGbm,
  { train, validation, test, matrices, features, categorical = [], options }: FoldDataOptions,
): Promise<FoldData> {
  const resolved = withEnoughFeatures(resolveOptions(options), features.length);
  const parameters = [parameterString(resolved), categoricalPart(features, categorical)]
    .filter((part) => part !== "")
    .join(" ");
  const create = (matrix: Float32Array, reference: number | null): Promise<number> => {
    const rows = matrix.length / features.length;
    return engine.createDataset({ matrix, rows, names: features, parameters, reference });
  };
  const trainDataset = await create(matrices.train, null);
  const validationDataset =
    validation === undefined ? undefined : await create(matrices.validation, trainDataset);
  return {
    features,
    train,
    validation,
    options: resolved,
    parameters,
    trainDataset,
    validationDataset,
    test,
    testMatrix: matrices.test,
  };
}

/** Features a tree sees at least: a tree of unusable ones would end the training. */
const fewestFeatures = 10;

function withEnoughFeatures(options: ResolvedOptions, features: number): ResolvedOptions {
  const least = Math.min(1, fewestFeatures / features);
  return { ...options, featureFraction: Math.max(options.featureFraction, least) };
}

/** Frees what `createFoldData` holds in the engine. */
export async function freeFoldData(
  engine: LightGbm,
  { trainDataset, validationDataset }: FoldData,
): Promise<void> {
  if (validationDataset !== undefined) await engine.freeDataset(validationDataset);
  await engine.freeDataset(trainDataset);
}

export interface FittedLightGbm extends TrainedBooster {
  readonly fittedOn: TrainRows;
  readonly features: readonly string[];
  readonly parameters: string;
}

export interface FitOptions {
  /** How the label is scaled before it is learnt; lambdarank grades it instead. Default ranks on a normal curve within the session. */
  readonly target?: TargetKind;
  readonly onRound?: (round: number, rankIc: number) => void;
}

/**
 * Trains one booster. `label` (all rows of the dataset) is NaN where unknown: such rows do not train. Raw targets are clipped
 * to the training labels' 0.5 and 99.5 % quantiles. Throws PipelineError for degenerate training.
 */
export async function fitLightGbm(
  engine: LightGbm,
  data: FoldData,
  label: Labels,
  { target: kind = "gaussian", onRound }: FitOptions = {},
): Promise<FittedLightGbm> {
  const { train, validation, options, parameters, features } = data;
  const trained = await engine.train(
    {
      dataset: data.trainDataset,
      target: trainingTarget(train, label, kind, options),
      validation:
        validation === undefined || data.validationDataset === undefined
          ? null
          : validationTarget(validation, data.validationDataset, label),
      parameters,
      rounds: options.rounds,
      patience: options.patience,
    },
    { onRound },
  );
  return { ...trained, fittedOn: train, features, parameters };
}

/** Scores of the fold's test rows. Throws LeakageError when the model was fitted on them. */
export async function predictLightGbm(
  engine: LightGbm,
  model: FittedLightGbm,
  { test, testMatrix, features, parameters }: FoldData,
): Promise<Float64Array> {
  requireUnseen("lightgbm", model.fittedOn, test);
  return engine.predict({
    modelText: model.modelText,
    matrix: testMatrix,
    rows: test.length,
    features: features.length,
    parameters,
    kind: "normal",
  });
}

function trainingTarget(
  train: TrainRows,
  label: Labels,
  kind: TargetKind,
  options: ResolvedOptions,
): Target {
  const { objective, grades } = options;
  const values = target(label, train, objective === "lambdarank" ? "rank" : kind);
  if (objective !== "lambdarank" && kind === "raw") {
    const { low, high } = targetBounds(label, train);
    values.forEach((value, i) => (values[i] = Math.min(high, Math.max(low, value))));
  }
  if (objective === "lambdarank") {
    values.forEach((share, i) => (values[i] = Math.floor((share + 0.5) * grades)));
  }
  const { rows, known } = knownRows(values);
  const group = objective === "lambdarank" ? groupSizes(train, rows ?? allRows(values)) : null;
  return { rows, label: Float32Array.from(known), group };
}

function validationTarget(
  validation: ValidationRows,
  dataset: number,
  label: Labels,
): ValidationTarget {
  const { rows, known } = knownRows(target(label, validation, "raw"));
  const used = rows ?? allRows(known);
  const sessions = used.map((row) => validation.source.sessions[validation.indices[row]]);
  const outcome = Float32Array.from(known);
  return { dataset, rows, label: outcome, group: null, outcome, offsets: offsetsOf(sessions) };
}

function knownRows(values: Float64Array): { rows: Int32Array | null; known: Float64Array } {
  const rows = allRows(values).filter((row) => Number.isFinite(values[row]));
  if (rows.length === 0) throw new ConfigError("lightgbm: no row has a known label");
  if (rows.length === values.length) return { rows: null, known: values };
  return { rows, known: Float64Array.from(rows, (row) => values[row]) };
}

function allRows({ length }: { readonly length: number }): Int32Array {
  return Int32Array.from({ length }, (_, row) => row);
}

function groupSizes({ indices, source }: TrainRows, rows: Int32Array): Int32Array {
  const offsets = offsetsOf(rows.map((row) => source.sessions[indices[row]]));
  return offsets.subarray(1).map((end, i) => end - offsets[i]);
}

function categoricalPart(features: readonly string[], categorical: readonly string[]): string {
  const places = categorical.map((name) => {
    const place = features.indexOf(name);
    if (place >= 0) return place;
    throw new ConfigError(`lightgbm: categorical column ${name} is not among the features`);
  });
  return places.length === 0 ? "" : `categorical_feature=${places.join(",")}`;
}
