// The matrices of a fold: worker threads give what the transforms give, whether columns are in memory or read when asked for.

import { describe, expect, it } from "vitest";
import { sharedInts, type Split, walkForward } from "../../src/dataset/splits/index.ts";
import { normalise, type NormalisedColumn, rowTable } from "../../src/dataset/transforms/index.ts";
import { rowMatrices } from "../../src/model/lightgbm/index.ts";
import type { ColumnSource } from "../../src/pipeline/baseline/columns.ts";
import { foldMatrices } from "../../src/pipeline/baseline/fold-matrix.ts";
import { createRng } from "../../src/rng.ts";
import { createPool } from "../../src/workers/index.ts";
import { labelledRows } from "../dataset/splits/rows.ts";

const rows = labelledRows({ sessions: 400, stocks: 150, horizon: 5 });
const [split]: readonly Split[] = walkForward({ nSplits: 1, testSize: 80, purgeDays: 5 }).split(
  rows,
);
const classes = ["cross_sectional", "time_series", "raw", "log"] as const;

function market(width: number): {
  columns: readonly NormalisedColumn[];
  values: ReadonlyMap<string, Float32Array>;
} {
  const rng = createRng(2);
  const columns = Array.from({ length: width }, (_, i) => ({
    name: `f${i}`,
    normalisation: classes[i % classes.length],
  }));
  const values = columns.map(({ name }): [string, Float32Array] => {
    const column = new Float32Array(new SharedArrayBuffer(rows.sessions.length * 4));
    column.forEach((_, row) => (column[row] = rng.uniform() < 0.05 ? Number.NaN : rng.normal()));
    return [name, column];
  });
  return { columns, values: new Map(values) };
}

describe("foldMatrices", () => {
  it.each([
    ["on this thread", 6],
    ["on worker threads, several groups of columns", 70],
  ])("gives what the transform gives, row-major: %s", async (_, width) => {
    const { columns, values } = market(width);
    const reads: number[] = [];
    const source: ColumnSource = {
      index: {
        dates: sharedInts(rows.dates),
        sessions: sharedInts(rows.sessions),
        codes: sharedInts(rows.codes),
      },
      read: (names) => {
        reads.push(names.length);
        return names.map((name) => values.get(name) ?? new Float32Array(0));
      },
    };
    await using pool = createPool({ threads: 2 });
    const parts = [split.test.indices, split.train.indices];
    const { matrices: found, fittedOn } = await foldMatrices(split.train, parts, {
      pool,
      source,
      columns,
      categorical: ["f2"],
      memory: new SharedArrayBuffer((split.test.length + split.train.length) * width * 4),
    });
    expect(fittedOn).toBe(split.train);
    const scaled = columns.filter(({ name }) => name !== "f2");
    const table = rowTable(rows, values);
    const transformed = normalise(scaled, { scale: false, fill: false })
      .fit(split.train, table)
      .transform(table);
    const names = columns.map(({ name }) => name);
    expect(reads.reduce((sum, count) => sum + count, 0)).toBe(width);
    rowMatrices(transformed, parts, names).forEach((matrix, i) => {
      const differing = found[i].findIndex((value, at) => !Object.is(value, matrix[at]));
      expect(differing).toBe(-1);
    });
  });
});
