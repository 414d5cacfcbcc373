// Validation inside a training window: its last sessions, purged from what still trains.

import { ConfigError } from "../../errors.ts";
import { requireWhole } from "./fold.ts";
import { requireDisjoint } from "./proof.ts";
import { TrainRows, ValidationRows } from "./rows.ts";

export interface HoldOutOptions {
  /** Sessions to hold out. */
  readonly validationSize: number;
  /** Sessions dropped before them: at least the longest horizon. */
  readonly purgeDays: number;
}

export interface HeldOut {
  readonly train: TrainRows;
  readonly validation: ValidationRows;
}

/**
 * Holds out the last `validationSize` sessions of `rows`. Throws ConfigError when nothing is left to train, LeakageError
 * when a remaining label's real window reaches the validation.
 */
export function holdOutLast(
  rows: TrainRows,
  { validationSize, purgeDays }: HoldOutOptions,
): HeldOut {
  requireWhole("holdOutLast", "validationSize", validationSize, 1);
  requireWhole("holdOutLast", "purgeDays", purgeDays, 0);
  const { source, fold, indices } = rows;
  const { sessions, labelEnds, horizon } = source;
  const present = [...new Set(indices.map((row) => sessions[row]))];
  const first = present.at(-validationSize);
  if (first === undefined || present[0] >= first - purgeDays) {
    throw new ConfigError(
      `holdOutLast: fold ${fold}: ${validationSize} sessions of validation and ${purgeDays} of purge leave nothing of ${present.length} to train`,
    );
  }
  const kept = indices.filter((row) => {
    const isLate = labelEnds[row] > sessions[row] + horizon && labelEnds[row] >= first;
    return sessions[row] < first - purgeDays && !isLate;
  });
  const train = new TrainRows(source, fold, kept);
  const held = indices.filter((row) => sessions[row] >= first);
  const validation = new ValidationRows(source, fold, held);
  requireDisjoint("holdOutLast", train, validation);
  return { train, validation };
}
