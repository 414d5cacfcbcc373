// Walk-forward folds in sessions: train on the past, skip the purge, test on what follows (names: scikit-learn, skfolio).

import { ConfigError } from "../../errors.ts";
import { foldAround, requireWhole, type SessionFold } from "./fold.ts";
import { type Splitter, splitterOf } from "./splitter.ts";

export interface WalkForwardOptions {
  /** Folds, default 5. */
  readonly nSplits?: number;
  /** Training sessions: exactly so many when rolling, at least so many when expanding. Default: as many as a test has. */
  readonly trainSize?: number;
  /** Test sessions of a fold; default an equal share for each test and the first training window. */
  readonly testSize?: number;
  /** Sessions between training and test: at least the longest horizon. */
  readonly purgeDays: number;
  /** Sessions after a test that no fold tests, so that the next test's labels are new ones; default 0. */
  readonly embargoDays?: number;
  /** Train on everything before the purge (default) instead of the last `trainSize` sessions. */
  readonly expandTrain?: boolean;
}

/**
 * Folds counted back from the last session, oldest first: [train][purge][test][embargo][test]...
 * Throws ConfigError when the sessions do not suffice.
 */
export function walkForward({
  nSplits = 5,
  trainSize,
  testSize,
  purgeDays,
  embargoDays = 0,
  expandTrain = true,
}: WalkForwardOptions): Splitter {
  requireWhole("walkForward", "nSplits", nSplits, 1);
  requireWhole("walkForward", "trainSize", trainSize ?? 1, 1);
  requireWhole("walkForward", "testSize", testSize ?? 1, 1);
  requireWhole("walkForward", "purgeDays", purgeDays, 0);
  requireWhole("walkForward", "embargoDays", embargoDays, 0);
  const plan = (count: number): SessionFold[] => {
    const gaps = purgeDays + (nSplits - 1) * embargoDays;
    const test = testSize ?? Math.max(1, Math.floor((count - gaps) / (nSplits + 1)));
    const train = trainSize ?? test;
    const needed = train + nSplits * test + gaps;
    if (needed > count) {
      throw new ConfigError(
        `walkForward: ${nSplits} tests of ${test} sessions, ${gaps} of purge and embargo and ${train} of training need ` +
          `${needed} sessions, found ${count}; lower nSplits, testSize or trainSize`,
      );
    }
    return Array.from({ length: nSplits }, (_, fold) => {
      const start = count - (nSplits - fold) * test - (nSplits - 1 - fold) * embargoDays;
      const trainEnd = start - purgeDays;
      const window = { start: expandTrain ? 0 : trainEnd - train, end: start };
      return foldAround(count, {
        fold,
        test: [{ start, end: start + test }],
        window,
        purgeDays,
        embargoDays: 0,
      });
    });
  };
  const options = {
    nSplits,
    purgeDays,
    embargoDays,
    expandTrain,
    ...(trainSize === undefined ? {} : { trainSize }),
    ...(testSize === undefined ? {} : { testSize }),
  };
  return splitterOf("walkForward", options, plan);
}
