// A panel of what the market publishes, read from served rows alone: returns and simple features of them by session and code.

import type { Market } from "../../../src/simulator/market/index.ts";
import { endpointOf, usableSession } from "../../../src/jquants/index.ts";
import { allRows } from "./small-market.ts";

export interface PublicPanel {
  readonly dates: readonly string[];
  readonly codes: readonly string[];
  /** Session-major columns, NaN where unknown. */
  readonly columns: ReadonlyMap<string, Float64Array>;
  /** Close over the last close × AdjFactor − 1; NaN without a trade. */
  readonly returns: Float64Array;
}

type Row = Record<string, unknown>;

const numberOf = (value: unknown): number =>
  value === null || value === "" || value === undefined ? Number.NaN : Number(value);

/** Reads bars, valuation, statements, margin, flows and orders; every column at a date uses rows public at its close. */
export function publicPanel(market: Market): PublicPanel {
  const bars = allRows(market, "/equities/bars/daily");
  const dates = [...new Set(bars.map((row) => String(row["Date"])))];
  const codes = market.issues.filter((issue) => issue.kind === "stock").map((issue) => issue.code);
  const dateAt = new Map(dates.map((date, i) => [date, i]));
  const codeAt = new Map(codes.map((code, i) => [code, i]));
  const size = dates.length * codes.length;
  const blank = (): Float64Array => new Float64Array(size).fill(Number.NaN);
  const cellOf = (row: Row, dateField = "Date"): number => {
    const d = dateAt.get(String(row[dateField]));
    const c = codeAt.get(String(row["Code"]));
    return d === undefined || c === undefined ? -1 : d * codes.length + c;
  };
  const fill = (rows: readonly Row[], field: string): Float64Array => {
    const column = blank();
    for (const row of rows) {
      const cell = cellOf(row);
      if (cell >= 0) column[cell] = numberOf(row[field]);
    }
    return column;
  };
  const close = fill(bars, "C");
  const open = fill(bars, "O");
  const factor = fill(bars, "AdjFactor");
  const returns = blank();
  for (let c = 0; c < codes.length; c += 1) {
    let last = Number.NaN;
    for (let d = 0; d < dates.length; d += 1) {
      const cell = d * codes.length + c;
      if (!Number.isNaN(factor[cell])) last *= factor[cell];
      if (Number.isNaN(close[cell])) continue;
      returns[cell] = close[cell] / last - 1;
      last = close[cell];
    }
  }
  const width = codes.length;
  const columns = new Map<string, Float64Array>();
  const lagged = (lag: number): Float64Array =>
    Float64Array.from(returns, (_, cell) =>
      cell >= lag * width ? returns[cell - lag * width] : Number.NaN,
    );
  const trailing = (source: Float64Array, decay: number): Float64Array => {
    const out = blank();
    for (let cell = 0; cell < size; cell += 1) {
      const before = cell >= width ? out[cell - width] : 0;
      const now = source[cell];
      if (!Number.isNaN(factor[cell]))
        out[cell] = decay * (Number.isNaN(before) ? 0 : before) + (Number.isNaN(now) ? 0 : now);
    }
    return out;
  };
  for (const lag of [0, 1, 2]) columns.set(`return lag ${lag}`, lagged(lag));
  columns.set("return, 2 sessions", trailing(returns, 0.6));
  columns.set("return, 33 sessions", trailing(returns, 0.97));
  const volume = fill(bars, "Va").map((value) => Math.log(value + 1));
  columns.set("log turnover", volume);
  columns.set(
    "open to close",
    Float64Array.from(close, (value, cell) => value / open[cell] - 1),
  );
  columns.set("log market value", fill(bars, "MktCap").map(Math.log));
  columns.set("log price", close.map(Math.log));
  const valuation = allRows(market, "/equities/valuation");
  columns.set(
    "book yield",
    fill(valuation, "PBR").map((value) => 1 / value),
  );
  columns.set(
    "forward yield",
    fill(valuation, "FwdPER").map((value) => 1 / value),
  );
  columns.set("roe", fill(valuation, "ROE"));
  const orders = allRows(market, "/markets/breakdown");
  const short = fill(orders, "ShrtNoMrgnVa");
  columns.set(
    "short share",
    Float64Array.from(short, (value, cell) => value / Math.exp(volume[cell])),
  );
  columns.set("forecast revision, 14 sessions", trailing(revisions(market, cellOf, blank), 0.93));
  columns.set(
    "dividend yield",
    fill(valuation, "EPS").map((value, cell) => value / close[cell]),
  );
  return { dates, codes, columns, returns };
}

/** Change of the company's operating profit forecast against the one before, on the session from which it counts. */
function revisions(
  market: Market,
  cellOf: (row: Row) => number,
  blank: () => Float64Array,
): Float64Array {
  const out = blank();
  const last = new Map<string, number>();
  const endpoint = endpointOf("/fins/summary");
  for (const row of allRows(market, endpoint.path)) {
    const forecast = [row["FOP"], row["FNCOP"], row["NxFOP"], row["NxFNCOP"]]
      .map(numberOf)
      .find((value) => !Number.isNaN(value));
    if (forecast === undefined) continue;
    const code = String(row["Code"]);
    const before = last.get(code);
    last.set(code, forecast);
    const date = market.sessions.from(usableSession(endpoint, row, market.sessions.calendar));
    if (before === undefined || date >= market.sessions.count) continue;
    const cell = cellOf({ Date: market.sessions.iso(date), Code: code });
    if (cell >= 0) out[cell] = Math.max(-1, Math.min(1, (forecast - before) / Math.abs(before)));
  }
  return out;
}
