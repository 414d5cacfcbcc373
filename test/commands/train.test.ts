// The commands around the network: what they print for machines, and how they fail.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { runFolder } from "../../src/runs/index.ts";
import { writeRunState } from "../../src/train/run-state.ts";
import { type CaughtOutcome, caughtCli } from "../support/caught-cli.ts";

const home = mkdtempSync(join(tmpdir(), "train-command-"));

afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const run = (...argv: readonly string[]): Promise<CaughtOutcome> =>
  caughtCli("--home", home, "--json", ...argv);

describe("model summary", () => {
  it("counts the parameters of a preset without data", async () => {
    const { code, stdout } = await run(
      "model",
      "summary",
      "model.preset=smoke",
      "--features",
      "20",
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ features: 20, families: 2, sessions: 39 });
  });

  it("refuses a key that is none, with exit code 2", async () => {
    const { code, stderr } = await run("model", "summary", "model.depth=3");
    expect(code).toBe(2);
    expect(stderr).toContain("depth");
  });
});

describe("train", () => {
  it("says how to make a dataset where there is none, with exit code 2", async () => {
    const { code, stderr } = await run("train");
    expect(code).toBe(2);
    expect(stderr).toContain("dataset build");
  });

  it("status tells a run whose process is gone from one that goes on", async () => {
    const state = {
      run: "atft-1",
      state: "running",
      fold: 0,
      folds: 2,
      phase: "gat",
      epoch: 3,
      epochs: 9,
      loss: 0.5,
      score: 0.03,
      samplesPerSecond: 1000,
      secondsLeft: 60,
      message: "",
    } as const;
    await writeRunState(runFolder(home, "atft-1"), { ...state, pid: process.pid });
    await writeRunState(runFolder(home, "atft-2"), { ...state, run: "atft-2", pid: 2 ** 22 - 1 });
    const { stdout } = await run("train", "status");
    expect(JSON.parse(stdout)).toMatchObject([
      { run: "atft-1", state: "running" },
      { run: "atft-2", state: "stopped" },
    ]);
  });

  it("stop, logs and status name a run that is none, with exit code 4", async () => {
    for (const verb of ["status", "stop", "logs"]) {
      const { code, stderr } = await run("train", verb, "atft-none");
      expect(code).toBe(4);
      expect(stderr).toContain("atft-none");
    }
  });
});
