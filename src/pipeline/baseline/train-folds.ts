// Fold by fold: fit the transform on training rows, bin once, train a booster a horizon, score the test rows.

import {
  holdOutLast,
  requireUnseen,
  type Split,
  type TrainRows,
  type ValidationRows,
} from "../../dataset/splits/index.ts";
import type { TargetKind } from "../../dataset/transforms/index.ts";
import {
  createFoldData,
  fitLightGbm,
  type FittedLightGbm,
  type FoldData,
  freeFoldData,
  type LightGbm,
  type LightGbmOptions,
  permutationImportance,
  predictLightGbm,
  shapImportance,
} from "../../model/lightgbm/index.ts";
import type { OnProgress } from "../../progress.ts";
import { foldMatrices, type FoldMatrixOptions } from "./fold-matrix.ts";
import type { FoldStore, HorizonResult } from "./fold-store.ts";
import type { ImportanceKind } from "./options.ts";
import type { StepRecorder } from "./steps.ts";

export interface FoldResult {
  readonly split: Split;
  /** One a horizon. */
  readonly horizons: readonly HorizonResult[];
}

export interface TrainFoldsOptions extends FoldMatrixOptions {
  readonly engine: LightGbm;
  readonly horizons: readonly number[];
  /** One a horizon, over all rows. */
  readonly labels: readonly Float32Array[];
  readonly lightgbm: LightGbmOptions;
  readonly target: TargetKind;
  readonly importance: readonly ImportanceKind[];
  readonly validationSize: number | undefined;
  readonly purgeDays: number;
  readonly store: FoldStore;
  readonly steps: StepRecorder;
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal | undefined;
}

/** Trains and scores one fold; horizons that the store has are not trained again. */
export async function trainFold(split: Split, options: TrainFoldsOptions): Promise<FoldResult> {
  const { engine, store, steps, signal } = options;
  let data: FoldData | undefined;
  const results: HorizonResult[] = [];
  for (const [index, horizon] of options.horizons.entries()) {
    signal?.throwIfAborted();
    const stored = store.read(split.fold, horizon);
    if (stored !== undefined) {
      results.push(stored);
      continue;
    }
    data ??= await steps.run("transform", split.train.length + split.test.length, () =>
      foldData(split, options),
    );
    const result = await trainHorizon(data, index, options);
    await store.write(split.fold, horizon, result);
    results.push(result);
  }
  if (data !== undefined) await freeFoldData(engine, data);
  return { split, horizons: results };
}

async function trainHorizon(
  data: FoldData,
  index: number,
  options: TrainFoldsOptions,
): Promise<HorizonResult> {
  const { engine, steps, labels, horizons, onProgress, target, importance } = options;
  const label = labels[index];
  const { fold } = data.train;
  const stage = `fold ${fold + 1}, ${horizons[index]} d`;
  const total = data.options.rounds;
  const onRound = (round: number, rankIc: number): void => {
    if (round % 25 !== 0) return;
    const note = Number.isNaN(rankIc) ? "" : `validation RankIC ${rankIc.toFixed(4)}`;
    onProgress({ stage, done: round, total, note });
  };
  const [model, scores] = await steps.run("lightgbm", data.train.length, async () => {
    const fitted = await fitLightGbm(engine, data, label, { target, onRound });
    const predicted = await predictLightGbm(engine, fitted, data);
    onProgress({ stage, done: total, total, note: `${fitted.rounds} rounds` });
    return [fitted, predicted] as const;
  });
  const judged = await steps.run("importance", importance.length === 0 ? 0 : data.test.length, () =>
    importances(model, data, label, options),
  );
  const { modelText, parameters, rounds, gains } = model;
  const history = model.history.filter(({ rankIc }) => Number.isFinite(rankIc));
  return { modelText, parameters, rounds, history, gain: numbers(gains), ...judged, scores };
}

async function importances(
  model: FittedLightGbm,
  data: FoldData,
  label: Float32Array,
  { engine, importance }: TrainFoldsOptions,
): Promise<Pick<HorizonResult, "permutation" | "shap">> {
  const seed = `importance ${data.test.fold}`;
  return {
    permutation: importance.includes("permutation")
      ? numbers(await permutationImportance(engine, model, data, label, { seed }))
      : null,
    shap: importance.includes("shap") ? numbers(await shapImportance(engine, model, data)) : null,
  };
}

/** NaN does not survive JSON. */
function numbers(values: Float64Array): (number | null)[] {
  return Array.from(values, (value) => (Number.isFinite(value) ? value : null));
}

async function foldData(split: Split, options: TrainFoldsOptions): Promise<FoldData> {
  const { engine, columns, categorical, lightgbm } = options;
  const { train, validation } = withValidation(split, options);
  const { test } = split;
  const parts = [test.indices, train.indices, validation?.indices ?? new Int32Array(0)];
  const { matrices, fittedOn } = await foldMatrices(split.train, parts, options);
  requireUnseen("transform", fittedOn, test);
  const [tested, trained, validated] = matrices;
  return createFoldData(engine, {
    train,
    validation,
    test,
    matrices: { test: tested, train: trained, validation: validated },
    features: columns.map(({ name }) => name),
    categorical,
    options: lightgbm,
  });
}

interface Learning {
  readonly train: TrainRows;
  readonly validation: ValidationRows | undefined;
}

const share = 0.15;
const fewest = 20;
const most = 126;

/** Holds out the end of the training window; a window too short for that trains all its rounds. */
function withValidation(
  { train, sessions }: Split,
  { validationSize, purgeDays }: TrainFoldsOptions,
): Learning {
  const trained = sessions.train.reduce((sum, { start, end }) => sum + end - start, 0);
  const size = validationSize ?? Math.min(most, Math.max(fewest, Math.floor(share * trained)));
  const isTooShort = validationSize === undefined && trained < 3 * (size + purgeDays);
  if (size === 0 || isTooShort) return { train, validation: undefined };
  return holdOutLast(train, { validationSize: size, purgeDays });
}
