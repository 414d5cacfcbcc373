// Fold by fold: fit the transform on training rows, bin once, train a booster a horizon, score the test rows.

import {
  holdOutLast,
  requireUnseen,
  type Split,
  type TrainRows,
  type ValidationRows,
} from "../../dataset/splits/index.ts";
import {
  normalise,
  type NormalisedColumn,
  type RowTable,
  type TargetKind,
} from "../../dataset/transforms/index.ts";
import {
  createFoldData,
  type FittedLightGbm,
  fitLightGbm,
  type FoldData,
  freeFoldData,
  type LightGbm,
  type LightGbmOptions,
  predictLightGbm,
} from "../../model/lightgbm/index.ts";
import type { OnProgress } from "../../progress.ts";
import type { StepRecorder } from "./steps.ts";

export interface FoldResult {
  readonly split: Split;
  /** One a horizon. */
  readonly models: readonly FittedLightGbm[];
  /** One a horizon, over the test rows. */
  readonly scores: readonly Float64Array[];
}

export interface TrainFoldsOptions {
  readonly engine: LightGbm;
  readonly table: RowTable;
  readonly columns: readonly NormalisedColumn[];
  readonly categorical: readonly string[];
  /** One a horizon, over all rows. */
  readonly labels: readonly Float32Array[];
  readonly lightgbm: LightGbmOptions;
  readonly target: TargetKind;
  readonly validationSize: number | undefined;
  readonly purgeDays: number;
  readonly memory: SharedArrayBuffer;
  readonly steps: StepRecorder;
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal | undefined;
}

/** Trains and scores one fold. */
export async function trainFold(split: Split, options: TrainFoldsOptions): Promise<FoldResult> {
  const { engine, steps, labels, onProgress, signal, target } = options;
  const data = await steps.run("transform", split.train.length + split.test.length, () =>
    foldData(split, options),
  );
  const models: FittedLightGbm[] = [];
  const scores: Float64Array[] = [];
  for (const [index, label] of labels.entries()) {
    signal?.throwIfAborted();
    const stage = `fold ${split.fold + 1}, horizon ${index + 1} of ${labels.length}`;
    const total = data.options.rounds;
    const onRound = (round: number, rankIc: number): void => {
      if (round % 25 !== 0) return;
      const note = Number.isNaN(rankIc) ? "" : `validation RankIC ${rankIc.toFixed(4)}`;
      onProgress({ stage, done: round, total, note });
    };
    await steps.run("lightgbm", data.train.length, async () => {
      const model = await fitLightGbm(engine, data, label, { target, onRound });
      scores.push(await predictLightGbm(engine, model, data));
      models.push(model);
      onProgress({ stage, done: total, total, note: `${model.rounds} rounds` });
    });
  }
  await freeFoldData(engine, data);
  return { split, models, scores };
}

async function foldData(split: Split, options: TrainFoldsOptions): Promise<FoldData> {
  const { engine, table, columns, categorical, lightgbm, memory } = options;
  const scaled = columns.filter(({ name }) => !categorical.includes(name));
  const transform = normalise(scaled, { scale: false, fill: false }).fit(split.train, table);
  requireUnseen(`transform ${transform.name}`, transform.fittedOn, split.test);
  const { train, validation } = withValidation(split, options);
  return createFoldData(engine, {
    train,
    validation,
    test: split.test,
    table: transform.transform(table),
    features: columns.map(({ name }) => name),
    categorical,
    options: lightgbm,
    memory,
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
