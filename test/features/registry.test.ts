// The registry refuses what cannot be computed, and the default one holds together.

import { describe, expect, test } from "vitest";
import { market, defineFamily, event, stock } from "../../src/features/define.ts";
import { defaultRegistry, selectFeatures, setNames } from "../../src/features/index.ts";
import { tablesBehind } from "../../src/features/lineage.ts";
import { Registry } from "../../src/features/registry.ts";
import { allows, endpoints } from "../../src/jquants/index.ts";

const raw = { normalisation: "raw", unit: "ratio", formula: "test", lookback: 1 } as const;
const nothing = (): void => undefined;

describe("Registry", () => {
  test("refuses an input that is neither a feature nor a raw input", () => {
    const family = defineFamily("test", { source: "test" }, [
      stock("a", { ...raw, inputs: ["clsoe"], compute: nothing }),
    ]);
    expect(() => new Registry([family])).toThrow(/no feature and no raw input is called clsoe/u);
  });

  test("refuses a cycle and names it", () => {
    const family = defineFamily("test", { source: "test" }, [
      stock("a", { ...raw, inputs: ["b"], compute: nothing }),
      stock("b", { ...raw, inputs: ["a"], compute: nothing }),
    ]);
    expect(() => new Registry([family])).toThrow(/a reads b reads a: a cycle/u);
  });

  test("refuses a market series that reads single stocks", () => {
    const family = defineFamily("test", { source: "test" }, [
      market("a", { ...raw, inputs: ["close"], compute: nothing }),
    ]);
    expect(() => new Registry([family])).toThrow(/cannot read close/u);
  });

  test("refuses an event field that its source does not have", () => {
    const source = { name: "s", tables: [], by: "stock", fields: [], sql: "" } as const;
    const family = defineFamily("test", { source: "test" }, [
      event("a", { ...raw, inputs: ["x"], events: "s", maxAge: 5 }),
    ]);
    expect(() => new Registry([family], [source])).toThrow(/neither a field of s/u);
  });

  test("refuses the same name in two families", () => {
    const make = (name: string): ReturnType<typeof defineFamily> =>
      defineFamily(name, { source: "test" }, [
        stock("a", { ...raw, inputs: ["close"], compute: nothing }),
      ]);
    expect(() => new Registry([make("one"), make("two")])).toThrow(/both one and two/u);
  });
});

describe("the default registry", () => {
  const registry = defaultRegistry();

  test("every feature names its formula, unit, source, family and a lookback of at least 1", () => {
    for (const feature of registry.features) {
      for (const text of [feature.formula, feature.unit, feature.source, feature.family]) {
        expect(text, feature.name).not.toBe("");
      }
      expect(feature.lookback, feature.name).toBeGreaterThanOrEqual(1);
      expect(feature.name).toMatch(/^[a-z][A-Za-z0-9_]*$/u);
    }
  });

  test.each(setNames)("set %s selects registered, visible features once each", (name) => {
    const selected = selectFeatures(registry, name);
    expect(new Set(selected).size).toBe(selected.length);
    for (const feature of selected) expect(registry.get(feature).internal).toBe(false);
  });

  test("no feature carries a label's name", () => {
    for (const name of registry.names) expect(name).not.toMatch(/label|target|^feat_ret|forward/u);
  });
});

describe("lineage", () => {
  const registry = defaultRegistry();
  const endpointOfTable = new Map(
    [...endpoints.values()].map((endpoint) => [endpoint.table, endpoint]),
  );

  test("the plan of every feature includes every endpoint that it reads, through all inputs", () => {
    for (const { name, plan, internal } of registry.features) {
      if (internal) continue;
      const paths = tablesBehind(registry, name).flatMap((table) => {
        const endpoint = endpointOfTable.get(table);
        return endpoint !== undefined && !allows(plan, endpoint) ? [endpoint.path] : [];
      });
      expect(paths, `${name} (${plan})`).toEqual([]);
    }
  });

  test("every feature but those of the calendar comes from a table that the lake can hold", () => {
    const known = new Set([...endpointOfTable.keys(), "user_series"]);
    for (const { name, family } of registry.features) {
      const tables = tablesBehind(registry, name);
      for (const table of tables) expect(known, name).toContain(table);
      if (tables.length === 0) expect(["calendar", "decay"]).toContain(family);
    }
  });

  test("investor flow stands behind a product of flow and market value, beside prices, statements and the list of issues", () => {
    expect(tablesBehind(registry, "x_foreign_size")).toEqual([
      "equities_bars_daily",
      "equities_investor_types",
      "equities_master",
      "fins_summary",
    ]);
  });
});
