// Our Parquet files are read back bit for bit by us, and opened by DuckDB.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import type { EncodedChunk } from "../../src/dataset/parquet/chunk.ts";
import { encodeGroups, encodeMarket } from "../../src/dataset/parquet/encode-sessions.ts";
import {
  dateColumn,
  floatColumn,
  MonthFile,
  textColumn,
  type AppendColumn,
} from "../../src/dataset/parquet/month-file.ts";
import { MonthReader } from "../../src/dataset/parquet/read.ts";
import type { Scratch } from "../../src/dataset/parquet/scratch.ts";
import { createRng } from "../../src/rng.ts";

const folder = mkdtempSync(join(tmpdir(), "gogooku3-parquet-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

function writeFloats(values: Float32Array): MonthReader {
  const path = join(folder, `${(files += 1)}.parquet`);
  const file = new MonthFile(path, values.length);
  file.add(floatColumn("x", values));
  file.close(["x"]);
  return new MonthReader(path);
}

function roundTrip(rows: number, column: Omit<AppendColumn, "name" | "isOptional">): Float32Array {
  const path = join(folder, `${(files += 1)}.parquet`);
  const file = new MonthFile(path, rows);
  file.add({ name: "x", isOptional: true, ...column });
  file.close(["x"]);
  const reader = new MonthReader(path);
  const back = new Float32Array(rows);
  reader.readFloats("x", back, 0);
  reader.close();
  return back;
}

describe("columns of one value a session", () => {
  const value = fc.oneof(fc.double({ noNaN: false, min: -1e6, max: 1e6 }), fc.constantFrom(0, NaN));

  test("a market series comes back as its session's value in every row", () => {
    const days = fc.array(fc.tuple(value, fc.integer({ min: 0, max: 40 })), { minLength: 1 });
    fc.assert(
      fc.property(days, (list) => {
        const values = Float64Array.from([7, ...list.map(([v]) => v)]);
        const counts = Int32Array.from(list, ([, count]) => count);
        const expected = Float32Array.from(list.flatMap(([v, count]) => Array(count).fill(v)));
        const sessions = { firstSession: 1, counts, rows: expected.length };
        const encode = (scratch: Scratch): EncodedChunk => encodeMarket(values, sessions, scratch);
        expect(roundTrip(expected.length, { encode })).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  test("a group series comes back as the value of the row's group, null without a group", () => {
    const group = fc.constantFrom(0, 1, 2, 255);
    const days = fc.array(
      fc.tuple(fc.array(value, { minLength: 3, maxLength: 3 }), fc.array(group)),
      {
        minLength: 1,
        maxLength: 20,
      },
    );
    fc.assert(
      fc.property(days, (list) => {
        const stride = list.length;
        const values = new Float64Array(3 * stride);
        list.forEach(([own], s) => own.forEach((v, g) => (values[g * stride + s] = v)));
        const groups = Uint8Array.from(list.flatMap(([, rows]) => rows));
        const counts = Int32Array.from(list, ([, rows]) => rows.length);
        const expected = Float32Array.from(
          list.flatMap(([own, rows]) => rows.map((g) => (g === 255 ? Number.NaN : own[g]))),
        );
        const sessions = { firstSession: 0, counts, rows: groups.length };
        const encode = (scratch: Scratch): EncodedChunk =>
          encodeGroups(values, stride, sessions, groups, scratch);
        expect(roundTrip(expected.length, { encode })).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });
});

describe("MonthFile", () => {
  test("any float column comes back bit for bit, NaN as NaN", () => {
    const value = fc.oneof(
      fc.float({ noNaN: false }),
      fc.constantFrom(0, 1, NaN),
      fc.integer({ min: 0, max: 3 }),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 200 }), (list) => {
        const values = Float32Array.from(list);
        const reader = writeFloats(values);
        const back = new Float32Array(values.length);
        reader.readFloats("x", back, 0);
        reader.close();
        expect(back).toEqual(values);
      }),
      { numRuns: 60 },
    );
  });

  test("long columns come back: plain, dictionary in bits, dictionary in runs, all null", () => {
    const rng = createRng(3);
    const makers: readonly ((i: number) => number)[] = [
      () => rng.normal(),
      () => Math.floor(rng.uniform() * 900),
      (i) => Math.floor(i / 4000) * 1.5,
      () => Number.NaN,
      (i) => (i % 3 === 0 ? Number.NaN : rng.normal()),
    ];
    for (const make of makers) {
      const values = Float32Array.from({ length: 80_000 }, (_, i) => make(i));
      const reader = writeFloats(values);
      const back = new Float32Array(values.length);
      reader.readFloats("x", back, 0);
      reader.close();
      expect(Buffer.from(back.buffer).equals(Buffer.from(values.buffer))).toBe(true);
    }
  });

  test("DuckDB reads dates, codes, floats and nulls as they were written", async () => {
    const path = join(folder, "duck.parquet");
    const file = new MonthFile(path, 3);
    file.add(floatColumn("ret", Float32Array.of(0.5, NaN, -1.25)));
    file.add(floatColumn("flag", Float32Array.of(1, 0, 1)));
    file.add(dateColumn("date", Int32Array.of(19_000, 19_000, 19_001)));
    file.add(textColumn("code", Int32Array.of(0, 1, 1), ["13010", "130A0"]));
    file.close(["date", "code", "ret", "flag"], new Map([["gogooku3.abi", "abc"]]));
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const rows = await connection.runAndReadAll(
      `SELECT CAST(date AS VARCHAR), code, ret, flag FROM '${path}'`,
    );
    expect(rows.getRows()).toEqual([
      ["2022-01-08", "13010", 0.5, 1],
      ["2022-01-08", "130A0", null, 0],
      ["2022-01-09", "130A0", -1.25, 1],
    ]);
    const reader = new MonthReader(path);
    expect(reader.notes.get("gogooku3.abi")).toBe("abc");
    expect(reader.readTexts("code")).toEqual({
      positions: Int32Array.of(0, 1, 1),
      texts: ["13010", "130A0"],
    });
    expect(reader.readInts("date")).toEqual(Int32Array.of(19_000, 19_000, 19_001));
    reader.close();
  });

  test("a file without its footer is refused by name", () => {
    const path = join(folder, "torn.parquet");
    const file = new MonthFile(path, 1);
    file.add(floatColumn("x", Float32Array.of(1)));
    file.abandon();
    expect(() => new MonthReader(path)).toThrow(/torn\.parquet is not a complete Parquet file/u);
  });
});
