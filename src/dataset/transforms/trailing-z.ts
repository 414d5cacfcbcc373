// Trailing z: each value against its stock's own last sessions, with the smallest scale learnt from the training rows.

import { rollingMean, rollingStd, std } from "../../stats/index.ts";
import { stockRows } from "./row-table.ts";
import { type ColumnRule, columnTransformer, type Transformer } from "./transformer.ts";

export interface TrailingZOptions {
  readonly columns?: readonly string[] | undefined;
  /** Sessions of the stock, today included; default 60. */
  readonly window?: number;
  /** Fewest known values in a window; default 20. */
  readonly minPeriods?: number;
  /** Scores beyond ± this are pulled in; default 5. */
  readonly clip?: number;
}

/** The standard deviation never counts as less than this share of the training rows' own. */
const floorShare = 0.01;

/** (value − trailing mean) / max(trailing std, floor). NaN during warm-up and for a column unknown in training. */
export function trailingZ({
  columns,
  window = 60,
  minPeriods = 20,
  clip = 5,
}: TrailingZOptions = {}): Transformer {
  return columnTransformer(trailingZRule({ window, minPeriods, clip }), columns);
}

export function trailingZRule(settings: {
  window: number;
  minPeriods: number;
  clip: number;
}): ColumnRule {
  const { window, minPeriods, clip } = settings;
  return {
    name: "trailingZ",
    settings,
    learn: (values) => ({ floor: floorShare * (values.length > 1 ? std(values) : 0) }),
    apply: (values, parameters, index) => {
      const out = new Float32Array(values.length).fill(Number.NaN);
      if (parameters === null) return out;
      const floor = parameters["floor"];
      const { offsets, rows } = stockRows(index);
      const series = new Float64Array(longestOf(offsets));
      const means = series.slice();
      const scales = series.slice();
      for (let stock = 0; stock + 1 < offsets.length; stock += 1) {
        const start = offsets[stock];
        const length = offsets[stock + 1] - start;
        for (let i = 0; i < length; i += 1) {
          const value = values[rows[start + i]];
          series[i] = Number.isFinite(value) ? value : Number.NaN;
        }
        const own = series.subarray(0, length);
        rollingMean(own, window, means.subarray(0, length), { minPeriods });
        rollingStd(own, window, scales.subarray(0, length), { minPeriods });
        for (let i = 0; i < length; i += 1) {
          const scale = Math.max(scales[i], floor);
          const score = scale > 0 ? (series[i] - means[i]) / scale : Number.NaN;
          out[rows[start + i]] = Math.min(clip, Math.max(-clip, score));
        }
      }
      return out;
    },
  };
}

function longestOf(offsets: Int32Array): number {
  let most = 0;
  for (let i = 0; i + 1 < offsets.length; i += 1) {
    most = Math.max(most, offsets[i + 1] - offsets[i]);
  }
  return most;
}
