// Combinatorial purged cross-validation (López de Prado 2018, chapter 12): every choice of test groups, many backtest paths.

import { ConfigError } from "../../errors.ts";
import { equalRanges, foldAround, requireWhole } from "./fold.ts";
import { type Splitter, splitterOf } from "./splitter.ts";

export interface CombinatorialPurgedOptions {
  /** Contiguous groups of sessions, default 6. */
  readonly nGroups?: number;
  /** Groups tested together in a fold, default 2. */
  readonly nTestGroups?: number;
  /** Sessions dropped on both sides of each test group: at least the longest horizon. */
  readonly purgeDays: number;
  /** Sessions dropped after the purge that follows a test group; default 0. */
  readonly embargoDays?: number;
}

/** One fold a combination, in lexicographic order of groups: C(nGroups, nTestGroups) folds. */
export function combinatorialPurged({
  nGroups = 6,
  nTestGroups = 2,
  purgeDays,
  embargoDays = 0,
}: CombinatorialPurgedOptions): Splitter {
  requireWhole("combinatorialPurged", "nGroups", nGroups, 2);
  requireWhole("combinatorialPurged", "nTestGroups", nTestGroups, 1);
  requireWhole("combinatorialPurged", "purgeDays", purgeDays, 0);
  requireWhole("combinatorialPurged", "embargoDays", embargoDays, 0);
  if (nTestGroups >= nGroups) {
    throw new ConfigError(
      `combinatorialPurged: nTestGroups must be below nGroups (${nGroups}), found ${nTestGroups}`,
    );
  }
  const options = { nGroups, nTestGroups, purgeDays, embargoDays };
  return splitterOf("combinatorialPurged", options, (count) => {
    const groups = equalRanges("combinatorialPurged", count, nGroups);
    return combinations(nGroups, nTestGroups).map((chosen, fold) =>
      foldAround(count, {
        fold,
        test: chosen.map((group) => groups[group]),
        window: { start: 0, end: count },
        purgeDays,
        embargoDays,
      }),
    );
  });
}

/**
 * The backtest paths: `paths[p][g]` is the fold whose test predicts group g on path p. Each path covers every group once;
 * there are C(nGroups − 1, nTestGroups − 1) of them.
 */
export function combinatorialPaths(nGroups: number, nTestGroups: number): number[][] {
  const foldsOfGroup = Array.from({ length: nGroups }, (): number[] => []);
  combinations(nGroups, nTestGroups).forEach((chosen, fold) => {
    for (const group of chosen) foldsOfGroup[group].push(fold);
  });
  return foldsOfGroup[0].map((_, path) => foldsOfGroup.map((folds) => folds[path]));
}

function combinations(n: number, k: number, from = 0): number[][] {
  if (k === 0) return [[]];
  const chosen: number[][] = [];
  for (let first = from; first <= n - k; first += 1) {
    for (const rest of combinations(n, k - 1, first + 1)) chosen.push([first, ...rest]);
  }
  return chosen;
}
