import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../../src/clock.ts";
import {
  listModels,
  modelFolder,
  readModel,
  verifyModel,
  writeModel,
} from "../../src/runs/model-manifest.ts";
import {
  moveModel,
  productionModel,
  readMoves,
  rollback,
  stageOf,
} from "../../src/registry/stages.ts";

const clock = new ManualClock(1_800_000_000_000);
const home = (): string => mkdtempSync(join(tmpdir(), "registry-"));

const manifest = {
  id: "m1",
  kind: "lightgbm",
  run: "lightgbm-1",
  dataset: "d",
  datasetHash: "h",
  abi: "a",
  features: ["returns_5d"],
  horizons: [1],
  trainedThrough: "2024-12-30",
  synthetic: true,
  details: {},
};

async function storeModel(folder: string): Promise<void> {
  mkdirSync(modelFolder(folder, "m1"), { recursive: true });
  writeFileSync(join(modelFolder(folder, "m1"), "model.txt"), "tree");
  await writeModel(folder, manifest, ["model.txt"]);
}

describe("a model on disk", () => {
  it("is found by its id with the hashes of its files", async () => {
    const folder = home();
    await storeModel(folder);
    expect(await listModels(folder)).toEqual(["m1"]);
    const found = await readModel(folder, "m1");
    expect(Object.keys(found.files)).toEqual(["model.txt"]);
    await verifyModel(folder, found);
  });

  it("whose file was changed or is missing is refused by name", async () => {
    const folder = home();
    await storeModel(folder);
    writeFileSync(join(modelFolder(folder, "m1"), "model.txt"), "another tree");
    const found = await readModel(folder, "m1");
    await expect(verifyModel(folder, found)).rejects.toThrow(/model\.txt: expected SHA-256/u);
  });

  it("that is not there is an error with the models there are", async () => {
    const folder = home();
    await storeModel(folder);
    await expect(readModel(folder, "m2")).rejects.toThrow(/there are m1/u);
  });
});

describe("stages", () => {
  it("keep one model in production and archive the one it replaces", async () => {
    const folder = home();
    await moveModel(folder, "m1", "production", { reason: "first", clock });
    const moves = await moveModel(folder, "m2", "production", { reason: "better", clock });
    expect(productionModel(moves)).toBe("m2");
    expect(stageOf(moves, "m1")).toBe("archived");
    expect(stageOf(moves, "m3")).toBe("none");
    expect(readMoves(folder)).toEqual(moves);
  });

  it("go back to the model before, and forth again", async () => {
    const folder = home();
    await moveModel(folder, "m1", "production", { reason: "first", clock });
    await moveModel(folder, "m2", "production", { reason: "better", clock });
    expect(productionModel(await rollback(folder, clock))).toBe("m1");
    expect(productionModel(await rollback(folder, clock))).toBe("m2");
  });

  it("refuse to go back where nothing was before", async () => {
    const folder = home();
    await expect(rollback(folder, clock)).rejects.toThrow(/none in production/u);
    await moveModel(folder, "m1", "production", { reason: "first", clock });
    await expect(rollback(folder, clock)).rejects.toThrow(/nothing before it/u);
  });
});
