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

const columnSchema = z.object({
  count: z.int(),
  sum: z.number(),
  magnitude: z.number(),
  samples: z.array(z.number().nullable()),
});

const goldenSchema = z.object({
  versions: z.record(z.string(), z.string()),
  call: z.string(),
  sha256: z.string(),
  /** Parts of the dumped market that the script read. */
  parts: z.array(z.string()).default(["stocks", "series", "sectors"]),
  every: z.int(),
  columns: z.record(z.string(), columnSchema),
});

/** Columns are float32 (6e-8); the reference and we sum in different orders. */
const relative = 1e-6;

/** Differences near zero: an error of one float32 step of the terms, relative to the column's mean magnitude. */
const nearZero = 2e-6;

const folder = join(import.meta.dirname, "../golden");
/** Files of columns over the golden market; other families have golden files of their own shape. */
const files = ["features-prices.json", "features-peers.json", "features-decay.json"];

describe.each(files)("columns of %s against their independent values", async (file) => {
  const golden = readGolden(file);
  const registry = defaultRegistry();
  const data = goldenMarket();
  const names = Object.keys(golden.columns);
  const columns = new Map<string, Float32Array>();
  await executePlan(registry, planFeatures(registry, names), data, (feature, values) => {
    columns.set(feature.name, expandToRows(data, domainOf(feature), values).slice());
  });

  test("the values were made from this very market", () => {
    const parts = golden.parts.map((part) =>
      execFileSync(process.execPath, [join(folder, "make/dump-market.ts"), part], {
        maxBuffer: 1 << 28,
      }),
    );
    expect(hashBytes(Buffer.concat(parts))).toBe(golden.sha256);
  });

  test.each(names)("%s", (name) => {
    expectColumn(columns.get(name) ?? new Float32Array(0), golden.columns[name], golden.every);
  });
});

function readGolden(file: string): z.infer<typeof goldenSchema> {
  return goldenSchema.parse(JSON.parse(readFileSync(join(folder, file), "utf8")));
}

function expectColumn(
  values: Float32Array,
  expected: z.infer<typeof columnSchema>,
  every: number,
): void {
  const known = values.filter((value) => value === value);
  expect(known.length).toBe(expected.count);
  const scale = expected.magnitude / Math.max(1, expected.count);
  const sum = known.reduce((total, value) => total + value, 0);
  const magnitude = known.reduce((total, value) => total + Math.abs(value), 0);
  const allowed = relative * expected.magnitude;
  expect(Math.abs(sum - expected.sum)).toBeLessThanOrEqual(allowed);
  expect(Math.abs(magnitude - expected.magnitude)).toBeLessThanOrEqual(allowed);
  expected.samples.forEach((sample, index) => {
    const found = values[index * every];
    if (sample === null) expect(found).toBeNaN();
    else {
      const gap = Math.abs(found - sample);
      expect(gap).toBeLessThanOrEqual(relative * Math.abs(sample) + nearZero * scale);
    }
  });
}

test("every column of every family has golden values; those of macro have theirs in features-macro.json", () => {
  const names = readdirSync(folder).filter((name) => name.startsWith("features-"));
  const covered = new Set(
    names
      .filter((name) => name !== "features-macro.json")
      .flatMap((name) => Object.keys(readGolden(name).columns)),
  );
  const missing = defaultRegistry().features.filter(
    ({ family, internal, name }) => family !== "macro" && !internal && !covered.has(name),
  );
  expect(missing.map(({ name }) => name)).toEqual([]);
});

test("there is a script for every golden file of features", () => {
  const files = readdirSync(folder).filter((name) => name.startsWith("features-"));
  const scripts = readdirSync(join(folder, "make"));
  for (const file of files) {
    expect(scripts).toContain(file.replaceAll("-", "_").replace(".json", ".py"));
  }
});
