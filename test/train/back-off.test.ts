// Memory back-off in the real loop: ONNX Runtime's sessions fail the way its arena does when a batch is too large.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession } from "onnxruntime-node";
import { afterEach, describe, expect, it, vi } from "vitest";
import { trainConfig } from "../../src/config/train.ts";
import { DegenerateTrainingError } from "../../src/errors.ts";
import { blockLength } from "../../src/train/feed.ts";
import { plantedSamples } from "./planted.ts";
import { smallSession, smallTraining, twoPhases } from "./small-training.ts";

/** What ONNX Runtime 1.30 said when its process was given too little address space (prlimit --as). */
const failure =
  "Non-zero status code returned while running Split node. Name:'Split_182' Status Message: bfc_arena.cc:360 " +
  "AllocateRawInternal Failed to allocate memory for requested buffer of size 2293760";

/** Lets runs fail where `fails` says so; told the elements of the input x and how many runs there were before. */
function limitMemory(fails: (size: number, runs: number) => boolean): void {
  const create = InferenceSession.create.bind(InferenceSession);
  let runs = 0;
  vi.spyOn(InferenceSession, "create").mockImplementation(async (...given: unknown[]) => {
    const session = await create(...(given as Parameters<typeof create>));
    const run = session.run.bind(session);
    vi.spyOn(session, "run").mockImplementation(async (...feeds: unknown[]) => {
      const [{ "x@0": x }] = feeds as [Record<string, { readonly size: number }>];
      if (fails(x.size, runs++)) throw new Error(failure);
      return run(...(feeds as Parameters<typeof run>));
    });
    return session;
  });
}

const folders: string[] = [];

afterEach(() => {
  vi.restoreAllMocks();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe("a training that does not fit memory", () => {
  it("halves its batches and its forecasts, says so, and learns all the same", async () => {
    const folder = mkdtempSync(join(tmpdir(), "back-off-"));
    folders.push(folder);
    const samples = plantedSamples({ sessions: 80 });
    const twoDays = blockLength(samples, 2) * samples.codeNames.length * 6;
    limitMemory((size) => size > twoDays);
    const halved: number[] = [];
    const { progress } = await smallTraining(folder, {
      samples,
      config: { phases: twoPhases(1, 3).slice(1), batchDays: 4 },
      onBackOff: (days) => halved.push(days),
    });
    expect(halved).toEqual([2, 2]); // updates, then forecasts of the validation sessions
    expect(progress.isDone).toBe(true);
    expect(progress.best?.score ?? 0).toBeGreaterThan(0.4);
  });

  it("runs the parts of a batch again when a later one fails, adding none twice", async () => {
    const samples = plantedSamples({ sessions: 40 });
    const stateAfter = async (days: number): Promise<unknown> => {
      const config = trainConfig.parse({ batchDays: 4, phases: twoPhases(1, 1).slice(1) });
      const session = smallSession(samples, config, days);
      const stocks = Int32Array.from(samples.codeNames.keys());
      await session.update({ start: 20, stocks }, 1e-3);
      const state = session.state().map(({ path, data }) => [path, data.slice()]);
      await session.close();
      return state;
    };
    const expected = await stateAfter(1);
    limitMemory((_, runs) => runs === 1);
    expect(await stateAfter(2)).toEqual(expected);
  });

  it("stops with a named error where not even one session fits", async () => {
    const folder = mkdtempSync(join(tmpdir(), "back-off-"));
    folders.push(folder);
    limitMemory(() => true);
    const run = smallTraining(folder, { config: { phases: twoPhases(1, 1), batchDays: 4 } });
    await expect(run).rejects.toThrow(DegenerateTrainingError);
    await expect(run).rejects.toThrow(
      /out-of-memory: step 0 does not fit.*lower train\.batchDays/u,
    );
  });
});
