// Which of the planted signals a forecast holds: its daily regression on them, beside the oracle's.

import type { Dataset } from "../dataset/index.ts";
import { type MeanSummary, summarizeMean } from "../evaluate/index.ts";
import type { Rng } from "../rng.ts";
import { dayOffsets, type Predictions } from "../runs/index.ts";
import type { Market } from "../simulator/market/index.ts";
import { clip, mean, ols, zscore } from "../stats/index.ts";
import { oracleColumn } from "./oracle-score.ts";

export interface PlantedPart {
  readonly part: string;
  /**
   * Mean over the sessions of the part's coefficient in the scores, over the mean of its coefficient in the oracle's
   * expectations: 1 where the scores weigh it as the oracle does, 0 where they know nothing of it.
   */
  readonly found: MeanSummary;
}

/** Columns that stand for the planted signals, but for the peers', whose clusters no column knows. */
const columnOf: ReadonlyMap<string, string> = new Map([
  ["momentum", "ew_ret_hl20"],
  ["reversal", "ew_ret_hl1_5"],
  ["drift", "surprise_op_hl10"],
  ["flow", "x_foreign_size"],
  ["interaction", "x_ew_ret20_turnover"],
]);

/** What the peers' signal is the mean of. */
const peerColumn = "ew_ret_hl1";

/**
 * The parts of the scores of the shortest horizon, within each session standardised and cut at 3 like the parts. Empty where
 * `dataset` lacks a column that stands for a part.
 */
export function plantedParts(
  predictions: Predictions,
  {
    dataset,
    market,
    rng,
  }: { readonly dataset: Dataset; readonly market: Market; readonly rng: Rng },
): readonly PlantedPart[] {
  const names = [...columnOf.values(), peerColumn];
  if (names.some((name) => !dataset.featureNames.includes(name))) return [];
  const [{ horizon, score }] = predictions.horizons;
  const rowOf = datasetRows(predictions, dataset);
  const columns = names.map((name) => {
    const values = dataset.features([name]).column(name);
    return Float64Array.from(rowOf, (row) => (row < 0 ? Number.NaN : values[row]));
  });
  const own = columns.pop() ?? new Float64Array(0);
  const clusters = clustersOf(predictions, market);
  const expected = oracleColumn(predictions, market, horizon);
  const parts = [...columnOf.keys(), "peers"];
  const held = parts.map(() => ({ scores: new Array<number>(), oracle: new Array<number>() }));
  const days = dayOffsets(predictions.dates);
  for (let day = 0; day + 1 < days.length; day += 1) {
    const rows = (column: Float64Array): Float64Array => column.slice(days[day], days[day + 1]);
    const peers = othersMean(rows(own), clusters.subarray(days[day], days[day + 1]));
    const design = [...columns.map(rows), peers].map(filled);
    const scores = ols(standardised(rows(score)), design).coefficients;
    const oracle = ols(standardised(rows(expected)), design).coefficients;
    held.forEach((series, k) => {
      series.scores.push(scores[k + 1]);
      series.oracle.push(oracle[k + 1]);
    });
  }
  return parts.map((part, k) => {
    const whole = mean(Float64Array.from(held[k].oracle.filter(Number.isFinite)));
    const shares = Float64Array.from(held[k].scores, (value) => value / whole);
    return { part, found: summarizeMean(shares, { horizon, rng: rng.split(part) }) };
  });
}

/** (prediction rows) the same session and stock in the dataset; -1 where it is not there. */
function datasetRows(predictions: Predictions, { rows }: Dataset): Int32Array {
  const { dates, codes, sessionOfRow, codeOfRow, count } = rows;
  const codeAt = new Map(codes.map((code, index) => [code, index]));
  const sessionAt = new Map(Array.from(dates, (date, session) => [date, session]));
  const rowAt = new Int32Array(dates.length * codes.length).fill(-1);
  for (let row = 0; row < count; row += 1) {
    rowAt[sessionOfRow[row] * codes.length + codeOfRow[row]] = row;
  }
  const ownCode = predictions.codeNames.map((code) => codeAt.get(code) ?? -1);
  return Int32Array.from(predictions.dates, (date, i) => {
    const [session, code] = [sessionAt.get(date) ?? -1, ownCode[predictions.codes[i]]];
    return session < 0 || code < 0 ? -1 : rowAt[session * codes.length + code];
  });
}

function clustersOf({ codes, codeNames }: Predictions, { issues }: Market): Int32Array {
  const clusterOf = new Map(issues.map(({ code, cluster }) => [code, cluster]));
  const clusters = codeNames.map((code) => clusterOf.get(code) ?? -1);
  return Int32Array.from(codes, (code) => clusters[code]);
}

/** The mean over the others of the own cluster; 0 where there are none. */
function othersMean(values: Float64Array, clusters: Int32Array): Float64Array {
  const sums = new Map<number, { sum: number; count: number }>();
  values.forEach((value, i) => {
    if (!Number.isFinite(value)) return;
    const { sum, count } = sums.get(clusters[i]) ?? { sum: 0, count: 0 };
    sums.set(clusters[i], { sum: sum + value, count: count + 1 });
  });
  return values.map((value, i) => {
    const { sum, count } = sums.get(clusters[i]) ?? { sum: 0, count: 0 };
    const isKnown = Number.isFinite(value);
    const others = count - Number(isKnown);
    return others > 0 ? (sum - (isKnown ? value : 0)) / others : 0;
  });
}

function standardised(values: Float64Array): Float64Array {
  const scaled = new Float64Array(values.length);
  zscore(values, scaled);
  return clip(scaled, -3, 3);
}

/** Standardised, 0 where unknown. */
function filled(values: Float64Array): Float64Array {
  return standardised(values).map((value) => (Number.isFinite(value) ? value : 0));
}
