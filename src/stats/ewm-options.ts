// How fast an exponentially weighted kernel forgets: the options of pandas.Series.ewm, ignore_na=False.

import { ShapeError } from "../errors.ts";

/** Exactly one of `alpha`, `com`, `span` and `halflife` is given. */
export interface EwmOptions {
  /** Weight of today's value, in (0, 1]. */
  readonly alpha?: number;
  /** Centre of mass in rows, at least 0: alpha = 1 / (1 + com). */
  readonly com?: number;
  /** Span in rows, at least 1: alpha = 2 / (span + 1). */
  readonly span?: number;
  /** Rows after which a weight has halved, above 0: alpha = 1 − 0.5^(1 / halflife). */
  readonly halflife?: number;
  /** Divide by the sum of the weights seen so far (default) instead of the plain recursion. */
  readonly adjust?: boolean;
  /** Fewest values seen for a result; default 0. */
  readonly minPeriods?: number;
}

/** The weight of today's value. Throws ShapeError unless exactly one of the four decays is given and in its range. */
export function ewmAlpha(kernel: string, options: EwmOptions): number {
  const { alpha, com, span, halflife } = options;
  const given = [alpha, com, span, halflife].filter((value) => value !== undefined);
  if (given.length !== 1) {
    throw new ShapeError(
      `${kernel}: expected exactly one of alpha, com, span and halflife, found ${given.length}`,
    );
  }
  const decay = decayOf(options);
  if (!(decay > 0 && decay <= 1)) {
    throw new ShapeError(
      `${kernel}: alpha must be in (0, 1], com at least 0, span at least 1 and halflife above 0, found ${given[0]}`,
    );
  }
  return decay;
}

function decayOf({ alpha, com, span, halflife }: EwmOptions): number {
  if (alpha !== undefined) return alpha;
  if (com !== undefined) return 1 / (1 + com);
  if (span !== undefined) return 2 / (span + 1);
  if (halflife !== undefined && halflife > 0) return -Math.expm1(-Math.LN2 / halflife);
  return Number.NaN;
}
