import { mkdtemp, readdir, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ArtifactError, ConfigError } from "../../src/errors.ts";
import {
  graphAsOf,
  graphAt,
  graphKey,
  graphShard,
  type GraphSource,
} from "../../src/graph/index.ts";
import { Panel } from "../../src/panel/index.ts";
import { createRng } from "../../src/rng.ts";

const options = { window: 10, minOverlap: 6, threshold: 0.2, topK: 4, every: 3 };
const codes = Array.from({ length: 12 }, (_, i) => `${1301 + i}0`);

/** 60 weekdays from 2024-01-01. */
function sourceOf(seed = 1, disturbFrom = 60): GraphSource {
  const dates = Array.from({ length: 60 }, (_, i) => 19_723 + Math.floor(i / 5) * 7 + (i % 5));
  const panel = new Panel(dates, codes);
  const rng = createRng(seed);
  const factor = dates.map(() => rng.normal());
  const returns = panel.addColumn("returns", "f64");
  returns.forEach((_, cell) => (returns[cell] = factor[cell % 60] + rng.normal()));
  returns.forEach((value, cell) => {
    if (cell % 60 >= disturbFrom) returns[cell] = -3 * value + 1;
  });
  panel
    .addColumn("sector", "i32")
    .forEach((_, cell, column) => (column[cell] = Math.floor(cell / 180)));
  return { panel, returns: "returns", sector: "sector", dataHash: `data${seed}` };
}

describe("graph shards", () => {
  let home: string;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "gogooku3-graph-"));
  });

  afterEach(async () => {
    await rm(home, { recursive: true, force: true });
  });

  it("read back what was computed, a snapshot every few sessions of the month", async () => {
    const source = sourceOf();
    const built = await graphShard(home, source, "2024-01", options);
    const read = await graphShard(home, source, "2024-01", options);
    expect(read).toEqual(built);
    expect(built.map(({ date }) => source.panel.dateIndex(date))).toEqual([9, 12, 15, 18, 21]);
  });

  it("are keyed by every parameter and by the data", () => {
    const source = sourceOf();
    const keys = [
      graphKey(source, options),
      graphKey(source, { ...options, topK: 5 }),
      graphKey(source, { ...options, halfLife: 7 }),
      graphKey(source, { ...options, halfLife: Number.POSITIVE_INFINITY }),
      graphKey(source, { ...options, shrinkage: 0.2 }),
      graphKey(source, { ...options, every: 1 }),
      graphKey({ ...source, dataHash: "other" }, options),
      graphKey({ ...source, section: "sector" }, options),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("hold bit-identical graphs whatever comes after their date", async () => {
    const source = sourceOf();
    for (let session = 9; session < 40; session += 1) {
      expect(graphAt(sourceOf(1, 40), session, options)).toEqual(graphAt(source, session, options));
    }
    expect(graphAt(sourceOf(1, 40), 40, options)).not.toEqual(graphAt(source, 40, options));
  });

  it("answer with the latest snapshot that is not later than the date", async () => {
    const source = sourceOf();
    const { dates } = source.panel;
    expect(await graphAsOf(home, source, dates[8], options)).toBeUndefined();
    expect((await graphAsOf(home, source, dates[9], options))?.date).toBe(dates[9]);
    const snapshot = await graphAsOf(home, source, dates[23], options);
    expect(snapshot?.date).toBe(dates[21]);
    expect(snapshot?.graph).toEqual(graphAt(source, 21, options));
  });

  it("that were cut short are refused by name", async () => {
    const source = sourceOf();
    await graphShard(home, source, "2024-01", options);
    const folder = join(home, "cache", "graphs", graphKey(source, options));
    const [file] = await readdir(folder);
    await truncate(join(folder, file), 400);
    await expect(graphShard(home, source, "2024-01", options)).rejects.toThrow(ArtifactError);
  });

  it("need a full window", () => {
    expect(() => graphAt(sourceOf(), 8, options)).toThrow(ConfigError);
  });
});
