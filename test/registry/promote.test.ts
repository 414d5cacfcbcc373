// Promotion: a model that passes every gate moves; each gate alone keeps one out and says why; force leaves its reason.

import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../../src/clock.ts";
import { ArtifactError, ConfigError, exitCodeOf } from "../../src/errors.ts";
import {
  promoteModel,
  type PromoteOptions,
  readMoves,
  rollback,
  stageOf,
} from "../../src/registry/index.ts";
import { modelFolder, runFolder, writeChecks } from "../../src/runs/index.ts";
import {
  features,
  scratchHome,
  storeEvidence,
  storeModel,
  storeProof,
  storeQuality,
} from "./stored-model.ts";

const clock = new ManualClock(1_800_000_000_000);
const who = "tester";
const production: PromoteOptions = { to: "production", who, clock };

async function provenHome(strength?: number): Promise<string> {
  const home = scratchHome();
  await storeModel(home, "m1", { strength });
  await storeProof(home);
  return home;
}

/** The message with which promotion of m1 is refused; its stage must stay as it was. */
async function refusal(home: string, options = production): Promise<string> {
  const error = await promoteModel(home, "m1", options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ArtifactError);
  expect(exitCodeOf(error)).toBe(4);
  expect(readMoves(home)).toEqual([]);
  return error instanceof Error ? error.message : "";
}

