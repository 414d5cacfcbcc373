// Partitions of predictions by what the dataset knows of each row: sector and size class of the day, and turnover.

import { openDataset, type Dataset } from "../dataset/index.ts";
import { scaleNames, sector33Codes } from "../features/groupings.ts";
import { industries } from "../jquants/index.ts";
import { dayOffsets, type Predictions } from "../runs/index.ts";
import type { RowGroups } from "./evaluate.ts";

const sizeLabels = ["small third", "middle third", "large third"] as const;

/** Partitions by a class that the dataset keeps of each row. */
const classes = [
  { name: "sector33", column: "sector33_id", labels: sector33Codes.map(withName) },
  { name: "size class", column: "scale_id", labels: scaleNames },
] as const;

/**
 * Groups of the rows of `predictions` as of their own session: sector33 and the exchange's size class where the dataset has
 * them, and thirds of the session's stocks by turnover (price × volume). Rows that the dataset does not have are in no group.
 */
export function groupsOfDataset(
  home: string,
  datasetId: string,
  predictions: Predictions,
): RowGroups[] {
  const dataset = openDataset(home, datasetId);
  const rowOf = datasetRows(dataset, predictions);
  const known = classes.filter(({ column }) => dataset.manifest.market.includes(column));
  const groups = known.map(({ name, column, labels }): RowGroups => {
    const ids = dataset.market([column]).column(column);
    return { name, labels, ofRow: rowOf.map((row) => (row >= 0 && ids[row] >= 0 ? ids[row] : -1)) };
  });
  return [...groups, sizeGroups(dataset, predictions, rowOf)];
}

/** "3650 電気機器". */
function withName(code: string): string {
  const industry = industries.find(({ s33 }) => s33 === code);
  return industry === undefined ? code : `${code} ${industry.name}`;
}

/** Row of the dataset for each row of `predictions`, -1 where there is none. */
export function datasetRows({ rows }: Dataset, predictions: Predictions): Int32Array {
  const sessionOf = new Map(Array.from(rows.dates, (day, session) => [day, session]));
  const codeOf = new Map(rows.codes.map((code, index) => [code, index]));
  const codes = predictions.codeNames.map((code) => codeOf.get(code) ?? -1);
  const found = new Int32Array(predictions.dates.length).fill(-1);
  const rowOfCode = new Int32Array(rows.codes.length);
  const offsets = dayOffsets(predictions.dates);
  for (let day = 0; day + 1 < offsets.length; day += 1) {
    const session = sessionOf.get(predictions.dates[offsets[day]]);
    if (session === undefined) continue;
    rowOfCode.fill(-1);
    for (let row = rows.dayStart[session]; row < rows.dayStart[session + 1]; row += 1) {
      rowOfCode[rows.codeOfRow[row]] = row;
    }
    for (let i = offsets[day]; i < offsets[day + 1]; i += 1) {
      const code = codes[predictions.codes[i]];
      if (code >= 0) found[i] = rowOfCode[code];
    }
  }
  return found;
}

function sizeGroups(dataset: Dataset, predictions: Predictions, rowOf: Int32Array): RowGroups {
  const turnover = dataset.market(["turnover"]).column("turnover");
  const ofRow = new Int32Array(rowOf.length).fill(-1);
  const offsets = dayOffsets(predictions.dates);
  for (let day = 0; day + 1 < offsets.length; day += 1) {
    const known: number[] = [];
    for (let i = offsets[day]; i < offsets[day + 1]; i += 1) {
      if (rowOf[i] >= 0 && turnover[rowOf[i]] >= 0) known.push(i);
    }
    known.sort((a, b) => turnover[rowOf[a]] - turnover[rowOf[b]] || a - b);
    known.forEach((i, place) => (ofRow[i] = Math.floor((place * 3) / known.length)));
  }
  return { name: "turnover", ofRow, labels: sizeLabels };
}
