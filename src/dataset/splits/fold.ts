// A fold as sessions: which are tested, which may train, which lie between them for safety.

import { ConfigError } from "../../errors.ts";

/** Sessions `start` to `end` − 1. */
export interface SessionRange {
  readonly start: number;
  readonly end: number;
}

export interface SessionFold {
  readonly fold: number;
  readonly train: readonly SessionRange[];
  readonly test: readonly SessionRange[];
  /** Left out because a label window would span the border of train and test. */
  readonly purged: readonly SessionRange[];
  /** Left out after a test because what happened in it is still in the prices. */
  readonly embargoed: readonly SessionRange[];
}

export interface FoldOptions {
  readonly fold: number;
  readonly test: readonly SessionRange[];
  /** Sessions that may train at all. */
  readonly window: SessionRange;
  readonly purgeDays: number;
  readonly embargoDays: number;
}

const part = { none: 0, train: 1, embargo: 2, purge: 3, test: 4 } as const;

/** Cuts purge (both sides of each test range) and embargo (after it) out of the window; what is left trains. */
export function foldAround(
  sessionCount: number,
  { fold, test, window, purgeDays, embargoDays }: FoldOptions,
): SessionFold {
  const parts = new Uint8Array(sessionCount);
  parts.fill(part.train, window.start, window.end);
  const exclude = (from: number, to: number, as: number): void => {
    const end = Math.min(to, sessionCount);
    for (let session = Math.max(0, from); session < end; session += 1) {
      if (parts[session] !== part.none) parts[session] = Math.max(parts[session], as);
    }
  };
  for (const { start, end } of test) {
    exclude(start - purgeDays, start, part.purge);
    exclude(end, end + purgeDays, part.purge);
    exclude(end + purgeDays, end + purgeDays + embargoDays, part.embargo);
  }
  for (const { start, end } of test) parts.fill(part.test, start, end);
  return {
    fold,
    train: rangesOf(parts, part.train),
    test: rangesOf(parts, part.test),
    purged: rangesOf(parts, part.purge),
    embargoed: rangesOf(parts, part.embargo),
  };
}

/** Throws ConfigError unless `value` is a whole number of at least `minimum`. */
export function requireWhole(where: string, name: string, value: number, minimum: number): void {
  if (Number.isInteger(value) && value >= minimum) return;
  throw new ConfigError(
    `${where}: ${name} must be a whole number of at least ${minimum}, found ${value}`,
  );
}

/** Cuts sessions 0 to `count` − 1 into `groups` contiguous ranges; the first ones are a session longer where it does not divide. */
export function equalRanges(where: string, count: number, groups: number): SessionRange[] {
  if (count < groups) {
    throw new ConfigError(`${where}: expected at least ${groups} sessions, found ${count}`);
  }
  const base = Math.floor(count / groups);
  const longer = count % groups;
  return Array.from({ length: groups }, (_, group) => {
    const start = group * base + Math.min(group, longer);
    return { start, end: start + base + (group < longer ? 1 : 0) };
  });
}

function rangesOf(parts: Uint8Array, wanted: number): SessionRange[] {
  const ranges: SessionRange[] = [];
  let start = -1;
  for (let session = 0; session <= parts.length; session += 1) {
    const inside = session < parts.length && parts[session] === wanted;
    if (inside && start < 0) start = session;
    if (!inside && start >= 0) {
      ranges.push({ start, end: session });
      start = -1;
    }
  }
  return ranges;
}
