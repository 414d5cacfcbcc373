// One suite for every splitter: what each must hold on any number of sessions, stocks and horizons.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  combinatorialPurged,
  purgedKFold,
  type Splitter,
  walkForward,
} from "../../../src/dataset/splits/index.ts";
import { LeakageError, ShapeError } from "../../../src/errors.ts";
import { labelledRows } from "./rows.ts";

type Make = (purgeDays: number, embargoDays: number) => Splitter;

const splitters: readonly [string, Make][] = [
  [
    "walkForward expanding",
    (purgeDays, embargoDays) => walkForward({ nSplits: 3, purgeDays, embargoDays }),
  ],
  [
    "walkForward rolling",
    (purgeDays, embargoDays) =>
      walkForward({ nSplits: 3, trainSize: 20, purgeDays, embargoDays, expandTrain: false }),
  ],
  ["purgedKFold", (purgeDays, embargoDays) => purgedKFold({ nSplits: 4, purgeDays, embargoDays })],
  [
    "combinatorialPurged",
    (purgeDays, embargoDays) =>
      combinatorialPurged({ nGroups: 5, nTestGroups: 2, purgeDays, embargoDays }),
  ],
];

const cases = fc.record({
  sessions: fc.integer({ min: 100, max: 160 }),
  stocks: fc.integer({ min: 1, max: 4 }),
  horizon: fc.integer({ min: 1, max: 8 }),
  delay: fc.integer({ min: 0, max: 12 }),
  embargo: fc.integer({ min: 0, max: 6 }),
});

describe.each(splitters)("%s", (_, make) => {
  it("lets no training label's real window meet a test session, nor train within a horizon after one", () => {
    fc.assert(
      fc.property(cases, ({ embargo, ...options }) => {
        const rows = labelledRows(options);
        for (const { train, test } of make(options.horizon, embargo).split(rows)) {
          const tested = new Set(test.indices.values().map((row) => rows.sessions[row]));
          const meets = train.indices.filter((row) => {
            const from = rows.sessions[row] - options.horizon + 1;
            for (let s = from; s <= rows.labelEnds[row]; s += 1) if (tested.has(s)) return true;
            return false;
          });
          expect(meets).toHaveLength(0);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("accounts for every row of the sessions that train, less the late labels", () => {
    fc.assert(
      fc.property(cases, ({ embargo, ...options }) => {
        const rows = labelledRows(options);
        for (const { train, test, sessions, lateLabels } of make(options.horizon, embargo).split(
          rows,
        )) {
          const days = sessions.train.reduce((sum, { start, end }) => sum + end - start, 0);
          expect(train.length + lateLabels).toBe(days * options.stocks);
          const tested = sessions.test.reduce((sum, { start, end }) => sum + end - start, 0);
          expect(test.length).toBe(tested * options.stocks);
          if (options.delay === 0) expect(lateLabels).toBe(0);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("puts each session of a fold in one part only", () => {
    const plan = make(5, 3).plan(120);
    for (const { train, test, purged, embargoed } of plan) {
      const all = [train, test, purged, embargoed].flat();
      const seen = all.flatMap(({ start, end }) =>
        Array.from({ length: end - start }, (__, i) => start + i),
      );
      expect(new Set(seen).size).toBe(seen.length);
    }
  });

  it("stops a purge of 0 with a LeakageError that names the purge it needs", () => {
    const rows = labelledRows({ sessions: 120, horizon: 5 });
    expect(() => make(0, 0).split(rows)).toThrow(LeakageError);
    expect(() => make(4, 0).split(rows)).toThrow(/purgeDays to at least 5/u);
    expect(() => make(5, 0).split(rows)).not.toThrow();
  });

  it("refuses rows that are out of order", () => {
    const rows = labelledRows({ sessions: 120 });
    const sessions = rows.sessions.toReversed();
    expect(() => make(5, 0).split({ ...rows, sessions })).toThrow(ShapeError);
  });

  it("gives the same folds twice", () => {
    const rows = labelledRows({ sessions: 120 });
    const indices = () =>
      make(5, 2)
        .split(rows)
        .map(({ train, test }) => [train.indices, test.indices]);
    expect(indices()).toEqual(indices());
  });
});
