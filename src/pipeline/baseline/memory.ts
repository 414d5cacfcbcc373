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
  // While threads transform some columns the next ones are read.
  const together = Math.min(width, columnBlock * availableParallelism());
  const transform = 3 * matrixBytes(rows.count, together);
  const needed = fixedBytes + rows.count * bytesARow + matrices + Math.max(bins, transform);
  const held = matrixBytes(rows.count, width);
  const holdsFeatures = needed + held <= memoryLimitBytes;
  const expectedBytes = needed + (holdsFeatures ? held : 0);
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
