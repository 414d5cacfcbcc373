// Daily bars into the panel, on a basis that only looks backwards: a later split leaves every earlier cell as it was.

import type { DuckDBConnection } from "@duckdb/node-api";
import type { Panel } from "../panel/panel.ts";
import { loadPanel } from "./load-cache/kept-panel.ts";
import type { LoadSource } from "./load-source.ts";
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
  source: LoadSource,
  panel: Panel,
  inputs: ReadonlySet<string>,
): Promise<void> {
  const wanted = barFields.filter(({ input }) => inputs.has(input) || alwaysLoaded.has(input));
  const fields = wanted.map((field) => ({ ...field, values: emptyColumn(panel, field.input) }));
  const basis = emptyColumn(panel, "basis");
  const bars = { fields, basis };
  const columns = [
    ...fields.map(({ input, values }) => ({ name: input, values, blank: Number.NaN })),
    { name: "basis", values: basis, blank: 1 },
  ];
  await loadPanel(
    source,
    panel,
    { name: "bars", table: "equities_bars_daily", columns },
    {
      read: (connection) => readBars(connection, panel, bars),
      finish: (from, to) => adjust(panel, bars, from, to),
    },
  );
}

interface Bars {
  readonly fields: readonly (BarField & { readonly values: Float64Array })[];
  readonly basis: Float64Array;
}

async function readBars(
  connection: DuckDBConnection,
  panel: Panel,
  { fields, basis }: Bars,
): Promise<void> {
  const select = [...fields.map(({ field }) => field), "AdjFactor"].map((field) =>
    numberColumn(`b."${field}"`),
  );
  const columns = fields.map((field) => field.values);
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
}

/** Makes the factors of sessions `from` to `to` − 1 a product from the first session on, and applies it to their cells. */
function adjust(panel: Panel, { fields, basis }: Bars, from: number, to: number): void {
  for (let code = 0; code < panel.codes.length; code += 1) {
    const start = code * panel.dates.length;
    const [first, end] = [start + from, start + to];
    for (let cell = Math.max(first, start + 1); cell < end; cell += 1) {
      basis[cell] *= basis[cell - 1];
    }
    for (const { adjust: by, values } of fields) {
      if (by === "price") for (let i = first; i < end; i += 1) values[i] /= basis[i];
      if (by === "volume") for (let i = first; i < end; i += 1) values[i] *= basis[i];
    }
  }
}

/** A column whose cells are still to be filled, with blanks too. */
function emptyColumn(panel: Panel, name: string): Float64Array {
  const column = new Float64Array(new SharedArrayBuffer(panel.size * 8));
  panel.setColumn(name, column);
  return column;
}
