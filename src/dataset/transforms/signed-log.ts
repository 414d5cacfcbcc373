// Logarithm for quantities that span orders of magnitude: sign(x) log(1 + |x|). It learns nothing.

import { type ColumnRule, columnTransformer, type Transformer } from "./transformer.ts";

export function signedLog({ columns }: { readonly columns?: readonly string[] } = {}): Transformer {
  return columnTransformer(signedLogRule(), columns);
}

export function signedLogRule(): ColumnRule {
  return {
    name: "signedLog",
    settings: {},
    apply: (values) => {
      const out = new Float32Array(values.length);
      for (let row = 0; row < values.length; row += 1) {
        const value = values[row];
        out[row] = value < 0 ? -Math.log1p(-value) : Math.log1p(value);
      }
      return out;
    },
  };
}
