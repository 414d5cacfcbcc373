import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  combinatorialPaths,
  combinatorialPurged,
  foldPicture,
  holdOutLast,
  purgedKFold,
  requireUnseen,
  walkForward,
} from "../../../src/dataset/splits/index.ts";
import { ConfigError, LeakageError } from "../../../src/errors.ts";
import { labelledRows } from "./rows.ts";

describe("walkForward", () => {
  it("counts folds back from the last session and expands the training window", () => {
    const plan = walkForward({ nSplits: 2, testSize: 10, trainSize: 20, purgeDays: 5 }).plan(60);
    expect(plan.map(({ train, purged, test }) => ({ train, purged, test }))).toEqual([
      {
        train: [{ start: 0, end: 35 }],
        purged: [{ start: 35, end: 40 }],
        test: [{ start: 40, end: 50 }],
      },
      {
        train: [{ start: 0, end: 45 }],
        purged: [{ start: 45, end: 50 }],
        test: [{ start: 50, end: 60 }],
      },
    ]);
  });

  it("rolls a window of exactly trainSize sessions and leaves embargoDays between tests", () => {
    const plan = walkForward({
      nSplits: 2,
      testSize: 10,
      trainSize: 20,
      purgeDays: 5,
      embargoDays: 3,
      expandTrain: false,
    }).plan(60);
    expect(plan.map(({ train, test }) => [train, test])).toEqual([
      [[{ start: 12, end: 32 }], [{ start: 37, end: 47 }]],
      [[{ start: 25, end: 45 }], [{ start: 50, end: 60 }]],
    ]);
  });

  it("says how many sessions it needs when there are too few", () => {
    const splitter = walkForward({ nSplits: 5, testSize: 20, trainSize: 40, purgeDays: 20 });
    expect(() => splitter.plan(100)).toThrow(ConfigError);
    expect(() => splitter.plan(100)).toThrow(/need 160 sessions, found 100/u);
  });

  it("drops a training row whose suspended stock's label reaches the test, and counts it", () => {
    const rows = labelledRows({ sessions: 60, stocks: 2, horizon: 5, delay: 3 });
    const splitter = walkForward({ nSplits: 1, testSize: 10, purgeDays: 5 });
    const [{ lateLabels, train }] = splitter.split(rows);
    expect(lateLabels).toBe(3);
    expect(train.length).toBe(45 * 2 - 3);
  });

  it("refuses a negative purge and a test of no sessions", () => {
    expect(() => walkForward({ purgeDays: -1 })).toThrow(/purgeDays/u);
    expect(() => walkForward({ purgeDays: 5, testSize: 0 })).toThrow(/testSize/u);
  });
});

describe("purgedKFold", () => {
  it("tests every session once", () => {
    const tested = purgedKFold({ nSplits: 4, purgeDays: 5 })
      .plan(43)
      .flatMap(({ test }) => test);
    expect(tested).toEqual([
      { start: 0, end: 11 },
      { start: 11, end: 22 },
      { start: 22, end: 33 },
      { start: 33, end: 43 },
    ]);
  });

  it("purges both sides of a test and embargoes after the purge", () => {
    const [, fold] = purgedKFold({ nSplits: 3, purgeDays: 5, embargoDays: 2 }).plan(60);
    expect(fold.train).toEqual([
      { start: 0, end: 15 },
      { start: 47, end: 60 },
    ]);
    expect(fold.purged).toEqual([
      { start: 15, end: 20 },
      { start: 40, end: 45 },
    ]);
    expect(fold.embargoed).toEqual([{ start: 45, end: 47 }]);
  });
});

describe("combinatorialPurged", () => {
  it("has one fold for each choice of test groups", () => {
    const plan = combinatorialPurged({ nGroups: 6, nTestGroups: 2, purgeDays: 3 }).plan(120);
    expect(plan).toHaveLength(15);
    expect(plan[1].test).toEqual([
      { start: 0, end: 20 },
      { start: 40, end: 60 },
    ]);
  });

  it("combines its folds into paths that cover each group once", () => {
    const paths = combinatorialPaths(6, 2);
    expect(paths).toHaveLength(5);
    const plan = combinatorialPurged({ nGroups: 6, nTestGroups: 2, purgeDays: 3 }).plan(120);
    for (const path of paths) {
      path.forEach((fold, group) => {
        const covers = plan[fold].test.some(
          ({ start, end }) => start <= group * 20 && (group + 1) * 20 <= end,
        );
        expect(covers).toBe(true);
      });
    }
    expect(new Set(paths.map((path) => path[0])).size).toBe(5);
  });
});

describe("holdOutLast", () => {
  const rows = labelledRows({ sessions: 60, stocks: 2, horizon: 5, delay: 3 });
  const [{ train, test }] = walkForward({ nSplits: 1, testSize: 10, purgeDays: 5 }).split(rows);

  it("keeps the last sessions of the training window for validation, purged", () => {
    const held = holdOutLast(train, { validationSize: 10, purgeDays: 5 });
    const sessionsOf = (indices: Int32Array): number[] => [
      ...new Set(indices.values().map((row) => rows.sessions[row])),
    ];
    expect(sessionsOf(held.validation.indices)).toEqual([35, 36, 37, 38, 39, 40, 41, 42, 43, 44]);
    expect(sessionsOf(held.train.indices).at(-1)).toBe(29);
  });

  it("stops a hold-out without a purge", () => {
    expect(() => holdOutLast(train, { validationSize: 10, purgeDays: 0 })).toThrow(LeakageError);
  });

  it("refuses to leave nothing to train", () => {
    expect(() => holdOutLast(train, { validationSize: 41, purgeDays: 5 })).toThrow(ConfigError);
  });

  it("names what was fitted on rows that it is judged on", () => {
    const later = walkForward({ nSplits: 1, testSize: 5, purgeDays: 5 }).split(rows)[0];
    expect(() => requireUnseen("scaler", later.train, test)).toThrow(
      /^fit gate: scaler was fitted on what it is judged on: fold 0: a training row/u,
    );
    expect(() => requireUnseen("scaler", train, test)).not.toThrow();
  });
});

describe("train and test rows", () => {
  it("are made nowhere but in the splits folder", () => {
    const root = join(import.meta.dirname, "../../../src");
    const offenders = readdirSync(root, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.startsWith(join("dataset", "splits")))
      .filter((name) => /splits\/(?!index\.ts)/u.test(readFileSync(join(root, name), "utf8")));
    expect(offenders).toEqual([]);
  });
});

describe("foldPicture", () => {
  it("draws one titled bar for each range, within the width", () => {
    const plan = purgedKFold({ nSplits: 3, purgeDays: 5, embargoDays: 2 }).plan(60);
    const svg = foldPicture(plan, labelledRows({ sessions: 60 }).dates);
    const ranges = plan.flatMap(({ train, test, purged, embargoed }) =>
      [train, test, purged, embargoed].flat(),
    );
    expect(svg.match(/<title>/gu)).toHaveLength(ranges.length);
    expect(svg).toContain("fold 2: test, 20 sessions");
    for (const [, x, size] of svg.matchAll(/<rect[^>]* x="([\d.]+)"[^>]* width="([\d.]+)"/gu)) {
      expect(Number(x) + Number(size)).toBeLessThanOrEqual(720);
    }
  });
});
