// What a run will need of memory, reckoned before it starts: whether features may stay in memory, and whether it fits at all.

import { availableParallelism } from "node:os";
import type { Dataset } from "../../dataset/index.ts";
import { ConfigError } from "../../errors.ts";
import { columnBlock, matrixBytes } from "../../model/lightgbm/index.ts";
import type { BaselinePlan } from "./options.ts";

export interface MemoryPlan {
  /** Whether all feature columns are read once and kept; else they are read for each fold. */
  readonly holdsFeatures: boolean;
  /** Bytes of the largest fold's matrices. */
  readonly matrixBytes: number;
  /** Bytes that the process is expected to take at most. */
  readonly expectedBytes: number;
}

/** Node with its threads, DuckDB and LightGBM loaded, before any row. */
const fixedBytes = 450 * 2 ** 20;

/** Index, labels, targets, gradients and scores of a row. */
const bytesARow = 250;

/**
 * Column blocks alive while threads transform: what they make, and when columns are read from disk also what was read and is not
 * collected yet (measured at 1.2 million rows × 145 columns).
 */
const turnoverHeld = 4.5;
const turnoverRead = 8;

/** Throws ConfigError with the ways out when the largest fold does not fit the limit. `width`: columns of the matrices. */
export function planMemory(
  { rows }: Dataset,
  { splitter, memoryLimitBytes }: BaselinePlan,
  width: number,
): MemoryPlan {
  const rowsOf = (start: number, end: number): number => rows.dayStart[end] - rows.dayStart[start];
  const largest = Math.max(
    ...splitter
      .plan(rows.dates.length)
      .map(({ train, test }) =>
        [...train, ...test].reduce((sum, { start, end }) => sum + rowsOf(start, end), 0),
      ),
  );
  const matrices = matrixBytes(largest, width);
  // A byte a value, and a copy where rows of unknown label are left out.
  const bins = 2 * largest * width;
  const together = matrixBytes(rows.count, Math.min(width, columnBlock * availableParallelism()));
  const base = fixedBytes + rows.count * bytesARow + matrices;
  const needs = (columns: number, turnover: number): number =>
    base + columns + Math.max(bins, turnover * together);
  const held = needs(matrixBytes(rows.count, width), turnoverHeld);
  const holdsFeatures = held <= memoryLimitBytes;
  const expectedBytes = holdsFeatures ? held : needs(0, turnoverRead);
  if (expectedBytes > memoryLimitBytes) {
    throw new ConfigError(
      `baseline: the largest fold has ${largest} rows × ${width} features and needs ${gib(expectedBytes)} GiB, the limit is ` +
        `${gib(memoryLimitBytes)}: raise --memory-limit, name fewer --features, or use --rolling with --train-size`,
    );
  }
  return { holdsFeatures, matrixBytes: matrices, expectedBytes };
}

function gib(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(2);
}
