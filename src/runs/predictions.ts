// Out-of-sample predictions of a run: one row a (session, stock), one score and one realised label a horizon.

import { ShapeError } from "../errors.ts";

export interface HorizonPredictions {
  /** Sessions ahead. */
  readonly horizon: number;
  /** (rows) higher means a higher expected return; NaN where none was made. */
  readonly score: Float64Array;
  /** (rows) realised forward return, NaN while unknown. */
  readonly label: Float64Array;
  /** One array a quantile level, ascending; empty for models that predict a point. */
  readonly quantiles: readonly Float64Array[];
}

/** Rows ascend by date, then code; a (date, code) pair occurs once. */
export interface Predictions {
  /** (rows) epoch day of the session after whose close the prediction was made. */
  readonly dates: Int32Array;
  /** (rows) position in `codeNames`. */
  readonly codes: Int32Array;
  readonly codeNames: readonly string[];
  /** (rows) the fold whose model made the row; a row is in one test fold only. */
  readonly folds: Int32Array;
  readonly horizons: readonly HorizonPredictions[];
  /** Levels of the quantile arrays: 0.1, 0.25, 0.5, 0.75, 0.9; empty without quantiles. */
  readonly quantileLevels: readonly number[];
}

/** Throws ShapeError when array lengths disagree or rows do not ascend by (date, code). */
export function requirePredictions(predictions: Predictions): void {
  const { dates, codes, folds, horizons, quantileLevels } = predictions;
  const rows = dates.length;
  const requireRows = (what: string, found: number): void => {
    if (found !== rows)
      throw new ShapeError(`predictions: ${what}: expected ${rows} rows, found ${found}`);
  };
  requireRows("codes", codes.length);
  requireRows("folds", folds.length);
  for (const { horizon, score, label, quantiles } of horizons) {
    requireRows(`score of horizon ${horizon}`, score.length);
    requireRows(`label of horizon ${horizon}`, label.length);
    for (const level of quantiles) requireRows(`quantiles of horizon ${horizon}`, level.length);
    if (quantiles.length !== 0 && quantiles.length !== quantileLevels.length) {
      throw new ShapeError(
        `predictions: horizon ${horizon}: expected ${quantileLevels.length} quantiles, found ${quantiles.length}`,
      );
    }
  }
  for (let i = 1; i < rows; i += 1) {
    const ascends =
      dates[i - 1] < dates[i] || (dates[i - 1] === dates[i] && codes[i - 1] < codes[i]);
    if (!ascends) throw new ShapeError(`predictions: row ${i} does not ascend by (date, code)`);
  }
}

/** The predictions of one horizon. Throws ShapeError when the run has none. */
export function horizonOf(predictions: Predictions, horizon: number): HorizonPredictions {
  const found = predictions.horizons.find((entry) => entry.horizon === horizon);
  if (found !== undefined) return found;
  const known = predictions.horizons.map((entry) => entry.horizon).join(", ");
  throw new ShapeError(`predictions: no horizon ${horizon}; there are ${known}`);
}

/** Start of each session's rows, with the row count at the end; dates ascend. */
export function dayOffsets(dates: Int32Array): Int32Array {
  const starts: number[] = [];
  for (let i = 0; i < dates.length; i += 1) {
    if (i === 0 || dates[i] !== dates[i - 1]) starts.push(i);
  }
  return Int32Array.from([...starts, dates.length]);
}
