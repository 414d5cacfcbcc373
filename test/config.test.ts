import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { configHash, resolveConfig, resolveRuns } from "../src/config.ts";
import { ConfigError } from "../src/errors.ts";

function yamlFile(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), "config-")), "run.yaml");
  writeFileSync(file, text);
  return file;
}

describe("resolveConfig", () => {
  it("has a default for every key", () => {
    expect(resolveConfig()).toMatchObject({ seed: 7, simulate: { stocks: 300 } });
  });

  it("lays the file over the defaults and the overrides over the file", () => {
    const file = yamlFile("seed: 1\nsimulate:\n  stocks: 50\n  signal: none\n");
    const config = resolveConfig({ file, overrides: ["simulate.stocks=60"] });
    expect(config).toMatchObject({ seed: 1, simulate: { stocks: 60, signal: "none" } });
  });

  it("refuses an unknown key and names it", () => {
    expect(() => resolveConfig({ overrides: ["simulate.stonks=5"] })).toThrow(/stonks/u);
    expect(() => resolveConfig({ file: yamlFile("sed: 1\n") })).toThrow(ConfigError);
  });

  it("refuses a wrong type, a missing file, broken YAML and a pair without a key", () => {
    expect(() => resolveConfig({ overrides: ["seed=many"] })).toThrow(/seed/u);
    expect(() => resolveConfig({ file: "/nowhere/run.yaml" })).toThrow(/not found/u);
    expect(() => resolveConfig({ file: yamlFile("seed: [1\n") })).toThrow(ConfigError);
    expect(() => resolveConfig({ overrides: ["seed"] })).toThrow(/key=value/u);
  });

  it("is frozen at every depth", () => {
    expect(Object.isFrozen(resolveConfig().simulate)).toBe(true);
  });

  it("reaches into a list of the file by number, and says how long it is where there is no such entry", () => {
    const common = "rate: 0.01, normalisation: false, graph: false, weights: { ic: 1 }";
    const file = yamlFile(
      `train: { phases: [{ name: head, epochs: 4, ${common} }, { name: gat, epochs: 9, ${common} }] }`,
    );
    const { train } = resolveConfig({ file, overrides: ["train.phases.1.epochs=2"] });
    expect(train.phases.map(({ epochs }) => epochs)).toEqual([4, 2]);
    const beyond = (): unknown => resolveConfig({ file, overrides: ["train.phases.2.epochs=2"] });
    expect(beyond).toThrow(/a list of 2 .* no entry 2/u);
  });

  it("never lets an override reach an object's prototype", () => {
    expect(() => resolveConfig({ overrides: ["__proto__.seed=1"] })).toThrow(ConfigError);
  });

  it("refuses a multirun list where one run is meant", () => {
    expect(() => resolveConfig({ overrides: ["seed=1,2"] })).toThrow(/gives? 2/u);
  });
});

describe("resolveRuns", () => {
  it("makes one run for each combination, the last key varying fastest", () => {
    const runs = resolveRuns({ overrides: ["seed=1,2", "simulate.signal=none,planted"] });
    expect(runs.map(({ seed, simulate }) => [seed, simulate.signal])).toEqual([
      [1, "none"],
      [1, "planted"],
      [2, "none"],
      [2, "planted"],
    ]);
  });
});

describe("configHash", () => {
  it("depends on values and not on the order of keys", () => {
    expect(configHash({ a: 1, b: [1, 2] })).toBe(configHash({ b: [1, 2], a: 1 }));
    expect(configHash({ a: 1 })).not.toBe(configHash({ a: 2 }));
  });
});
