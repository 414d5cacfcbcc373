import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import {
  exitCodeOf,
  exitCodes,
  LeakageError,
  PipelineError,
  ShapeError,
} from "../../src/errors.ts";
import { Panel, sharedColumn } from "../../src/panel/panel.ts";
import { createPool, splitBlocks } from "../../src/workers/index.ts";

const module = new URL("./squares.kernel.ts", import.meta.url);
const pool = createPool({ threads: 2 });
afterAll(() => pool.close());

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

test("mapBlocks fills shared memory from all blocks and keeps the order of their results", async () => {
  const input = sharedColumn("f64", 1005);
  input.forEach((_, i) => (input[i] = i));
  const output = sharedColumn("f64", 1005);
  const progress: number[] = [];
  const counts = await pool.mapBlocks<number>({
    module,
    kernel: "squares",
    blocks: splitBlocks(1005, 100),
    args: { input, output },
    onProgress: (done, total) => progress.push(done / total),
  });
  expect(counts).toEqual([...Array.from({ length: 10 }, () => 100), 5]);
  expect(Array.from(output)).toEqual(Array.from({ length: 1005 }, (_, i) => i * i));
  expect(progress).toHaveLength(11);
  expect(progress.at(-1)).toBe(1);
});

test("no blocks give no results and start no worker", async () => {
  await expect(pool.mapBlocks({ module, kernel: "squares", blocks: [] })).resolves.toEqual([]);
});

test("an error names the kernel and its block and carries the kernel's error as cause", async () => {
  const blocks = splitBlocks(40, 10).map((block) => ({ ...block, label: `codes ${block.start}` }));
  const error = await errorOf(pool.mapBlocks({ module, kernel: "failsOnThird", blocks }));
  expect(error).toBeInstanceOf(PipelineError);
  expect(error).toMatchObject({
    message: "workers: failsOnThird failed on block [20, 30) (codes 20): the third block is bad",
    cause: { message: "the third block is bad", cause: { message: "its row 23" } },
  });
});

test("leakage found in a worker is leakage outside, with its exit code", async () => {
  const error = await errorOf(
    pool.mapBlocks({ module, kernel: "leaks", blocks: splitBlocks(1, 1) }),
  );
  expect(error).toBeInstanceOf(LeakageError);
  expect(error).toMatchObject({
    message: "workers: leaks failed on block [0, 1): beta_60d reads a later session",
    cause: { name: "LeakageError", message: "beta_60d reads a later session" },
  });
  expect(exitCodeOf(error)).toBe(exitCodes.check);
});

test("a kernel is handed what the pool shares with every worker", async () => {
  await using sharing = createPool({ threads: 1, shared: { offset: 40 } });
  const blocks = splitBlocks(2, 1);
  await expect(sharing.mapBlocks({ module, kernel: "plusShared", blocks })).resolves.toEqual([
    40, 41,
  ]);
  await sharing.start(module);
  sharing.share({ offset: 70 });
  await expect(sharing.mapBlocks({ module, kernel: "plusShared", blocks })).resolves.toEqual([
    70, 71,
  ]);
});

test("after an error the pool goes on with the next call", async () => {
  const input = sharedColumn("f64", 4).fill(3);
  const output = sharedColumn("f64", 4);
  const blocks = splitBlocks(4, 2);
  await errorOf(pool.mapBlocks({ module, kernel: "failsOnThird", blocks: splitBlocks(40, 10) }));
  await pool.mapBlocks({ module, kernel: "squares", blocks, args: { input, output } });
  expect(Array.from(output)).toEqual([9, 9, 9, 9]);
});

test("after a block failed no further one starts", async () => {
  await using single = createPool({ threads: 1 });
  const calls = sharedColumn("i32", 1).fill(0);
  const blocks = splitBlocks(40, 1);
  await errorOf(
    single.mapBlocks({ module, kernel: "countsAndFailsFirst", blocks, args: { calls } }),
  );
  expect(calls[0]).toBe(1);
});

test("a kernel that its module does not export is an error that lists the exports", async () => {
  const error = await errorOf(
    pool.mapBlocks({ module, kernel: "cubes", blocks: splitBlocks(1, 1) }),
  );
  expect(error).toMatchObject({
    message: expect.stringMatching(/expected an exported function cubes, found .*squares/),
  });
});

test("a worker that dies fails the block it was on", async () => {
  const error = await errorOf(
    pool.mapBlocks({ module, kernel: "exits", blocks: splitBlocks(1, 1) }),
  );
  expect(error).toMatchObject({
    message: "workers: exits failed on block [0, 1): worker exited with code: 3",
  });
});

test("aborting ends running blocks, rejects with the signal's reason, and nothing writes afterwards", async () => {
  const ticks = sharedColumn("i32", 1).fill(0);
  const controller = new AbortController();
  const reason = new Error("the user pressed Ctrl-C");
  const running = errorOf(
    pool.mapBlocks({
      module,
      kernel: "spins",
      blocks: splitBlocks(8, 1),
      args: { ticks },
      signal: controller.signal,
    }),
  );
  while (Atomics.load(ticks, 0) === 0) await new Promise((resolve) => setImmediate(resolve));
  controller.abort(reason);
  expect(await running).toBe(reason);
  const after = Atomics.load(ticks, 0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(Atomics.load(ticks, 0)).toBe(after);
});

test("a signal that has aborted already starts nothing", async () => {
  const signal = AbortSignal.abort(new Error("too late"));
  await expect(
    pool.mapBlocks({ module, kernel: "spins", blocks: splitBlocks(1, 1), signal }),
  ).rejects.toThrow("too late");
});

test("an array that is not in shared memory is refused, since each worker would write to its own copy", async () => {
  const args = { columns: { close: new Float64Array(3) } };
  const error = await errorOf(
    pool.mapBlocks({ module, kernel: "squares", blocks: splitBlocks(3, 1), args }),
  );
  expect(error).toBeInstanceOf(ShapeError);
  expect(error).toMatchObject({
    message: expect.stringContaining(
      "workers: squares: args.columns.close: expected an array on a",
    ),
  });
});

test("an object with methods is refused, since it would arrive without them", async () => {
  const args = { panel: new Panel([1], ["13010"]) };
  await expect(
    pool.mapBlocks({ module, kernel: "squares", blocks: splitBlocks(1, 1), args }),
  ).rejects.toThrow("args.panel: expected plain data and shared arrays, found Panel");
});

test("a pool that was closed refuses further calls", async () => {
  const closed = createPool({ threads: 1 });
  {
    await using held = closed;
    expect(held.threads).toBe(1);
  }
  await expect(
    closed.mapBlocks({ module, kernel: "squares", blocks: splitBlocks(1, 1) }),
  ).rejects.toThrow("workers: squares: the pool is closed");
});

test("a program that never closes its pool still ends by itself", async () => {
  const program = fileURLToPath(new URL("./exits-by-itself.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program], { timeout: 20_000 });
  expect(stdout).toBe("9801");
});

test("splitBlocks covers every position once, whatever the size", () => {
  expect(splitBlocks(5, 2)).toEqual([
    { start: 0, end: 2 },
    { start: 2, end: 4 },
    { start: 4, end: 5 },
  ]);
  expect(splitBlocks(0, 2)).toEqual([]);
  expect(() => splitBlocks(5, 0)).toThrow("size must be an integer of at least 1, found 0");
  expect(() => createPool({ threads: 0 })).toThrow("threads must be an integer of at least 1");
});
