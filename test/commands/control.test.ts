// The controls as commands on a small simulated market: what they print, what a repeat does not do again, and exit code 4.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { readEvidence } from "../../src/registry/index.ts";
import { nativeLibrary } from "../model/lightgbm/native.ts";
import { caughtCli } from "../support/caught-cli.ts";

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

const networkYaml = `
model: { preset: smoke, hidden: 8, time: 5, horizons: [1], graph: { neighbours: 2, heads: 2 } }
train:
  folds: { nSplits: 1, testSize: 90, validationSize: 20, purgeDays: 5 }
  phases:
    - { name: gat, epochs: 1, rate: 0.001, normalisation: false, graph: true, weights: { ic: 1 } }
`;

const meanOf = z.object({ mean: z.number() });

const networkAnswer = z.object({
  run: z.string(),
  cost: z.object({ epochs: z.int() }),
  horizons: z.array(
    z.object({ horizon: z.int(), rankIc: meanOf, recovered: z.number().nullable() }),
  ),
  comparison: z.object({
    lightgbm: z.object({ run: z.string() }),
    horizons: z.array(z.object({ difference: meanOf, lightgbm: z.object({ rankIc: meanOf }) })),
  }),
});

async function control(kind: string, ...argv: readonly string[]) {
  const { code, failure, out } = await run(kind, ...training, ...argv);
  return { code, failure, result: answer.parse(JSON.parse(out)) };
}

async function run(kind: string, ...argv: readonly string[]) {
  const command = ["control", kind, ...market, ...argv];
  const { code, stdout, stderr } = await caughtCli("--home", home, "--json", ...command);
  // The result, and on a line of its own the failure.
  const [first, last = ""] = stdout.split("\n");
  return { code, failure: stderr + first + last, out: first };
}

describe.skipIf(nativeLibrary === undefined)("control", () => {
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

  it("planted with --config: the network and LightGBM beside it, judged by the share of the oracle's; overrides count", async () => {
    const file = join(home, "network.yaml");
    writeFileSync(file, networkYaml);
    const argv = ["--set", "volatility_20d,beta_60d", "--config", file, "train.epochBatches=2"];
    const { code, out } = await run("planted", ...argv);
    const { run: id, cost, horizons, comparison } = networkAnswer.parse(JSON.parse(out));
    expect(code).toBe((horizons[0].recovered ?? 0) >= 0.6 ? 0 : 4);
    expect(id).toMatch(/^atft-/u);
    expect(cost.epochs).toBe(1);
    expect(horizons.map(({ horizon }) => horizon)).toEqual([1]);
    expect(comparison.lightgbm.run).toMatch(/^lightgbm-/u);
    expect(comparison.horizons[0].difference.mean).toBeCloseTo(
      horizons[0].rankIc.mean - comparison.horizons[0].lightgbm.rankIc.mean,
      9,
    );
    const evidence = readEvidence(home).find(({ run: of }) => of === id);
    expect(evidence).toMatchObject({ kind: "planted", pipeline: "atft", passed: code === 0 });
  }, 120_000);

  it("changes of a configuration need --config", async () => {
    const { code, failure } = await run("planted", "model.skip=false");
    expect(code).toBe(2);
    expect(failure).toMatch(/key=value changes go with --config/u);
  });

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
