// What several record kernels make from the same fields, made once a key.

import type { EventKernel, EventRecords } from "./feature.ts";

/**
 * `make`, with what it made of the last fields kept: features that name their inputs in one and the same list are handed the same
 * fields by the engine, so that kernels that share what is made of them make it once a key.
 */
export function forFields<T>(
  make: (fields: readonly Float64Array[], records: EventRecords) => T,
): (fields: readonly Float64Array[], records: EventRecords) => T {
  let last: { readonly fields: readonly Float64Array[]; readonly made: T } | undefined;
  return (fields, records) => {
    if (last?.fields !== fields) last = { fields, made: make(fields, records) };
    return last.made;
  };
}

/** Writes a value a record into each of `outs`. */
type Pass = (fields: readonly Float64Array[], outs: readonly Float64Array[]) => void;

/** `count` kernels, the k-th of which gives the k-th output of `pass`; inputs as in `forFields`. */
export function onePass(count: number, pass: Pass): readonly EventKernel[] {
  const outsOf = forFields((fields, records) => {
    const outs = Array.from({ length: count }, () => new Float64Array(records.count));
    pass(fields, outs);
    return outs;
  });
  return Array.from({ length: count }, (_, k): EventKernel => (fields, out, records) => {
    out.set(outsOf(fields, records)[k]);
  });
}
