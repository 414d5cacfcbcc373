// What a row is meant to predict: returns over the stock's own next sessions. Labels live in their own table and their own type.

import {
  createTile,
  fillTile,
  listRows,
  moveTile,
  tileCodes,
  type MarketData,
} from "../features/index.ts";
import { ConfigError } from "../errors.ts";
import { sharedColumn } from "../panel/panel.ts";

/** price: close to close. open: next open to the open h sessions later. excess: less TOPIX. total: dividends added. */
export type LabelKind = "price" | "open" | "excess" | "total";

export interface LabelSpec {
  readonly name: string;
  readonly kind: LabelKind;
  /** Sessions of the stock itself. */
  readonly horizon: number;
}

export interface LabelOptions {
  readonly horizons?: readonly number[];
  readonly kinds?: readonly LabelKind[];
}

/** Gross dividend a share by code position and session of the ex-date, in the yen of that session. */
export interface Dividends {
  readonly code: Int32Array;
  readonly session: Int32Array;
  readonly amount: Float64Array;
}

/** One label of every row; NaN where it is not known yet, or never will be. */
export interface LabelColumn {
  readonly spec: LabelSpec;
  readonly values: Float32Array;
}

/** Labels of all rows, and the last session whose prices each reads. */
export interface Labels {
  readonly columns: readonly LabelColumn[];
  /** By horizon: position of the last session whose prices a known label of that horizon reads, -1 where none is known. */
  readonly ends: ReadonlyMap<number, Float32Array>;
}

const suffixes: ReadonlyMap<LabelKind, string> = new Map([
  ["price", ""],
  ["open", "_open"],
  ["excess", "_excess"],
  ["total", "_total"],
]);

/** Names of the labels that `options` ask for: label_5d, label_5d_open, label_5d_excess, label_5d_total. */
export function labelSpecs({
  horizons = [1, 5, 10, 20],
  kinds = ["price", "open", "excess"],
}: LabelOptions = {}): readonly LabelSpec[] {
  for (const horizon of horizons) {
    if (!Number.isInteger(horizon) || horizon < 1) {
      throw new ConfigError(`labels: a horizon is a whole number of sessions, found ${horizon}`);
    }
  }
  return kinds.flatMap((kind) =>
    horizons.map((horizon) => ({
      name: `label_${horizon}d${suffixes.get(kind) ?? ""}`,
      kind,
      horizon,
    })),
  );
}

/**
 * label_hd = C(t + h) / C(t) − 1 on split-adjusted closes, h counted in the stock's own traded sessions. `_open` runs from the
 * next open to the open h sessions after it; `_excess` subtracts TOPIX over the same dates; `_total` adds the gross dividends
 * with ex-dates after t up to t + h. Throws ConfigError for total labels without dividends or excess ones without TOPIX.
 */
export function computeLabels(
  data: MarketData,
  specs: readonly LabelSpec[],
  { dividends }: { readonly dividends?: Dividends | undefined } = {},
): Labels {
  const { rows, panel } = data;
  const topix = data.series.get("topix_close");
  const kinds = new Set(specs.map(({ kind }) => kind));
  if (kinds.has("excess") && topix === undefined) {
    throw new ConfigError("labels: excess labels need /indices/bars/daily/topix in the lake");
  }
  if (kinds.has("total") && dividends === undefined) {
    throw new ConfigError("labels: total-return labels need /fins/dividend in the lake");
  }
  const paid = dividends === undefined ? undefined : accumulateDividends(data, dividends);
  const columns = specs.map((spec) => ({ spec, values: sharedColumn("f32", rows.count) }));
  const horizons = [...new Set(specs.map(({ horizon }) => horizon))];
  const ends = new Map(horizons.map((h) => [h, sharedColumn("f32", rows.count).fill(-1)]));
  const targets = [...columns.map(({ values }) => values), ...ends.values()];
  const tile = createTile(data, targets.length);
  const scratch = targets.map(() => new Float64Array(panel.dates.length));
  const own = new Int32Array(panel.dates.length);
  for (let first = 0; first < panel.codes.length; first += tileCodes) {
    const last = Math.min(first + tileCodes, panel.codes.length);
    listRows(data, tile, first, last);
    for (let code = first; code < last; code += 1) {
      const prices = pricesOf(data, code, paid, topix);
      const count = tradedSessions(prices.close, own);
      labelCode(specs, horizons, prices, own.subarray(0, count), scratch);
      scratch.forEach((values, k) =>
        fillTile(tile.columns[k], values, own, count, code - first, panel.dates.length),
      );
    }
    targets.forEach((target, k) => moveTile(tile, tile.columns[k], target));
  }
  return { columns, ends };
}

