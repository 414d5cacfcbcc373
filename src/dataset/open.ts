// Opens a dataset for training and evaluation: columns as typed arrays over all rows, read by column without decoding rows.

import { join } from "node:path";
import { ArtifactError, ConfigError } from "../errors.ts";
import { Panel } from "../panel/panel.ts";
import { labelEnd, reachOf, type LabelKind } from "./labels.ts";
import { datasetFolder, readDatasetManifest, type DatasetManifest } from "./manifest.ts";
import { monthFileName } from "./month-store.ts";
import { MonthReader } from "./parquet/read.ts";
import type { LabelledRows } from "./splits/index.ts";

/** Which rows are there: one a (session, stock), by session, then code. */
export interface DatasetRows {
  readonly count: number;
  /** (sessions) epoch days. */
  readonly dates: Int32Array;
  readonly codes: readonly string[];
  /** Rows of session d are from dayStart[d] to dayStart[d + 1]. */
  readonly dayStart: Int32Array;
  /** (rows) position in `dates`. */
  readonly sessionOfRow: Int32Array;
  /** (rows) position in `codes`. */
  readonly codeOfRow: Int32Array;
}

/** Columns of features: float32, NaN where missing, one value a row of `rows`. Never a label. */
export class FeatureTable {
  readonly rows: DatasetRows;
  readonly names: readonly string[];
  readonly #columns: ReadonlyMap<string, Float32Array>;

  constructor(rows: DatasetRows, columns: ReadonlyMap<string, Float32Array>) {
    this.rows = rows;
    this.names = [...columns.keys()];
    this.#columns = columns;
  }

  /** Throws ArtifactError when the column was not asked for. */
  column(name: string): Float32Array {
    return requireColumn(this.#columns, name);
  }
}

/** Columns of labels. A different class on purpose: what takes features does not take these. */
export class LabelTable {
  readonly rows: DatasetRows;
  readonly names: readonly string[];
  readonly #columns: ReadonlyMap<string, Float32Array>;

  constructor(rows: DatasetRows, columns: ReadonlyMap<string, Float32Array>) {
    this.rows = rows;
    this.names = [...columns.keys()];
    this.#columns = columns;
  }

