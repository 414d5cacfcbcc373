// A synthetic table with its split, for transform tests: gaps, a constant, a fat tail, a column unknown in training.

import { walkForward, type Split } from "../../../src/dataset/splits/index.ts";
import { type RowTable, rowTable } from "../../../src/dataset/transforms/index.ts";
import { createRng } from "../../../src/rng.ts";
import { labelledRows } from "../splits/rows.ts";

export const columnNames = ["steady", "gappy", "fat", "constant", "late"] as const;

export function splitTable(seed = 1): {
  table: RowTable;
  split: Split;
  raw: Map<string, Float32Array>;
} {
  const rows = labelledRows({ sessions: 90, stocks: 6, horizon: 5 });
  const [split] = walkForward({ nSplits: 1, testSize: 20, purgeDays: 5 }).split(rows);
  const rng = createRng(seed);
  const fill = (draw: (row: number) => number): Float32Array =>
    Float32Array.from(rows.sessions, (_, row) => draw(row));
  const raw = new Map([
    ["steady", fill(() => rng.normal())],
    ["gappy", fill(() => (rng.uniform() < 0.3 ? Number.NaN : 10 + rng.normal()))],
    ["fat", fill(() => (rng.uniform() < 0.01 ? 1e6 * rng.normal() : rng.normal()))],
    ["constant", fill(() => 3)],
    ["late", fill((row) => (rows.sessions[row] < 70 ? Number.NaN : rng.normal()))],
  ]);
  return { table: rowTable(rows, raw), split, raw };
}
