// Every column of the families that join records equals its independent value from pandas, from the same lake tables.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { jpxCalendar } from "../../src/calendar/index.ts";
import { hashBytes } from "../../src/hash.ts";
import {
  defaultRegistry,
  domainOf,
  executePlan,
  expandToRows,
  loadMarketData,
  planFeatures,
} from "../../src/features/index.ts";

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

/** Differences near zero, relative to the column's mean magnitude. */
const nearZero = 2e-6;

const folder = join(import.meta.dirname, "../golden");
const tables = readdirSync(join(folder, "records")).toSorted();
const goldens = ["features-records.json", "features-linked.json", "features-sector-cap.json"].map(
  (file) => goldenSchema.parse(JSON.parse(readFileSync(join(folder, file), "utf8"))),
);
const expected = new Map(goldens.flatMap(({ columns }) => Object.entries(columns)));

/** Every so many rows the golden files keep a value. */
const every = 97;

describe("columns that join records against pandas", async () => {
  const registry = defaultRegistry();
  const names = [...expected.keys()];
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  for (const file of tables) {
    const name = file.replace(".parquet", "");
    await connection.run(
      `CREATE VIEW ${name} AS SELECT * FROM read_parquet('${join(folder, "records", file)}')`,
    );
  }
  const plan = planFeatures(registry, names);
  const data = await loadMarketData({ connection, calendar: jpxCalendar() }, registry, plan);
  const columns = new Map<string, Float32Array>();
  await executePlan(registry, plan, data, (feature, values) => {
    columns.set(feature.name, expandToRows(data, domainOf(feature), values).slice());
  });

  test("the values were made from these very tables", () => {
    const bytes = tables.map((file) => readFileSync(join(folder, "records", file)));
    for (const golden of goldens) {
      expect(hashBytes(Buffer.concat(bytes))).toBe(golden.sha256);
      expect(golden.every).toBe(every);
    }
  });

  test.each(names)("%s", (name) => {
    const { count, sum, magnitude, samples } = expected.get(name)!;
    const values = columns.get(name) ?? new Float32Array(0);
    const known = values.filter((value) => value === value);
    expect(known.length).toBe(count);
    const total = known.reduce((all, value) => all + value, 0);
    const size = known.reduce((all, value) => all + Math.abs(value), 0);
    expect(Math.abs(total - sum)).toBeLessThanOrEqual(relative * magnitude);
    expect(Math.abs(size - magnitude)).toBeLessThanOrEqual(relative * magnitude);
    const scale = magnitude / Math.max(1, count);
    samples.forEach((sample, index) => {
      const found = values[index * every];
      if (sample === null) expect(found).toBeNaN();
      else {
        const gap = Math.abs(found - sample);
        expect(gap).toBeLessThanOrEqual(relative * Math.abs(sample) + nearZero * scale);
      }
    });
  });
});
