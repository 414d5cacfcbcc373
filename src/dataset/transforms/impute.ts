// Imputation: a missing value becomes the training median, and a companion column says which values were observed.

import { median } from "../../stats/index.ts";
import { type ColumnRule, columnTransformer, type Transformer } from "./transformer.ts";

/** `<column>_observed` is 1 where the value was finite, else 0. A column unknown in training is filled with 0 throughout. */
export function impute({ columns }: { readonly columns?: readonly string[] } = {}): Transformer {
  return columnTransformer(imputeRule(), columns);
}

export function imputeRule(): ColumnRule {
  return {
    name: "impute",
    settings: {},
    learn: (values) => ({ fill: median(values) }),
    apply: (values, parameters) => {
      if (parameters === null) return new Float32Array(values.length);
      const { fill } = parameters;
      const out = new Float32Array(values.length);
      for (let row = 0; row < values.length; row += 1) {
        out[row] = Number.isFinite(values[row]) ? values[row] : fill;
      }
      return out;
    },
    companion: {
      suffix: "_observed",
      of: (values) => values.map((value) => Number(Number.isFinite(value))),
    },
  };
}
