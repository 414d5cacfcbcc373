// The controls as commands on a small simulated market: what they print, what a repeat does not do again, and exit code 4.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { runCli } from "../../src/cli.ts";
import { nativeLibrary } from "../model/lightgbm/native.ts";

const home = mkdtempSync(join(tmpdir(), "control-command-"));

const market = ["--stocks", "40", "--from", "2022-01-04", "--to", "2022-10-31"];
const training = ["--horizons", "1", "--n-splits", "1", "--rounds", "20", "--importance", "none"];

const answer = z.object({
  kind: z.string(),
  passed: z.boolean(),
  horizons: z.array(
    z.object({
      horizon: z.int(),
      rankIc: z.object({ mean: z.number(), interval: z.tuple([z.number(), z.number()]) }),
      oracle: z.object({ mean: z.number() }).nullable(),
      recovered: z.number().nullable(),
    }),
  ),
  baseline: z.object({ wasFinished: z.boolean() }),
});

async function control(kind: string, ...argv: readonly string[]) {
  let out = "";
  let failure = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    failure += String(text);
    return true;
  });
  const command = ["control", kind, ...market, ...training, ...argv];
  const code = await runCli(["--home", home, "--json", ...command]);
  vi.restoreAllMocks();
  // The result, and on a line of its own the failure.
  const [first, last = ""] = out.split("\n");
  return { code, failure: failure + last, result: answer.parse(JSON.parse(first)) };
}

describe.skipIf(nativeLibrary === undefined)("control", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  afterAll(() => {
    rmSync(home, { recursive: true, force: true });
  });

  it("planted: exit code 4 when the columns know too little of the signal, with the oracle's RankIC beside", async () => {
    const { code, failure, result } = await control("planted", "--set", "volatility_20d,beta_60d");
    expect(code).toBe(4);
    expect(failure).toMatch(/control planted: expected at least 0\.6 of the oracle's RankIC/u);
    const [{ oracle, recovered }] = result.horizons;
    expect(oracle?.mean).toBeGreaterThan(0.01);
    expect(recovered).toBeLessThan(0.6);
    expect(result.passed).toBe(false);
  }, 120_000);

  it("shuffled: exit code 0 when the interval covers 0; a repeat trains nothing", async () => {
    const first = await control("shuffled", "--set", "returns_1d,returns_5d,rsi_14");
    expect(first.code).toBe(0);
    const [{ rankIc }] = first.result.horizons;
    expect(rankIc.interval[0]).toBeLessThan(0);
    expect(rankIc.interval[1]).toBeGreaterThan(0);
    expect(first.result.baseline.wasFinished).toBe(false);
    const again = await control("shuffled", "--set", "returns_1d,returns_5d,rsi_14");
    expect(again.result.horizons).toEqual(first.result.horizons);
    expect(again.result.baseline.wasFinished).toBe(true);
  }, 120_000);
});
