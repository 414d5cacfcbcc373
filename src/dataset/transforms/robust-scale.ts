// Robust scaling: (value − median) / (1.4826 MAD) of the training rows, as scikit-learn's RobustScaler does with quartiles.

import { median, std } from "../../stats/index.ts";
import { type ColumnRule, columnTransformer, type Transformer } from "./transformer.ts";

/** Makes the median absolute deviation of a normal variable its standard deviation. */
const normalMad = 1.4826;

/**
 * Where over half of the training values are equal (MAD 0) the standard deviation scales; where all are, 1. NaN stays NaN;
 * a column unknown in training becomes NaN.
 */
export function robustScale({
  columns,
}: { readonly columns?: readonly string[] } = {}): Transformer {
  return columnTransformer(robustScaleRule(), columns);
}

export function robustScaleRule(): ColumnRule {
  return {
    name: "robustScale",
    settings: {},
    learn: (values) => {
      const center = median(values);
      const spread = normalMad * median(values.map((value) => Math.abs(value - center)));
      return { center, scale: spread || std(values) || 1 };
    },
    apply: (values, parameters) => {
      const { center = Number.NaN, scale = Number.NaN } = parameters ?? {};
      const out = new Float32Array(values.length);
      for (let row = 0; row < values.length; row += 1) out[row] = (values[row] - center) / scale;
      return out;
    },
  };
}
