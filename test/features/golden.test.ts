// Every column that a golden file names equals its independent value from pandas or TA-Lib.

import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { hashBytes } from "../../src/hash.ts";
import {
  defaultRegistry,
  domainOf,
  executePlan,
  expandToRows,
  planFeatures,
} from "../../src/features/index.ts";
import { goldenMarket } from "./golden-market.ts";

const goldenSchema = z.object({
  versions: z.record(z.string(), z.string()),
  call: z.string(),
  sha256: z.string(),
  every: z.int(),
  columns: z.record(
    z.string(),
    z.object({
      count: z.int(),
      sum: z.number(),
      magnitude: z.number(),
      samples: z.array(z.number().nullable()),
    }),
  ),
});

/** Columns are float32 (6e-8); the reference and we sum in different orders. */
const relative = 1e-6;

/** Differences near zero: an error of one float32 step of the terms, relative to the column's mean magnitude. */
const nearZero = 2e-6;

const folder = join(import.meta.dirname, "../golden");
const golden = goldenSchema.parse(
  JSON.parse(readFileSync(join(folder, "features-prices.json"), "utf8")),
);

describe("features against pandas and TA-Lib", async () => {
  const registry = defaultRegistry();
  const data = goldenMarket();
  const names = Object.keys(golden.columns);
  const plan = planFeatures(
    registry,
    names.filter((name) => registry.has(name)),
  );
  const columns = new Map<string, Float32Array>();
  await executePlan(registry, plan, data, (feature, values) => {
    columns.set(feature.name, expandToRows(data, domainOf(feature), values).slice());
  });

  test("the golden values were made from this very market", () => {
    const parts = ["stocks", "series", "sectors"].map((part) =>
      execFileSync(process.execPath, [join(folder, "make/dump-market.ts"), part], {
        maxBuffer: 1 << 28,
      }),
    );
    expect(hashBytes(Buffer.concat(parts))).toBe(golden.sha256);
  });

  test("every family that reads prices and indices alone is covered", () => {
    const covered = [
      "price",
      "technical",
      "volatility",
      "market",
      "cross",
      "sector",
      "cross-section",
      "indices",
      "gaps",
      "morning",
      "calendar",
      "validity",
      "interactions",
    ];
    const missing = registry.features.filter(
      ({ family, internal, name }) =>
        covered.includes(family) && !internal && golden.columns[name] === undefined,
    );
    expect(missing.map(({ name }) => name)).toEqual([]);
  });

  test.each(names)("%s", (name) => {
    const expected = golden.columns[name];
    const values = columns.get(name) ?? new Float32Array(0);
    const known = values.filter((value) => value === value);
    expect(known.length).toBe(expected.count);
    const scale = expected.magnitude / Math.max(1, expected.count);
    const sum = known.reduce((total, value) => total + value, 0);
    const magnitude = known.reduce((total, value) => total + Math.abs(value), 0);
    expect(Math.abs(sum - expected.sum)).toBeLessThanOrEqual(relative * expected.magnitude);
    expect(Math.abs(magnitude - expected.magnitude)).toBeLessThanOrEqual(
      relative * expected.magnitude,
    );
    expected.samples.forEach((sample, index) => {
      const found = values[index * golden.every];
      if (sample === null) expect(found).toBeNaN();
      else {
        const gap = Math.abs(found - sample);
        expect(gap).toBeLessThanOrEqual(relative * Math.abs(sample) + nearZero * scale);
      }
    });
  });
});

test("there is a script for every golden file of features", () => {
  const files = readdirSync(folder).filter((name) => name.startsWith("features-"));
  const scripts = readdirSync(join(folder, "make"));
  for (const file of files) {
    expect(scripts).toContain(file.replaceAll("-", "_").replace(".json", ".py"));
  }
});
