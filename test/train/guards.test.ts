// The guard against an exploding loss, in the real loop and by its numbers.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkEpoch } from "../../src/train/guards.ts";
import { smallTraining, twoPhases } from "./small-training.ts";

describe("a loss that explodes", () => {
  it("stops the training with a named error and a way out", async () => {
    const folder = mkdtempSync(join(tmpdir(), "guards-"));
    const [calm, wild] = twoPhases(1, 2);
    const phases = [calm, { ...wild, rate: 30, clipNorm: 1e6 }];
    const run = smallTraining(folder, { config: { phases, warmUpSteps: 0, weightDecay: 0 } });
    await expect(run).rejects.toThrow(
      /exploding-loss: mean loss of epoch 1 is .*lower the learning/u,
    );
    rmSync(folder, { recursive: true });
  });

  it("is one of more than a hundred times the first epoch's, or than 100", () => {
    const means = (loss: number) => ({ loss, spread: 1, norm: 1 });
    expect(() => {
      checkEpoch(5, means(100), means(0.5));
      checkEpoch(5, means(-250), means(2.5));
    }).not.toThrow();
    expect(() => {
      checkEpoch(5, means(100.1), means(0.5));
    }).toThrow(/exploding-loss/u);
  });
});
