// What a baseline run says of its memory before it reads anything.

import { describe, expect, it } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { columnSource } from "../../src/pipeline/baseline/columns.ts";
import { planMemory } from "../../src/pipeline/baseline/memory.ts";
import { planBaseline } from "../../src/pipeline/baseline/options.ts";
import { toyDataset } from "./toy-dataset.ts";

const gib = 2 ** 30;
const width = 4000;

/** The toy's rows with as many columns as make memory matter: 180 sessions of 60 stocks. */
function plan(memoryLimit: number): ReturnType<typeof planMemory> {
  const dataset = toyDataset();
  const options = { home: "", dataset, library: "", nSplits: 2, testSize: 40, memoryLimit };
  return planMemory(dataset, planBaseline(options), width);
}

describe("planMemory", () => {
  const ample = plan(100);

  it("keeps the features in memory when they fit beside the fold's matrices and bins", () => {
    expect(ample.holdsFeatures).toBe(true);
    // The last fold trains on 180 − 40 − 5 sessions and tests 40.
    expect(ample.matrixBytes).toBe(175 * 60 * width * 4);
    expect(plan(ample.expectedBytes / gib).holdsFeatures).toBe(true);
  });

  it("leaves them on disk below that", () => {
    const tight = plan((ample.expectedBytes - 1) / gib);
    expect(tight.holdsFeatures).toBe(false);
    const saved = ample.expectedBytes - tight.expectedBytes;
    expect(saved).toBeGreaterThan(0.8 * 180 * 60 * width * 4);
    expect(saved).toBeLessThanOrEqual(180 * 60 * width * 4);
  });

  it("refuses what fits in neither way, and names the ways out", () => {
    const least = plan((ample.expectedBytes - 1) / gib).expectedBytes / gib;
    expect(() => plan(least - 1e-6)).toThrow(ConfigError);
    expect(() => plan(least - 1e-6)).toThrow(
      /needs .* GiB.*--memory-limit.*--features.*--rolling/u,
    );
  });
});

describe("columnSource", () => {
  it("gives the same columns from memory and from disk, some at a time", () => {
    const dataset = toyDataset();
    const { featureNames } = dataset;
    const held = columnSource(dataset, featureNames, true).read(featureNames);
    const read = columnSource(dataset, featureNames, false);
    featureNames.forEach((name, i) => expect(read.read([name])[0]).toEqual(held[i]));
  });
});