describe("promoteModel", () => {
  it("moves a model that passes every gate and keeps who, when, why and what the gates found", async () => {
    const home = await provenHome();
    const { move, gates, replaced } = await promoteModel(home, "m1", production);
    expect(gates.map(({ passed }) => passed)).toEqual(Array.from(gates, () => true));
    expect(replaced).toBeUndefined();
    expect(readMoves(home)).toEqual([move]);
    expect(move).toMatchObject({ who, at: "2027-01-15T08:00:00Z", reason: "gates passed" });
    expect(move.gates).toHaveLength(7);
    expect(readdirSync(join(home, "models")).toSorted()).toEqual(["m1", "stages.json"]);
  });

  it("refuses without a control and names the command that makes it", async () => {
    const home = scratchHome();
    await storeModel(home, "m1");
    await storeEvidence(home, { kind: "audit" });
    storeQuality(home);
    const message = await refusal(home);
    expect(message).toMatch(/2 gates refuse/u);
    expect(message).toMatch(/shuffled-label control: .*gogooku3 control shuffled --model m1/u);
    expect(message).toMatch(/null-market control: .*gogooku3 control null --model m1/u);
  });

  it("refuses a control that failed, of other features, of another version or of another pipeline", async () => {
    for (const other of [
      { passed: false },
      { seen: features.slice(1) },
      { version: "0.0.1" },
      { pipeline: "lightgbm" },
    ]) {
      const home = scratchHome();
      await storeModel(home, "m1");
      storeQuality(home);
      await storeEvidence(home, { kind: "audit" });
      await storeEvidence(home, { kind: "shuffled" });
      await storeEvidence(home, { kind: "null", ...other });
      expect(await refusal(home)).toMatch(/1 gate refuses:\n {2}null-market control/u);
    }
  });

  it("refuses a RankIC above the plausibility ceiling", async () => {
    expect(await refusal(await provenHome(0.4))).toMatch(
      /1 gate refuses:\n {2}plausibility ceiling: expected .*0\.15.*, found 1 d: 0\.\d+.*dataset audit/u,
    );
  });

  it("refuses a first model that is no better than chance", async () => {
    expect(await refusal(await provenHome(0))).toMatch(
      /1 gate refuses:\n {2}better than chance: expected no incumbent.* above 0, found 1 d: -?0\.\d+ .*evaluate/u,
    );
  });

  it("refuses a model whose paired difference to the incumbent does not lie above 0", async () => {
    const home = await provenHome(0);
    await storeModel(home, "m0", { strength: 0.1, seed: 2 });
    await promoteModel(home, "m0", production);
    await expect(promoteModel(home, "m1", production)).rejects.toThrow(
      /better than the incumbent: expected .* above 0.*, found against m0 1 d: -0\.\d+.* over 100 sessions; .*report compare/u,
    );
    expect(stageOf(readMoves(home), "m0")).toBe("production");
  });

  it("lets a better model replace the incumbent, and rollback brings it back", async () => {
    const home = await provenHome();
    await storeModel(home, "m0", { strength: 0.05, seed: 2 });
    await promoteModel(home, "m0", production);
    expect((await promoteModel(home, "m1", production)).replaced).toBe("m0");
    expect(stageOf(readMoves(home), "m0")).toBe("archived");
    const moves = await rollback(home, { who, clock, reason: "stale" });
    expect(stageOf(moves, "m0")).toBe("production");
    expect(moves.at(-1)?.reason).toBe("rollback from m1: stale");
  });

  it("asks staging for everything but the incumbent", async () => {
    const home = await provenHome(0);
    await storeModel(home, "m0", { strength: 0.1, seed: 2 });
    await promoteModel(home, "m0", production);
    await promoteModel(home, "m1", { ...production, to: "staging" });
    expect(stageOf(readMoves(home), "m1")).toBe("staging");
    rmSync(join(home, "evidence"), { recursive: true });
    await storeModel(home, "m2");
    await expect(promoteModel(home, "m2", { ...production, to: "staging" })).rejects.toThrow(
      /stays out of staging, 3 gates refuse/u,
    );
  });

  it("refuses a dataset whose quality checks are missing or failed", async () => {
    const home = await provenHome();
    storeQuality(home, false);
    expect(await refusal(home)).toMatch(
      /1 gate refuses:\n {2}data quality: .*row 7 repeats; build/u,
    );
    rmSync(join(home, "datasets"), { recursive: true });
    expect(await refusal(home)).toMatch(/data quality: .*found no .*quality\.json/u);
  });

  it("refuses without a leak audit of all its columns, and with one that found a leak", async () => {
    const home = await provenHome();
    await storeEvidence(home, { kind: "audit", passed: false });
    expect(await refusal(home)).toMatch(/1 gate refuses:\n {2}leak audit: .*found failed/u);
    rmSync(join(home, "evidence"), { recursive: true });
    await storeEvidence(home, { kind: "shuffled" });
    await storeEvidence(home, { kind: "null" });
    await storeEvidence(home, { kind: "audit", seen: ["rsi_14"] });
    expect(await refusal(home)).toMatch(/dataset audit --features returns_5d,rsi_14/u);
  });

  it("refuses a run with a failed check", async () => {
    const home = await provenHome();
    await writeChecks(runFolder(home, "run-m1"), [
      { name: "purge", passed: false, detail: "fold 2 meets its test" },
    ]);
    expect(await refusal(home)).toMatch(/checks of the run: .*fold 2 meets its test/u);
  });

  it("refuses a model whose file was changed, whatever the gates say", async () => {
    const home = await provenHome();
    writeFileSync(join(modelFolder(home, "m1"), "weights.bin"), "other");
    expect(await refusal(home, { ...production, force: true, reason: "no" })).toMatch(
      /weights\.bin: expected SHA-256/u,
    );
  });

  it("goes on with force and a reason, both kept in the history with the gates that refused", async () => {
    const home = scratchHome();
    await storeModel(home, "m1");
    await expect(promoteModel(home, "m1", { ...production, force: true })).rejects.toThrow(
      ConfigError,
    );
    await promoteModel(home, "m1", { ...production, force: true, reason: "rehearsal" });
    const [move] = readMoves(home);
    expect(move).toMatchObject({ forced: true, reason: "rehearsal", who });
    expect(move.gates.filter(({ passed }) => !passed).length).toBeGreaterThan(2);
    await expect(promoteModel(home, "m1", production)).rejects.toThrow(/in production already/u);
  });

  it("leaves the history whole when two move at once", async () => {
    const home = await provenHome();
    await storeModel(home, "m2");
    const staging: PromoteOptions = { ...production, to: "staging" };
    const outcomes = await Promise.allSettled([
      promoteModel(home, "m1", staging),
      promoteModel(home, "m2", staging),
    ]);
    const moved = outcomes.filter(({ status }) => status === "fulfilled").length;
    expect(readMoves(home)).toHaveLength(moved);
    expect(JSON.parse(readFileSync(join(home, "models", "stages.json"), "utf8"))).toHaveLength(
      moved,
    );
  });
});
