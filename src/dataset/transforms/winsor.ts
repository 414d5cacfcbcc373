// Winsorising: values outside two quantiles of the training rows become those quantiles.

import { quantiles } from "../../stats/index.ts";
import { type ColumnRule, columnTransformer, type Transformer } from "./transformer.ts";

export interface WinsorOptions {
  readonly columns?: readonly string[] | undefined;
  /** Share of the training values below the lower bound; default 0.005. */
  readonly lower?: number;
  /** Share of the training values below the upper bound; default 0.995. */
  readonly upper?: number;
}

/** NaN stays NaN, ±Infinity becomes a bound; a column unknown in training becomes NaN. Beyond 200,000 rows quantiles are of an even sample. */
export function winsor({ columns, lower = 0.005, upper = 0.995 }: WinsorOptions = {}): Transformer {
  return columnTransformer(winsorRule({ lower, upper }), columns);
}

export function winsorRule(settings: { lower: number; upper: number }): ColumnRule {
  return {
    name: "winsor",
    settings,
    learn: (values) => {
      const [low, high] = quantiles(values, [settings.lower, settings.upper]);
      return { low, high };
    },
    apply: (values, parameters) => {
      const { low = Number.NaN, high = Number.NaN } = parameters ?? {};
      const out = new Float32Array(values.length);
      for (let row = 0; row < values.length; row += 1) {
        out[row] = Math.min(high, Math.max(low, values[row]));
      }
      return out;
    },
  };
}
