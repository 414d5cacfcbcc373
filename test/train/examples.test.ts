// Every training example is a configuration that this version accepts.

import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { resolveConfig } from "../../src/config.ts";
import { atftConfig } from "../../src/config/atft.ts";

const folder = new URL("../../examples/train/", import.meta.url);

describe("examples/train", () => {
  for (const name of readdirSync(folder)) {
    it(`${name} resolves`, () => {
      const { train, model } = resolveConfig({ file: new URL(name, folder).pathname });
      expect(train.phases.length).toBeGreaterThan(0);
      expect(model.quantiles).toContain(0.5);
    });
  }
});

describe("the model section", () => {
  it("takes a preset and lets the keys beside it win", () => {
    expect(atftConfig.parse({ preset: "production", hidden: 128 })).toMatchObject({
      time: 60,
      hidden: 128,
      selection: "full",
    });
  });

  it("refuses heads that do not divide the width, and quantiles that descend or lack the median", () => {
    expect(() => atftConfig.parse({ hidden: 10, heads: 4 })).toThrow(/multiple/u);
    expect(() => atftConfig.parse({ quantiles: [0.9, 0.5] })).toThrow(/ascend/u);
    expect(() => atftConfig.parse({ quantiles: [0.1, 0.9] })).toThrow(/0\.5/u);
  });
});
