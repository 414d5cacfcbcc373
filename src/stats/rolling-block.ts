// Where the blocks of the anchored rolling kernels begin: at a value that is there, at most a window after the last.

/** The first finite value's position, `values.length` when there is none; the rows before it are set to NaN in `out`. */
export function firstBlock(values: Float64Array, out: Float64Array): number {
  return skipMissing(values, 0, out);
}

/**
 * The beginning of the block after the one at `start`: the last finite value up to `start + window`, or, when all of
 * those are missing, the first finite one later on; rows of a gap that no block reaches are set to NaN in `out`.
 * Two blocks together always move by more than a window, so the work on what lies before them stays O(1) a row.
 */
export function nextBlock(
  values: Float64Array,
  start: number,
  window: number,
  out: Float64Array,
): number {
  const far = start + window;
  if (far >= values.length) return values.length;
  for (let i = far; i > start; i -= 1) if (values[i] - values[i] === 0) return i;
  return skipMissing(values, far, out);
}

function skipMissing(values: Float64Array, from: number, out: Float64Array): number {
  let i = from;
  while (i < values.length && values[i] - values[i] !== 0) {
    out[i] = Number.NaN;
    i += 1;
  }
  return i;
}
