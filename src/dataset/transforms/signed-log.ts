// Logarithm for quantities that span orders of magnitude: sign(x) log(1 + |x|). It learns nothing.

import { type ColumnRule, columnTransformer, type Transformer } from "./transformer.ts";

export function signedLog({ columns }: { readonly columns?: readonly string[] } = {}): Transformer {
  return columnTransformer(signedLogRule(), columns);
}

export function signedLogRule(): ColumnRule {
  return {
    name: "signedLog",
    settings: {},
    learn: () => ({}),
    apply: (values) => values.map((value) => Math.sign(value) * Math.log1p(Math.abs(value))),
  };
}
