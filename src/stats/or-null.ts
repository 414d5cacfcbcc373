// From the kernels' NaN to the null of everything that is written down.

/** The number, or null when it is not finite: a figure that is not defined is null, never 0. */
export function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
