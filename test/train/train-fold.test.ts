// Training on a planted panel: it learns, finds the peers, repeats by seed, and goes on after a kill as if nothing had been.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { ArtifactError } from "../../src/errors.ts";
import { CheckpointStore } from "../../src/train/index.ts";
import { decodeSafetensors } from "../../src/tensor/files/index.ts";
import { identity, smallTraining, twoPhases } from "./small-training.ts";
import { nextStocks, plantedSamples } from "./planted.ts";

const folders: string[] = [];

function folderOf(): string {
  const folder = mkdtempSync(join(tmpdir(), "train-"));
  folders.push(folder);
  return folder;
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function stateOf(folder: string) {
  return decodeSafetensors(readFileSync(join(folder, "last.safetensors")), "last");
}

describe("trainFold", () => {
  it("finds the planted signal, and more of it with the peers", async () => {
    const { progress } = await smallTraining(folderOf(), {
      samples: plantedSamples({ sessions: 140 }),
      config: { phases: twoPhases(4, 8) },
    });
    const scores = progress.records.map(({ score, phase }) => ({ score: score ?? 0, phase }));
    const best = (name: string): number =>
      Math.max(...scores.filter(({ phase }) => phase === name).map(({ score }) => score));
    expect(best("baseline")).toBeGreaterThan(0.5);
    expect(best("gat")).toBeGreaterThan(best("baseline") + 0.04);
  });

  it("finds nothing in shuffled labels", async () => {
    const samples = plantedSamples({ sessions: 120 });
    const noise = plantedSamples({ sessions: 120, seed: 9 }).targets;
    const { progress } = await smallTraining(folderOf(), {
      samples: { ...samples, targets: noise },
      config: { phases: twoPhases(2, 1) },
    });
    for (const { score } of progress.records) expect(Math.abs(score ?? 1)).toBeLessThan(0.12);
  });

  it("repeats to the last bit by seed, and another seed differs", async () => {
    const [a, b, c] = [folderOf(), folderOf(), folderOf()];
    const config = { phases: twoPhases(1, 1) };
    await smallTraining(a, { config, dropout: 0.2 });
    await smallTraining(b, { config, dropout: 0.2 });
    await smallTraining(c, { config, dropout: 0.2, seed: 2 });
    expect(stateOf(a).tensors).toEqual(stateOf(b).tensors);
    expect(stateOf(c).tensors).not.toEqual(stateOf(a).tensors);
  });

  it("stopped within any epoch and run again, ends with the weights of an undisturbed run", async () => {
    const [whole, broken] = [folderOf(), folderOf()];
    const config = { phases: twoPhases(2, 2), swaEpochs: 1 };
    await smallTraining(whole, { config, dropout: 0.2 });
    for (const steps of [15, 15, Infinity]) {
      await smallTraining(broken, { config, dropout: 0.2, stopAfter: steps });
    }
    expect(stateOf(broken).tensors).toEqual(stateOf(whole).tensors);
    for (const name of ["best", "swa"]) {
      const read = (folder: string): Buffer => readFileSync(join(folder, `${name}.safetensors`));
      expect(read(broken).equals(read(whole))).toBe(true);
    }
  });

  it("killed with signal 9 and run again, ends with the weights of an undisturbed run", async () => {
    const [whole, broken] = [folderOf(), folderOf()];
    await runChild(whole);
    for (let kills = 0; kills < 2; kills += 1) await runChild(broken, kills === 0 ? 1 : 3);
    await runChild(broken);
    expect(stateOf(broken).tensors).toEqual(stateOf(whole).tensors);
  });

  it("refuses the checkpoint of another configuration, feature ABI or horizon set", async () => {
    const folder = folderOf();
    await smallTraining(folder, { config: { phases: twoPhases(1, 1) } });
    for (const key of ["abi", "horizons", "config", "data"] as const) {
      const store = new CheckpointStore(folder, { ...identity, [key]: "other" });
      await expect(store.resume([])).rejects.toThrow(ArtifactError);
      await expect(store.loadWeights("best")).rejects.toThrow(`expected ${key} other`);
    }
  });

  it("keeps the best few epochs as snapshots and the mean of the last ones", async () => {
    const folder = folderOf();
    const { progress, store } = await smallTraining(folder, {
      config: { phases: twoPhases(1, 4), snapshots: 2, swaEpochs: 2 },
    });
    expect(await store.snapshots()).toHaveLength(2);
    expect(existsSync(join(folder, "swa.safetensors"))).toBe(true);
    const { notes } = await store.loadWeights("best");
    expect(Number(notes["epoch"])).toBe(progress.best?.epoch);
  });

  it("grows its sequences from phase to phase and samples calm days, with the same parameters", async () => {
    const folder = folderOf();
    const [first, second] = twoPhases(2, 1);
    const phases = [{ ...first, time: 3 }, second];
    const config = { phases, sampling: "inverse_volatility", schedule: "cosine" };
    const { progress } = await smallTraining(folder, { config });
    expect(progress.isDone).toBe(true);
    expect(progress.best?.score ?? 0).toBeGreaterThan(0.3);
  });

  it("stops a phase early when its validation score gets no better", async () => {
    const { progress } = await smallTraining(folderOf(), {
      config: { phases: twoPhases(9, 1, 1e-9), patience: 2, emaDecay: 0 },
    });
    expect(progress.records.length).toBeLessThan(9);
    expect(progress.isDone).toBe(true);
  });
});

describe("guards", () => {
  it("stops with a named error at a loss that is not finite", async () => {
    const samples = plantedSamples({ sessions: 60 });
    samples.targets[0].fill(Infinity, 700, 1000);
    const run = smallTraining(folderOf(), { samples, config: { phases: twoPhases(1, 1) } });
    await expect(run).rejects.toThrow(/not-finite/u);
  });

  it("stops with a named error at constant predictions", async () => {
    const samples = plantedSamples({ sessions: 60 });
    samples.values.fill(0);
    samples.statics.fill(0);
    const run = smallTraining(folderOf(), {
      samples,
      peersOn: nextStocks(samples),
      config: { phases: twoPhases(1, 1) },
    });
    await expect(run).rejects.toThrow(/constant-predictions/u);
  });

  it("stops with a named error where no label is known", async () => {
    const samples = plantedSamples({ sessions: 60 });
    samples.targets[0].fill(Number.NaN);
    const run = smallTraining(folderOf(), { samples, config: { phases: twoPhases(1, 1) } });
    await expect(run).rejects.toThrow(/no-labels/u);
  });
});

/** Trains in a process of its own; with `epochs`, kills it with signal 9 once so many epochs are on disk. */
async function runChild(folder: string, epochs = Infinity): Promise<void> {
  const script = fileURLToPath(new URL("train-in-process.ts", import.meta.url));
  const child = spawn(process.execPath, [script, folder], { stdio: ["ignore", "pipe", "inherit"] });
  let seen = 0;
  child.stdout.on("data", (text: Buffer) => {
    seen += text.toString().split("\n").length - 1;
    if (seen >= epochs) child.kill("SIGKILL");
  });
  await new Promise((resolve) => child.once("close", resolve));
}
