// Do predicted sizes mean anything: linear calibration, binned calibration, quantile coverage and crossings.

import { horizonOf, type Predictions } from "../runs/predictions.ts";
import { mean, orNull } from "../stats/index.ts";
import { finitePairs } from "./daily.ts";

export interface Calibration {
  /** label ≈ intercept + slope × score over all rows; slope 1 is perfect scale. */
  readonly intercept: number | null;
  readonly slope: number | null;
  /** std(score) / std(label). */
  readonly scale: number | null;
  /** Root mean squared error of the score as a forecast, and of forecasting the mean label. */
  readonly rmse: number | null;
  readonly naiveRmse: number | null;
  /** Mean score and mean label of equal-count bins of score, lowest first. */
  readonly bins: readonly {
    readonly score: number;
    readonly label: number;
    readonly rows: number;
  }[];
}

/** Calibration over all rows of a horizon where score and label are finite; undefined figures are null. */
export function calibration(predictions: Predictions, horizon: number, nBins = 20): Calibration {
  const { score, label } = horizonOf(predictions, horizon);
  const [x, y] = finitePairs(score, label, 0, score.length);
  const n = x.length;
  const meanX = mean(x);
  const meanY = mean(y);
  let xx = 0;
  let xy = 0;
  let yy = 0;
  let squared = 0;
  for (let i = 0; i < n; i += 1) {
    xx += (x[i] - meanX) ** 2;
    xy += (x[i] - meanX) * (y[i] - meanY);
    yy += (y[i] - meanY) ** 2;
    squared += (y[i] - x[i]) ** 2;
  }
  const slope = xy / xx;
  return {
    intercept: orNull(meanY - slope * meanX),
    slope: orNull(slope),
    scale: orNull(Math.sqrt(xx / yy)),
    rmse: orNull(Math.sqrt(squared / n)),
    naiveRmse: orNull(Math.sqrt(yy / n)),
    bins: bins(x, y, nBins),
  };
}

export interface QuantileCoverage {
  readonly level: number;
  /** Share of labels at or below the predicted quantile; equals `level` when calibrated. */
  readonly coverage: number | null;
  /** Mean pinball loss at this level. */
  readonly pinballLoss: number | null;
}

export interface Coverage {
  readonly levels: readonly QuantileCoverage[];
  /** Share of rows where a higher level's quantile is below a lower one's. */
  readonly crossingRate: number | null;
}

/** Coverage of each quantile level; an empty list for models that predict a point. */
export function coverage(predictions: Predictions, horizon: number): Coverage {
  const { label, quantiles } = horizonOf(predictions, horizon);
  const levels = quantiles.map((values, index) => {
    const level = predictions.quantileLevels[index];
    const [q, y] = finitePairs(values, label, 0, label.length);
    let below = 0;
    let loss = 0;
    for (let i = 0; i < q.length; i += 1) {
      if (y[i] <= q[i]) below += 1;
      loss += Math.max(level * (y[i] - q[i]), (level - 1) * (y[i] - q[i]));
    }
    return { level, coverage: orNull(below / q.length), pinballLoss: orNull(loss / q.length) };
  });
  return { levels, crossingRate: crossingRate(quantiles) };
}

function crossingRate(quantiles: readonly Float64Array[]): number | null {
  const rows = quantiles[0]?.length ?? 0;
  let known = 0;
  let crossed = 0;
  for (let row = 0; row < rows; row += 1) {
    if (quantiles.some((values) => !Number.isFinite(values[row]))) continue;
    known += 1;
    if (quantiles.some((values, k) => k > 0 && values[row] < quantiles[k - 1][row])) crossed += 1;
  }
  return orNull(crossed / known);
}

function bins(x: Float64Array, y: Float64Array, nBins: number): Calibration["bins"] {
  const order = Int32Array.from(x, (_, index) => index).sort((a, b) => x[a] - x[b] || a - b);
  const size = order.length / nBins;
  return Array.from({ length: Math.min(nBins, order.length) }, (_, bin) => {
    const rows = order.subarray(Math.round(bin * size), Math.round((bin + 1) * size));
    return {
      score: mean(Float64Array.from(rows, (row) => x[row])),
      label: mean(Float64Array.from(rows, (row) => y[row])),
      rows: rows.length,
    };
  }).filter(({ rows }) => rows > 0);
}
