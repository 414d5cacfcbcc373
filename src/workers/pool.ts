// A pool of worker threads that maps a kernel over blocks of codes or dates in shared memory.

import { once } from "node:events";
import { availableParallelism } from "node:os";
import type { Worker } from "node:worker_threads";
import { Piscina } from "piscina";
import { PipelineError, ShapeError } from "../errors.ts";
import { errorOf, wrapped, type Outcome } from "./failure.ts";

/** Positions `start` to `end` − 1 of codes or of dates. `label` stands in error messages. */
export interface Block {
  readonly start: number;
  readonly end: number;
  readonly label?: string;
}

/** One call of a kernel, as it is posted to a worker. */
export interface Task {
  /** URL of the module. */
  readonly module: string;
  /** Name of the exported kernel. */
  readonly kernel: string;
  readonly block: Block;
  readonly args: unknown;
  /** Which of the pool's shared values the kernel is to see; a worker that lacks it says so and is sent it. */
  readonly version: number;
  readonly shared?: object;
}

export interface MapOptions {
  /** URL of the module that exports the kernel, as `new URL("./rolling.kernel.ts", import.meta.url)`. */
  readonly module: URL;
  /**
   * Name of the exported kernel: a function of `(block, args, shared)` that writes its block into arrays of `args` or of the
   * pool's `shared`, and may return (or promise) a small summary.
   */
  readonly kernel: string;
  readonly blocks: readonly Block[];
  /** Passed to every call. Typed arrays must lie on a SharedArrayBuffer: workers see them without a copy. */
  readonly args?: Readonly<Record<string, unknown>>;
  /** Aborting stops the running blocks too; what they were writing is then undefined. */
  readonly signal?: AbortSignal;
  /** Called after each block with the number done. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface PoolOptions {
  /** Worker threads; default one for each core. */
  readonly threads?: number;
  /** As `WorkerPool.share`. */
  readonly shared?: object;
}

/** Worker threads that start with the first call and end with `close`, `await using`, or the process. */
export class WorkerPool implements AsyncDisposable {
  readonly threads: number;
  readonly #piscina: Piscina;
  #shared: object = {};
  #version: number = 0;
  #isClosed: boolean = false;

  constructor(threads: number) {
    this.threads = threads;
    this.#piscina = new Piscina({
      filename: new URL(
        import.meta.url.endsWith(".ts") ? "./run.kernel.ts" : "./run.kernel.js",
        import.meta.url,
      ).href,
      name: "run",
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: Number.POSITIVE_INFINITY,
      maxQueue: Number.POSITIVE_INFINITY,
      recordTiming: false,
    });
  }

  /** Hands a value to every worker once, instead of with every block: large plain data over shared arrays. */
  share(value: object): void {
    requireShared("workers: shared", value);
    this.#shared = value;
    this.#version += 1;
  }

  /** Starts all threads and has them load a module, so that they are ready when there is work. What goes wrong shows when a kernel is called. */
  async start(module: URL): Promise<void> {
    const starts = Array.from({ length: this.threads }, () =>
      this.#piscina.run(module.href, { name: "load" }),
    );
    await Promise.allSettled(starts);
  }

  /**
   * Calls the kernel once a block and gives the results in the order of `blocks`, whichever worker was faster. When a block
   * fails no further one starts, the running ones end, and the promise rejects with an error that names the block and carries
   * the kernel's as its cause: of the same class when that is one of gogooku3's, else a PipelineError. When `signal` aborts, it rejects with the signal's reason after the workers that
   * were running have ended, so that nothing writes to shared memory any more.
   */
  async mapBlocks<Result = void>(options: MapOptions): Promise<Result[]> {
    if (this.#isClosed) throw new PipelineError(`workers: ${options.kernel}: the pool is closed`);
    requireShared(`workers: ${options.kernel}: args`, options.args ?? {});
    const { blocks, signal, onProgress } = options;
    signal?.throwIfAborted();
    const results = new Array<Result>(blocks.length);
    const failures: unknown[] = [];
    let next = 0;
    let done = 0;
    const drain = async (): Promise<void> => {
      while (next < blocks.length && failures.length === 0) {
        const index = next;
        next += 1;
        try {
          results[index] = await this.#runBlock(options, blocks[index]);
          done += 1;
          onProgress?.(done, blocks.length);
        } catch (error) {
          failures.push(error);
        }
      }
    };
    let workersAtAbort: readonly Worker[] = [];
    const noteWorkers = (): void => {
      workersAtAbort = this.#piscina.threads;
    };
    signal?.addEventListener("abort", noteWorkers);
    await Promise.all(Array.from({ length: Math.min(this.threads, blocks.length) }, drain));
    signal?.removeEventListener("abort", noteWorkers);
    if (failures.length === 0) return results;
    const alive = new Set(this.#piscina.threads);
    await Promise.all(workersAtAbort.filter((worker) => !alive.has(worker)).map(exitOf));
    signal?.throwIfAborted();
    throw failures[0];
  }

  /** Ends the workers. Calls that are running fail; wait for them first. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#piscina.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #runBlock<Result>(options: MapOptions, block: Block): Promise<Result> {
    const { module, kernel, args = {}, signal = null } = options;
    const task: Task = { module: module.href, kernel, block, args, version: this.#version };
    try {
      let outcome: Outcome<Result> = await this.#piscina.run(task, { signal });
      if ("lacksShared" in outcome) {
        outcome = await this.#piscina.run({ ...task, shared: this.#shared }, { signal });
      }
      if ("lacksShared" in outcome) throw new PipelineError("the worker was sent no shared value");
      if ("failure" in outcome) throw errorOf(outcome.failure);
      return outcome.value;
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw wrapped(`workers: ${kernel} failed on ${blockName(block)}: ${message}`, cause);
    }
  }
}

/** A pool of `threads` workers, by default one for each core. Throws ShapeError when `threads` is not a positive integer. */
export function createPool({
  threads = availableParallelism(),
  shared,
}: PoolOptions = {}): WorkerPool {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new ShapeError(`createPool: threads must be an integer of at least 1, found ${threads}`);
  }
  const pool = new WorkerPool(threads);
  if (shared !== undefined) pool.share(shared);
  return pool;
}

/** Cuts positions 0 to `length` − 1 into blocks of `size`, the last one shorter. */
export function splitBlocks(length: number, size: number): readonly Block[] {
  if (!Number.isInteger(size) || size < 1) {
    throw new ShapeError(`splitBlocks: size must be an integer of at least 1, found ${size}`);
  }
  return Array.from({ length: Math.ceil(length / size) }, (_, i) => ({
    start: i * size,
    end: Math.min(length, (i + 1) * size),
  }));
}

/** Resolves when a worker that was told to end has ended. */
async function exitOf(worker: Worker): Promise<void> {
  if (worker.threadId !== -1) await once(worker, "exit");
}

function blockName({ start, end, label }: Block): string {
  const range = `block [${start}, ${end})`;
  return label === undefined ? range : `${range} (${label})`;
}

function requireShared(where: string, value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof SharedArrayBuffer) return;
    throw new ShapeError(
      `${where}: expected an array on a SharedArrayBuffer (sharedColumn makes one), found ` +
        `${value.constructor.name} of ${value.byteLength} bytes that each worker would get a copy of`,
    );
  }
  if (value instanceof SharedArrayBuffer) return;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) {
    throw new ShapeError(
      `${where}: expected plain data and shared arrays, found ${value.constructor.name}`,
    );
  }
  for (const [key, item] of Object.entries(value)) requireShared(`${where}.${key}`, item);
}
