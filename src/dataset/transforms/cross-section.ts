// Cross-sectional normalisation: each session's stocks against each other. It learns nothing, so these are functions.

import { rank, zscore } from "../../stats/index.ts";
import { type RowIndex, sessionOffsets } from "./row-table.ts";

export interface CrossSectionOptions {
  /** Sessions with fewer known values are NaN; default 5. */
  readonly minStocks?: number;
}

export interface CrossSectionalZOptions extends CrossSectionOptions {
  /** Scores beyond ± this many standard deviations are pulled in; default 5. */
  readonly clip?: number;
}

/**
 * (value − mean) / std over the session's stocks (ddof 1). NaN stays NaN and does not count; infinite values count as NaN;
 * a session without variation is NaN.
 * @param values (rows)
 */
export function crossSectionalZ(
  values: Float32Array,
  index: RowIndex,
  { minStocks = 5, clip = 5 }: CrossSectionalZOptions = {},
): Float32Array {
  return bySession(values, index, minStocks, (day) => {
    zscore(day, day);
    for (let i = 0; i < day.length; i += 1) {
      if (Math.abs(day[i]) > clip) day[i] = Math.sign(day[i]) * clip;
    }
  });
}

/**
 * (rank − 1/2) / n − 1/2 over the session's stocks, in (−1/2, 1/2); ties share their mean rank. NaN stays NaN.
 * @param values (rows)
 */
export function crossSectionalRank(
  values: Float32Array,
  index: RowIndex,
  { minStocks = 5 }: CrossSectionOptions = {},
): Float32Array {
  return bySession(values, index, minStocks, (day, known) => {
    rank(day, day);
    for (let i = 0; i < day.length; i += 1) day[i] = (day[i] - 0.5) / known - 0.5;
  });
}

function bySession(
  values: Float32Array,
  index: RowIndex,
  minStocks: number,
  kernel: (day: Float64Array, known: number) => void,
): Float32Array {
  const offsets = sessionOffsets(index);
  const out = new Float32Array(values.length).fill(Number.NaN);
  const widest = index.dates.reduce(
    (most, _, day) => Math.max(most, offsets[day + 1] - offsets[day]),
    0,
  );
  const scratch = new Float64Array(widest);
  for (let day = 0; day + 1 < offsets.length; day += 1) {
    const start = offsets[day];
    const stocks = scratch.subarray(0, offsets[day + 1] - start);
    let known = 0;
    for (let i = 0; i < stocks.length; i += 1) {
      const value = values[start + i];
      const isFinite = Number.isFinite(value);
      stocks[i] = isFinite ? value : Number.NaN;
      if (isFinite) known += 1;
    }
    if (known < Math.max(2, minStocks)) continue;
    kernel(stocks, known);
    for (let i = 0; i < stocks.length; i += 1) out[start + i] = stocks[i];
  }
  return out;
}
