// Columns of the user's own series equal pandas, are as of the session that may know them, and are in no set.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  defaultRegistry,
  executePlan,
  planFeatures,
  selectFeatures,
} from "../../src/features/index.ts";
import type { EventTable } from "../../src/features/market-data.ts";
import { syntheticMarket } from "./synthetic-market.ts";

const seriesSchema = z.object({
  values: z.array(z.number()),
  columns: z.record(z.string(), z.array(z.number().nullable())),
});

const golden = z
  .object({ every: z.int(), vix: seriesSchema, us10y: seriesSchema })
  .parse(
    JSON.parse(readFileSync(join(import.meta.dirname, "../golden/features-macro.json"), "utf8")),
  );

/** A value a session, known from the session after its own. */
function recordsOf(values: readonly number[]): EventTable {
  const shared = new SharedArrayBuffer(values.length * 8);
  const column = new Float64Array(shared);
  column.set(values);
  const counts = (from: number): Int32Array<SharedArrayBuffer> => {
    const numbers = new Int32Array(new SharedArrayBuffer(values.length * 4));
    numbers.set(Int32Array.from(values, (_, i) => from + i));
    return numbers;
  };
  const keyStart = new Int32Array(new SharedArrayBuffer(8));
  keyStart[1] = values.length;
  return {
    by: "market",
    keyStart,
    session: counts(1),
    day: counts(18_267),
    fields: new Map([["value", column]]),
  };
}

describe.each(["vix", "us10y"] as const)("macro_%s", async (name) => {
  const registry = defaultRegistry();
  const { values, columns } = golden[name];
  const events = new Map([[`macro_${name}`, recordsOf(values)]]);
  const data = syntheticMarket({ codes: 1, sessions: values.length + 10, events });
  const names = Object.keys(columns).map((column) => `macro_${name}_${column}`);
  const found = new Map<string, Float64Array>();
  await executePlan(registry, planFeatures(registry, names), data, (feature, series) => {
    found.set(feature.name, Float64Array.from(series));
  });

  test.each(Object.keys(columns))("%s equals pandas, a session later", (column) => {
    const series = found.get(`macro_${name}_${column}`)!;
    columns[column].forEach((expected, i) => {
      const value = series[i * golden.every + 1];
      if (expected === null) expect(value).toBeNaN();
      else
        expect(Math.abs(value - expected)).toBeLessThanOrEqual(
          1e-8 * Math.max(1, Math.abs(expected)),
        );
    });
  });

  test("a value counts for five sessions and no longer", () => {
    const series = found.get(`macro_${name}_change_1d`)!;
    expect(series[values.length + 5]).not.toBeNaN();
    expect(series[values.length + 6]).toBeNaN();
  });
});

test("no set has them; they are chosen by name", () => {
  const registry = defaultRegistry();
  for (const set of ["standard", "premium"]) {
    expect(selectFeatures(registry, set).filter((name) => name.startsWith("macro_"))).toEqual([]);
  }
  expect(selectFeatures(registry, "macro")).toHaveLength(20);
});
