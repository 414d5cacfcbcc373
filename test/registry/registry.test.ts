import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../../src/clock.ts";
import { listModels, modelFolder, readModel, verifyModel } from "../../src/runs/model-manifest.ts";
import {
  moveModel,
  productionModel,
  readMoves,
  rollback,
  stageOf,
} from "../../src/registry/stages.ts";
import { scratchHome, storeModel } from "./stored-model.ts";

const clock = new ManualClock(1_800_000_000_000);
const who = "tester";
const first = { reason: "first", who, clock };
const better = { reason: "better", who, clock };

describe("a model on disk", () => {
  it("is found by its id with the hashes of its files", async () => {
    const folder = scratchHome();
    await storeModel(folder, "m1");
    expect(await listModels(folder)).toEqual(["m1"]);
    const found = await readModel(folder, "m1");
    expect(Object.keys(found.files)).toEqual(["weights.bin"]);
    await verifyModel(folder, found);
  });

  it("whose file was changed or is missing is refused by name", async () => {
    const folder = scratchHome();
    await storeModel(folder, "m1");
    writeFileSync(join(modelFolder(folder, "m1"), "weights.bin"), "another tree");
    const found = await readModel(folder, "m1");
    await expect(verifyModel(folder, found)).rejects.toThrow(/weights\.bin: expected SHA-256/u);
  });

  it("that is not there is an error with the models there are", async () => {
    const folder = scratchHome();
    await storeModel(folder, "m1");
    await expect(readModel(folder, "m2")).rejects.toThrow(/there are m1/u);
  });
});

describe("stages", () => {
  it("keep one model in production and archive the one it replaces", async () => {
    const folder = scratchHome();
    await moveModel(folder, "m1", "production", first);
    const moves = await moveModel(folder, "m2", "production", better);
    expect(productionModel(moves)).toBe("m2");
    expect(stageOf(moves, "m1")).toBe("archived");
    expect(stageOf(moves, "m3")).toBe("none");
    expect(readMoves(folder)).toEqual(moves);
  });

  it("go back to the model before, and forth again", async () => {
    const folder = scratchHome();
    await storeModel(folder, "m1");
    await storeModel(folder, "m2");
    await moveModel(folder, "m1", "production", first);
    await moveModel(folder, "m2", "production", better);
    expect(productionModel(await rollback(folder, { who, clock }))).toBe("m1");
    expect(productionModel(await rollback(folder, { who, clock }))).toBe("m2");
  });

  it("refuse to go back to a model whose file is gone", async () => {
    const folder = scratchHome();
    await storeModel(folder, "m1");
    await moveModel(folder, "m1", "production", first);
    await moveModel(folder, "m2", "production", better);
    rmSync(join(modelFolder(folder, "m1"), "weights.bin"));
    await expect(rollback(folder, { who, clock })).rejects.toThrow(
      /weights\.bin: .*found nothing/u,
    );
    expect(productionModel(readMoves(folder))).toBe("m2");
  });

  it("leave nothing in production when the production model is archived", async () => {
    const folder = scratchHome();
    await moveModel(folder, "m1", "production", first);
    expect(productionModel(await moveModel(folder, "m1", "archived", better))).toBeUndefined();
  });

  it("refuse to go back where nothing was before", async () => {
    const folder = scratchHome();
    await expect(rollback(folder, { who, clock })).rejects.toThrow(/none in production/u);
    await moveModel(folder, "m1", "production", first);
    await expect(rollback(folder, { who, clock })).rejects.toThrow(/nothing before it/u);
  });
});
