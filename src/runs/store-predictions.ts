// Predictions to and from Parquet: code, date, fold, then score_{h}d, label_{h}d and q{level}_{h}d columns.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { ArtifactError } from "../errors.ts";
import { Panel, readPanelParquet, writePanelParquet } from "../panel/index.ts";
import { publishWith } from "../publish.ts";
import { type HorizonPredictions, type Predictions, requirePredictions } from "./predictions.ts";

const fileName = "predictions.parquet";

/** Publishes `<folder>/predictions.parquet`. Throws ShapeError for malformed rows. */
export async function writePredictions(folder: string, predictions: Predictions): Promise<string> {
  requirePredictions(predictions);
  const panel = toPanel(predictions);
  const instance = await DuckDBInstance.create(":memory:");
  const path = join(folder, fileName);
  try {
    const connection = await instance.connect();
    await publishWith(path, async (temporary) => {
      await writePanelParquet(connection, panel, temporary, {
        where: "predicted",
        columns: panel.columnNames.filter((name) => name !== "predicted"),
      });
    });
    connection.closeSync();
  } finally {
    instance.closeSync();
  }
  return path;
}

/** Reads `<folder>/predictions.parquet`. Throws ArtifactError when it is not there. */
export async function readPredictions(folder: string): Promise<Predictions> {
  const path = join(folder, fileName);
  if (!existsSync(path)) {
    throw new ArtifactError(`${path}: not found; the run has not finished: run its command again`);
  }
  const instance = await DuckDBInstance.create(":memory:");
  try {
    const connection = await instance.connect();
    const panel = await readPanelParquet(connection, path);
    connection.closeSync();
    return fromPanel(panel);
  } finally {
    instance.closeSync();
  }
}

function toPanel(predictions: Predictions): Panel {
  const { dates, codes, codeNames, folds, horizons, quantileLevels } = predictions;
  const days = [...new Set(dates)];
  const sorted = codeNames
    .map((code, index) => ({ code, index }))
    .sort((a, b) => (a.code < b.code ? -1 : 1));
  const position = new Int32Array(codeNames.length);
  sorted.forEach(({ index }, at) => (position[index] = at));
  const panel = new Panel(
    days,
    sorted.map(({ code }) => code),
  );
  const dayIndex = new Map(days.map((day, index) => [day, index]));
  const cells = dates.map(
    (day, row) => position[codes[row]] * days.length + (dayIndex.get(day) ?? 0),
  );
  const put = (column: { [index: number]: number }, values: ArrayLike<number>): void => {
    for (let row = 0; row < cells.length; row += 1) column[cells[row]] = values[row];
  };
  panel.addColumn("predicted", "u8");
  for (const cell of cells) panel.column("predicted")[cell] = 1;
  put(panel.addColumn("fold", "i32"), folds);
  for (const { horizon, score, label, quantiles } of horizons) {
    put(panel.addColumn(`score_${horizon}d`, "f64"), score);
    put(panel.addColumn(`label_${horizon}d`, "f64"), label);
    quantiles.forEach((values, index) => {
      put(panel.addColumn(quantileName(quantileLevels[index], horizon), "f64"), values);
    });
  }
  return panel;
}

function fromPanel(panel: Panel): Predictions {
  const fold = panel.column("fold");
  const days = panel.dates.length;
  const cells: number[] = [];
  for (let day = 0; day < days; day += 1) {
    for (let code = 0; code < panel.codes.length; code += 1) {
      if (fold[code * days + day] >= 0) cells.push(code * days + day);
    }
  }
  const order = Int32Array.from(cells);
  const gather = (name: string): Float64Array => {
    const column = panel.column(name);
    return Float64Array.from(order, (cell) => column[cell]);
  };
  const { horizons, levels } = layoutOf(panel.columnNames);
  return {
    dates: order.map((cell) => panel.dates[cell % days]),
    codes: order.map((cell) => Math.floor(cell / days)),
    codeNames: panel.codes,
    folds: order.map((cell) => fold[cell]),
    horizons: horizons.map((horizon): HorizonPredictions => ({
      horizon,
      score: gather(`score_${horizon}d`),
      label: gather(`label_${horizon}d`),
      quantiles: levels
        .filter((level) => panel.hasColumn(quantileName(level, horizon)))
        .map((level) => gather(quantileName(level, horizon))),
    })),
    quantileLevels: levels,
  };
}

function layoutOf(names: readonly string[]): { horizons: number[]; levels: number[] } {
  const matches = (pattern: RegExp): number[] => {
    const found = names.flatMap((name) => Number(pattern.exec(name)?.[1] ?? Number.NaN));
    return [...new Set(found.filter((value) => !Number.isNaN(value)))].sort((a, b) => a - b);
  };
  const levels = matches(/^q(\d+)_\d+d$/u).map((percent) => percent / 100);
  return { horizons: matches(/^score_(\d+)d$/u), levels };
}

function quantileName(level: number, horizon: number): string {
  return `q${Math.round(level * 100)}_${horizon}d`;
}
