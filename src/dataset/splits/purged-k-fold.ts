// Purged k-fold (López de Prado 2018, chapter 7): each block of sessions is tested once by what lies before and after it.

import { equalRanges, foldAround, requireWhole } from "./fold.ts";
import { type Splitter, splitterOf } from "./splitter.ts";

export interface PurgedKFoldOptions {
  /** Folds, default 5. */
  readonly nSplits?: number;
  /** Sessions dropped on both sides of a test: at least the longest horizon. */
  readonly purgeDays: number;
  /** Sessions dropped after the purge that follows a test; default 0. */
  readonly embargoDays?: number;
}

/** `nSplits` contiguous tests that cover all sessions. Throws ConfigError with fewer sessions than folds. */
export function purgedKFold({
  nSplits = 5,
  purgeDays,
  embargoDays = 0,
}: PurgedKFoldOptions): Splitter {
  requireWhole("purgedKFold", "nSplits", nSplits, 2);
  requireWhole("purgedKFold", "purgeDays", purgeDays, 0);
  requireWhole("purgedKFold", "embargoDays", embargoDays, 0);
  return splitterOf("purgedKFold", { nSplits, purgeDays, embargoDays }, (count) =>
    equalRanges("purgedKFold", count, nSplits).map((range, fold) =>
      foldAround(count, {
        fold,
        test: [range],
        window: { start: 0, end: count },
        purgeDays,
        embargoDays,
      }),
    ),
  );
}
