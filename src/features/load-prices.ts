// Daily bars into the panel, on a basis that only looks backwards: a later split leaves every earlier cell as it was.

import type { DuckDBConnection } from "@duckdb/node-api";
import type { Panel } from "../panel/panel.ts";
import { numberColumn, streamRows } from "./stream-rows.ts";

interface BarField {
  readonly input: string;
  readonly field: string;
  readonly adjust: "price" | "volume" | "none";
}

const barFields: readonly BarField[] = [
  { input: "open", field: "O", adjust: "price" },
  { input: "high", field: "H", adjust: "price" },
  { input: "low", field: "L", adjust: "price" },
  { input: "close", field: "C", adjust: "price" },
  { input: "volume", field: "Vo", adjust: "volume" },
  { input: "turnover", field: "Va", adjust: "none" },
  { input: "am_open", field: "MO", adjust: "price" },
  { input: "am_high", field: "MH", adjust: "price" },
  { input: "am_low", field: "ML", adjust: "price" },
  { input: "am_close", field: "MC", adjust: "price" },
  { input: "am_volume", field: "MVo", adjust: "volume" },
  { input: "am_turnover", field: "MVa", adjust: "none" },
];

/** Columns that every dataset needs whatever the features: labels and quality checks read them. */
const alwaysLoaded: ReadonlySet<string> = new Set([
  "open",
  "high",
  "low",
  "close",
  "volume",
  "turnover",
]);

/** Adds the bar columns in `inputs` and `basis` to the panel. Prices become price ÷ basis, volumes volume × basis. */
export async function loadPrices(
  connection: DuckDBConnection,
  panel: Panel,
  inputs: ReadonlySet<string>,
): Promise<void> {
  const fields = barFields.filter(({ input }) => inputs.has(input) || alwaysLoaded.has(input));
  const columns = fields.map(({ input }) => panel.addColumn(input, "f64"));
  const basis = panel.addColumn("basis", "f64").fill(1);
  const select = [...fields.map(({ field }) => field), "AdjFactor"].map((field) =>
    numberColumn(`b."${field}"`),
  );
  const sessions = panel.dates.length;
  await streamRows(
    connection,
    `SELECT c.position, s.position, ${select.join(", ")} FROM equities_bars_daily b JOIN feature_codes c ON b."Code" = c.code JOIN feature_sessions s ON b."Date" = s.day`,
    ([code, session, ...values], rowCount) => {
      const factor = values[values.length - 1];
      for (let i = 0; i < rowCount; i += 1) {
        const cell = code[i] * sessions + session[i];
        for (let f = 0; f < columns.length; f += 1) columns[f][cell] = values[f][i];
        if (factor[i] > 0) basis[cell] = factor[i];
      }
    },
  );
  accumulate(basis, sessions);
  fields.forEach(({ adjust }, index) => applyBasis(columns[index], basis, adjust));
}

function accumulate(basis: Float64Array, sessions: number): void {
  for (let start = 0; start < basis.length; start += sessions) {
    for (let cell = start + 1; cell < start + sessions; cell += 1) basis[cell] *= basis[cell - 1];
  }
}

function applyBasis(column: Float64Array, basis: Float64Array, adjust: BarField["adjust"]): void {
  if (adjust === "price") for (let i = 0; i < column.length; i += 1) column[i] /= basis[i];
  if (adjust === "volume") for (let i = 0; i < column.length; i += 1) column[i] *= basis[i];
}
