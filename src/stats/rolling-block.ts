// Where the blocks of the anchored rolling kernels begin. Rows are cut at multiples of the window, and each block is anchored at a
// value that all its windows hold. Which one depends on the window before the block alone: not on what comes later, and not on
// where the history begins, so that a series which was cut off at the front has the same blocks again soon after the cut.

let origin = 0;

/**
 * Runs `compute` on series that begin at place `position` of longer ones. From three windows after their beginning on, rolling
 * kernels then give the bits that they would give for the whole series.
 */
export function cutAt(position: number, compute: () => void): void {
  origin = position;
  try {
    compute();
  } finally {
    origin = 0;
  }
}

/** How far before the series' beginning the last multiple of `window` lies, counted in the series it was cut from. */
export function blockPhase(window: number): number {
  return origin % window;
}

/** Position of the last finite value of the `window` rows up to `row`; -1 when none of them is. */
export function blockAnchor(values: Float64Array, row: number, window: number): number {
  const oldest = Math.max(0, row - window + 1);
  for (let i = row; i >= oldest; i -= 1) if (values[i] - values[i] === 0) return i;
  return -1;
}

/** The row before which the block of `row` ends: at the next multiple of the window, or when windows no longer hold the anchor. */
export function blockEnd(row: number, anchor: number, window: number, length: number): number {
  const multiple = row + window - ((row + blockPhase(window)) % window);
  return Math.min(multiple, anchor + window, length);
}

/** The first finite value's position from `from` on, `values.length` when there is none; the rows before it are set to NaN in `out`. */
export function skipMissing(values: Float64Array, from: number, out: Float64Array): number {
  let i = from;
  while (i < values.length && values[i] - values[i] !== 0) {
    out[i] = Number.NaN;
    i += 1;
  }
  return i;
}
