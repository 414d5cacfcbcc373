// Training that has gone wrong stops at once, with a name for what happened and the way out.

import { DegenerateTrainingError, PipelineError } from "../errors.ts";

export interface EpochMeans {
  readonly loss: number;
  /** Deviation of the scores within the day. */
  readonly spread: number;
  readonly norm: number;
}

/** Least deviation of scores within a day that still ranks: labels are standardised. */
const leastSpread = 1e-5;

/** A loss this many times the first epoch's is not learning. */
const explosion = 100;

/** Throws DegenerateTrainingError for an epoch whose scores are constant or whose loss has exploded. */
export function checkEpoch(epoch: number, now: EpochMeans, first: EpochMeans | undefined): void {
  if (now.spread < leastSpread) {
    throw new DegenerateTrainingError(
      "constant-predictions",
      `scores of epoch ${epoch} deviate by ${now.spread.toExponential(2)} within a day, expected at least ${leastSpread}; ` +
        "lower the learning rate or weight decay, add train.phases[].weights.varianceFloor, or look at the features",
    );
  }
  const limit = explosion * Math.max(1, Math.abs(first?.loss ?? now.loss));
  if (Math.abs(now.loss) > limit) {
    throw new DegenerateTrainingError(
      "exploding-loss",
      `mean loss of epoch ${epoch} is ${now.loss}, expected within ${limit}; lower the learning rate or the clip norm`,
    );
  }
}

/** ONNX Runtime's failure of a step as a named error; other errors as they are. */
export function stepError(cause: unknown, step: number): unknown {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (isOutOfMemory(cause)) {
    return new DegenerateTrainingError(
      "out-of-memory",
      `step ${step} does not fit: ${message}; lower train.batchDays or model.hidden`,
      { cause },
    );
  }
  if (cause instanceof PipelineError && /is (NaN|-?Infinity)/u.test(message)) {
    return new DegenerateTrainingError("not-finite", message, { cause });
  }
  return cause;
}

export function isOutOfMemory(cause: unknown): boolean {
  const message = cause instanceof Error ? cause.message : String(cause);
  return /bad_alloc|out of memory|failed to allocate|allocation of|alloc.*fail/iu.test(message);
}