  label(name: string): Float32Array {
    return requireColumn(this.#columns, name);
  }
}

export interface Dataset {
  readonly id: string;
  readonly folder: string;
  readonly manifest: DatasetManifest;
  readonly rows: DatasetRows;
  readonly featureNames: readonly string[];
  readonly labelNames: readonly string[];
  /** Feature columns, by default all. Throws ConfigError for an unknown name. */
  features(names?: readonly string[]): FeatureTable;
  /** Label columns, by default all. */
  labels(names?: readonly string[]): LabelTable;
  /** Prices and groups of the rows: `close`, `open`, `volume`, `turnover`, `basis`, `sector33_id`, ... */
  market(names?: readonly string[]): FeatureTable;
  /**
   * What a splitter cuts, for labels of a kind (default: those of closes) up to `horizon` (default: the longest). The horizon that
   * it names is the labels' true reach: a session more for labels from the next open.
   */
  labelledRows(horizon?: number, kind?: LabelKind): LabelledRows;
  /** Feature columns as a dates × codes panel of float32. */
  panel(names: readonly string[]): Panel;
}

/** Opens dataset `id` (or "latest") under `home`. Throws ConfigError when there is none, ArtifactError when a file is broken. */
export function openDataset(home: string, id = "latest"): Dataset {
  return openDatasetFolder(datasetFolder(home, id));
}

/** As `openDataset`, for a folder that holds a dataset wherever it lies; with `since` ("YYYY-MM") without the months before. */
export function openDatasetFolder(folder: string, since = ""): Dataset {
  const manifest = monthsSince(readDatasetManifest(folder), since);
  const rows = readRows(folder, manifest);
  const featureNames = manifest.features.map(({ name }) => name);
  const labelNames = manifest.labels.map(({ name }) => name);
  const read = (part: string, names: readonly string[]): ReadonlyMap<string, Float32Array> =>
    readColumns(join(folder, part), manifest, rows.count, names);
  const features = (names: readonly string[] = featureNames): FeatureTable => {
    requireNames("feature", names, featureNames);
    return new FeatureTable(rows, read(".", names));
  };
  return {
    id: manifest.id,
    folder,
    manifest,
    rows,
    featureNames,
    labelNames,
    features,
    labels: (names = labelNames) => {
      requireNames("label", names, labelNames);
      return new LabelTable(rows, read("labels", names));
    },
    market: (names = manifest.market) => {
      requireNames("market column", names, manifest.market);
      return new FeatureTable(rows, read("market", names));
    },
    labelledRows: (horizon = Math.max(...horizonsOf(manifest)), kind = "price") => {
      const within = horizonsOf(manifest).filter((h) => h <= horizon);
      const names = within.map((h) => labelEnd({ kind, horizon: h }));
      return labelledRowsOf(rows, reachOf({ kind, horizon }), read("labels", names));
    },
    panel: (names) => toPanel(features(names)),
  };
}

function monthsSince(manifest: DatasetManifest, since: string): DatasetManifest {
  const months = manifest.months.filter(({ month }) => month >= since);
  if (months.length === manifest.months.length) return manifest;
  return {
    ...manifest,
    months,
    rows: months.reduce((sum, { features }) => sum + features.rows, 0),
  };
}

function toPanel(table: FeatureTable): Panel {
  const { dates, codes, sessionOfRow, codeOfRow, count } = table.rows;
  const panel = new Panel(dates, codes);
  for (const name of table.names) {
    const values = table.column(name);
    const column = panel.addColumn(name, "f32");
    for (let row = 0; row < count; row += 1) {
      column[codeOfRow[row] * dates.length + sessionOfRow[row]] = values[row];
    }
  }
  return panel;
}

function horizonsOf(manifest: DatasetManifest): readonly number[] {
  return [...new Set(manifest.labels.map(({ horizon }) => horizon))];
}

function labelledRowsOf(
  rows: DatasetRows,
  horizon: number,
  ends: ReadonlyMap<string, Float32Array>,
): LabelledRows {
  const { dates, sessionOfRow, codeOfRow } = rows;
  const positions = new Map(Array.from(dates, (day, session) => [day, session]));
  const labelEnds = sessionOfRow.slice();
  for (const days of ends.values()) {
    for (let row = 0; row < days.length; row += 1) {
      if (days[row] !== days[row]) continue;
      labelEnds[row] = Math.max(labelEnds[row], positions.get(days[row]) ?? dates.length);
    }
  }
  return { dates, sessions: sessionOfRow, codes: codeOfRow, labelEnds, horizon };
}

function readRows(folder: string, manifest: DatasetManifest): DatasetRows {
  const months = manifest.months.map(({ month }) => {
    const reader = new MonthReader(join(folder, monthFileName(month)));
    const keys = { days: reader.readInts("date"), codes: reader.readTexts("code") };
    reader.close();
    return keys;
  });
  const codes = [...new Set(months.flatMap((month) => month.codes.texts))].toSorted();
  const place = new Map(codes.map((code, index) => [code, index]));
  const count = months.reduce((sum, { days }) => sum + days.length, 0);
  if (count !== manifest.rows) {
    throw new ArtifactError(
      `dataset: ${folder} holds ${count} rows, its manifest says ${manifest.rows}; build it again`,
    );
  }
  const dates: number[] = [];
  const dayStart: number[] = [];
  const sessionOfRow = new Int32Array(count);
  const codeOfRow = new Int32Array(count);
  let row = 0;
  for (const { days, codes: month } of months) {
    const places = month.texts.map((text) => place.get(text) ?? -1);
    for (let i = 0; i < days.length; i += 1, row += 1) {
      if (dates.at(-1) !== days[i]) {
        dates.push(days[i]);
        dayStart.push(row);
      }
      sessionOfRow[row] = dates.length - 1;
      codeOfRow[row] = places[month.positions[i]];
    }
  }
  dayStart.push(count);
  return {
    count,
    dates: Int32Array.from(dates),
    codes,
    dayStart: Int32Array.from(dayStart),
    sessionOfRow,
    codeOfRow,
  };
}

function readColumns(
  folder: string,
  manifest: DatasetManifest,
  count: number,
  names: readonly string[],
): ReadonlyMap<string, Float32Array> {
  const columns = new Map(
    names.map((name) => [name, new Float32Array(new SharedArrayBuffer(count * 4))]),
  );
  let offset = 0;
  for (const { month } of manifest.months) {
    const reader = new MonthReader(join(folder, monthFileName(month)));
    try {
      for (const [name, values] of columns) reader.readFloats(name, values, offset);
      offset += reader.rows;
    } finally {
      reader.close();
    }
  }
  return columns;
}

function requireNames(what: string, names: readonly string[], known: readonly string[]): void {
  const all = new Set(known);
  const missing = names.filter((name) => !all.has(name));
  if (missing.length === 0) return;
  throw new ConfigError(
    `dataset: no ${what} ${missing.join(", ")}; there are ${known.length}: ${known.join(", ")}`,
  );
}

function requireColumn(columns: ReadonlyMap<string, Float32Array>, name: string): Float32Array {
  const column = columns.get(name);
  if (column !== undefined) return column;
  throw new ArtifactError(
    `dataset: column ${name} was not read; the table has ${[...columns.keys()].join(", ")}`,
  );
}
