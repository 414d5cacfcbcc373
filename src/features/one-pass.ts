// Record kernels that one pass over the records fills together.

import type { EventKernel, EventRecords } from "./feature.ts";

/** Writes a value a record into each of `outs`. */
type Pass = (
  fields: readonly Float64Array[],
  outs: readonly Float64Array[],
  records: EventRecords,
) => void;

/**
 * `count` kernels, the k-th of which gives the k-th output of `pass`. Features that use them must name their inputs in one and the
 * same list: the engine then hands all of them the same fields, and the pass runs once a key.
 */
export function onePass(count: number, pass: Pass): readonly EventKernel[] {
  let last:
    | { readonly fields: readonly Float64Array[]; readonly outs: readonly Float64Array[] }
    | undefined;
  return Array.from({ length: count }, (_, k): EventKernel => (fields, out, records) => {
    if (last?.fields !== fields) {
      const outs = Array.from({ length: count }, () => new Float64Array(records.count));
      pass(fields, outs, records);
      last = { fields, outs };
    }
    out.set(last.outs[k]);
  });
}
