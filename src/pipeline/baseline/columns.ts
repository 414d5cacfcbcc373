// Feature columns on their way through the pipeline: in memory or on disk, some at a time, handed to worker threads.

import type { Dataset } from "../../dataset/index.ts";
import { sharedInts } from "../../dataset/splits/index.ts";
import type { RowIndex } from "../../dataset/transforms/index.ts";
import { columnBlock } from "../../model/lightgbm/index.ts";
import { type Block, splitBlocks, type WorkerPool } from "../../workers/index.ts";

export interface ColumnSource {
  /** On shared memory. */
  readonly index: RowIndex;
  /** The columns, all rows, on shared memory. */
  readonly read: (names: readonly string[]) => readonly Float32Array[];
}

/** Features read once and kept, or read from disk some columns at a time, whenever they are asked for. */
export function columnSource(
  dataset: Dataset,
  names: readonly string[],
  holdsFeatures: boolean,
): ColumnSource {
  const { rows } = dataset;
  const index = {
    dates: sharedInts(rows.dates),
    sessions: sharedInts(rows.sessionOfRow),
    codes: sharedInts(rows.codeOfRow),
  };
  const held = holdsFeatures ? dataset.features(names) : undefined;
  return {
    index,
    read: (wanted) => {
      const table = held ?? dataset.features(wanted);
      return wanted.map((name) => sharedFloats(table.column(name)));
    },
  };
}

/** The source with columns beside its own. */
export function withColumns(
  { index, read }: ColumnSource,
  added: ReadonlyMap<string, Float32Array>,
): ColumnSource {
  return {
    index,
    read: (names) => {
      const own = names.filter((name) => !added.has(name));
      const values = new Map(
        own.length === 0 ? [] : read(own).map((column, i) => [own[i], column]),
      );
      return names.map((name) => added.get(name) ?? values.get(name) ?? new Float32Array(0));
    },
  };
}

/** A kernel over blocks of columns, by module and by itself: few cells are not worth a thread. */
export interface ColumnKernel<Args, Result> {
  readonly module: URL;
  readonly run: (block: Block, args: Args) => Result;
}

export interface ColumnBlockArgs {
  /** Values of the columns that were read together. */
  readonly values: readonly Float32Array[];
  /** Position of the first of them among all names. */
  readonly first: number;
}

/** Cells that one thread does in about a tenth of a second. */
const cellsWorthThreads = 4_000_000;

/** Runs the kernel over all of `names`; reads the next columns while threads work on these. Results are in column order. */
export async function mapColumns<Args extends ColumnBlockArgs, Result>(
  pool: WorkerPool,
  { index, read }: ColumnSource,
  names: readonly string[],
  { module, run }: ColumnKernel<Args, Result>,
  argsOf: (read: ColumnBlockArgs) => Args,
): Promise<Result[]> {
  const results: Result[] = [];
  const isSmall = index.sessions.length * names.length < cellsWorthThreads;
  const group = columnBlock * pool.threads;
  let pending: Promise<Result[]> = Promise.resolve([]);
  for (let first = 0; first < names.length; first += group) {
    const wanted = names.slice(first, first + group);
    const values = read(wanted);
    results.push(...(await pending));
    const args: Args = argsOf({ values, first });
    const blocks = splitBlocks(wanted.length, columnBlock);
    const plain: Record<string, unknown> = Object.fromEntries(Object.entries(args));
    pending = isSmall
      ? Promise.resolve(blocks.map((block) => run(block, args)))
      : pool.mapBlocks<Result>({ module, kernel: run.name, blocks, args: plain });
  }
  results.push(...(await pending));
  return results;
}

function sharedFloats(values: Float32Array): Float32Array {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const shared = new Float32Array(new SharedArrayBuffer(values.byteLength));
  shared.set(values);
  return shared;
}