/** Fills one array a label, and then one a horizon with the last session that its known labels read. */
function labelCode(
  specs: readonly LabelSpec[],
  horizons: readonly number[],
  prices: CodePrices,
  own: Int32Array,
  out: readonly Float64Array[],
): void {
  horizons.forEach((_, k) => out[specs.length + k].fill(-1, 0, own.length));
  specs.forEach((spec, k) => {
    const reach = reachOf(spec);
    const end = out[specs.length + horizons.indexOf(spec.horizon)];
    const known = Math.max(0, own.length - reach);
    for (let i = 0; i < known; i += 1) {
      out[k][i] = labelAt(spec, prices, own, i);
      if (own[i + reach] > end[i]) end[i] = own[i + reach];
    }
    out[k].fill(Number.NaN, known, own.length);
  });
}

/** Own sessions after t whose prices a label reads: an open label starts a session later. */
function reachOf({ kind, horizon }: Pick<LabelSpec, "kind" | "horizon">): number {
  return kind === "open" ? horizon + 1 : horizon;
}

interface CodePrices {
  readonly close: Float64Array;
  readonly open: Float64Array;
  readonly paid: Float64Array | undefined;
  readonly topix: Float64Array | undefined;
}

function pricesOf(
  { panel }: MarketData,
  code: number,
  paid: Float64Array | undefined,
  topix: Float64Array | undefined,
): CodePrices {
  const sessions = panel.dates.length;
  const span = [code * sessions, (code + 1) * sessions] as const;
  return {
    close: panel.float64("close").subarray(...span),
    open: panel.float64("open").subarray(...span),
    paid: paid?.subarray(...span),
    topix,
  };
}

function tradedSessions(close: Float64Array, own: Int32Array): number {
  let count = 0;
  for (let d = 0; d < close.length; d += 1) {
    if (close[d] !== close[d]) continue;
    own[count] = d;
    count += 1;
  }
  return count;
}

function labelAt(
  { kind, horizon }: LabelSpec,
  { close, open, paid, topix }: CodePrices,
  own: Int32Array,
  i: number,
): number {
  const [from, to] = [own[i], own[i + reachOf({ kind, horizon })]];
  if (kind === "open") return open[to] / open[own[i + 1]] - 1;
  const change = close[to] / close[from] - 1;
  if (kind === "excess" && topix !== undefined) return change - (topix[to] / topix[from] - 1);
  if (kind === "total" && paid !== undefined) return change + (paid[to] - paid[from]) / close[from];
  return change;
}

/** Dividends paid up to each session on the panel's price basis, by cell. */
function accumulateDividends({ panel }: MarketData, dividends: Dividends): Float64Array {
  const sessions = panel.dates.length;
  const basis = panel.float64("basis");
  const paid = new Float64Array(panel.size);
  for (let k = 0; k < dividends.code.length; k += 1) {
    const cell = dividends.code[k] * sessions + dividends.session[k];
    paid[cell] += dividends.amount[k] / basis[cell];
  }
  for (let start = 0; start < paid.length; start += sessions) {
    for (let cell = start + 1; cell < start + sessions; cell += 1) paid[cell] += paid[cell - 1];
  }
  return paid;
}
