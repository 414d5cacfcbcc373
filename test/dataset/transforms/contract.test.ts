// One suite for every transform.

import { describe, expect, it } from "vitest";
import { requireUnseen, type TrainRows } from "../../../src/dataset/splits/index.ts";
import {
  chain,
  impute,
  loadTransform,
  normalise,
  parseState,
  robustScale,
  rowTable,
  signedLog,
  trailingZ,
  type Transformer,
  winsor,
} from "../../../src/dataset/transforms/index.ts";
import { LeakageError, SchemaError, ShapeError } from "../../../src/errors.ts";
import { columnNames, splitTable } from "./table.ts";

const transformers: readonly [string, Transformer][] = [
  ["winsor", winsor()],
  ["robustScale", robustScale()],
  ["signedLog", signedLog()],
  ["impute", impute()],
  ["trailingZ", trailingZ({ window: 10, minPeriods: 5 })],
  ["chain", chain(winsor(), robustScale(), impute())],
  [
    "normalise",
    normalise([
      { name: "steady", normalisation: "cross_sectional" },
      { name: "gappy", normalisation: "time_series" },
      { name: "fat", normalisation: "log" },
      { name: "late", normalisation: "raw" },
    ]),
  ],
  [
    "normalise by rank",
    normalise([{ name: "steady", normalisation: "cross_sectional" }], { crossSection: "rank" }),
  ],
];

describe.each(transformers)("%s", (_, transformer) => {
  const { table, split, raw } = splitTable();
  const fitted = transformer.fit(split.train, table);

  it("gives the same state when it is fitted twice", () => {
    expect(transformer.fit(split.train, table).states).toEqual(fitted.states);
  });

  it("leaves its input untouched", () => {
    const before = new Map([...raw].map(([name, values]) => [name, values.slice()]));
    const result = fitted.transform(table);
    for (const name of result.columnNames) result.column(name);
    expect(raw).toEqual(before);
  });

  it("names its columns, each as long as the table", () => {
    const result = fitted.transform(table);
    expect(result.columnNames).toEqual(fitted.columnNames);
    expect(result.columnNames.slice(0, columnNames.length)).toEqual(columnNames);
    for (const name of result.columnNames) {
      expect(result.column(name)).toHaveLength(table.index.sessions.length);
    }
    expect(() => result.column("unknown")).toThrow(SchemaError);
  });

  it("transforms alike after its state went through JSON", () => {
    const saved: unknown = JSON.parse(JSON.stringify(fitted.states));
    const states = Array.isArray(saved) ? saved.map(parseState) : [];
    const loaded = loadTransform(states, table.columnNames);
    expect(loaded.columnNames).toEqual(fitted.columnNames);
    for (const name of fitted.columnNames) {
      expect(loaded.transform(table).column(name)).toEqual(fitted.transform(table).column(name));
    }
  });

  it("learns from training rows alone: later values may be anything", () => {
    const after = Math.max(...split.train.indices) + 1;
    const disturbed = new Map(
      [...raw].map(([name, values]) => [
        name,
        values.map((value, row) => (row < after ? value : value * 7 + 1e5)),
      ]),
    );
    const other = transformer.fit(split.train, rowTable(table.index, disturbed));
    expect(other.states).toEqual(fitted.states);
  });

  it("gives bit-identical pasts when the future changes", () => {
    const from = split.test.indices[30];
    const disturbed = new Map(
      [...raw].map(([name, values]) => [
        name,
        values.map((value, row) => (row < from ? value : -value + 9)),
      ]),
    );
    const future = table.index.sessions[from];
    const firstRow = table.index.sessions.indexOf(future);
    const changed = fitted.transform(rowTable(table.index, disturbed));
    for (const name of fitted.columnNames) {
      expect(changed.column(name).subarray(0, firstRow)).toEqual(
        fitted.transform(table).column(name).subarray(0, firstRow),
      );
    }
  });

  it("remembers what it was fitted on, so that judging it on those rows is stopped", () => {
    expect(() => requireUnseen(transformer.name, fitted.fittedOn, split.test)).not.toThrow();
    const everything = Int32Array.from(table.index.sessions.keys());
    const hole: TrainRows = Object.create(split.train, { indices: { value: everything } });
    const leaking = transformer.fit(hole, table);
    const judge = (): void => requireUnseen(transformer.name, leaking.fittedOn, split.test);
    expect(judge).toThrow(LeakageError);
    expect(judge).toThrow(transformer.name);
  });

  it("refuses a table that is not the one the rows were split from", () => {
    const index = {
      ...table.index,
      sessions: table.index.sessions.slice(1),
      codes: table.index.codes.slice(1),
    };
    const short = rowTable(index, new Map([["steady", new Float32Array(index.sessions.length)]]));
    expect(() => transformer.fit(split.train, short)).toThrow(ShapeError);
  });
});
