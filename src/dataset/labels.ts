// What a row is meant to predict: returns over the stock's own next sessions. Labels live in their own table and their own type.

import {
  createTile,
  fillTile,
  listRows,
  moveTile,
  tileCodes,
  tileCount,
  tradedSessions,
  type MarketData,
} from "../features/index.ts";
import { ConfigError } from "../errors.ts";
import { lowerBound } from "../panel/panel.ts";

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
  /** By name as in `labelEnd`: position of the last session whose prices a known label reads, -1 where none is known. */
  readonly ends: ReadonlyMap<string, Float32Array>;
}

/** What decides where a label ends: `price`, `excess` and `total` of a horizon end on the same close. */
type Reach = Pick<LabelSpec, "kind" | "horizon">;

/** Own sessions after t whose prices a label reads: an open label starts a session later. */
export function reachOf({ kind, horizon }: Reach): number {
  return kind === "open" ? horizon + 1 : horizon;
}

/** Column with the last session that a label reads: label_end_5d, label_end_5d_open. */
export function labelEnd({ kind, horizon }: Reach): string {
  return `label_end_${horizon}d${kind === "open" ? "_open" : ""}`;
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

/** Label columns to fill, and what besides the market they are made from; all of it may be handed to a worker. */
export interface LabelWork {
  readonly specs: readonly LabelSpec[];
  readonly values: readonly Float32Array<SharedArrayBuffer>[];
  /** One for each distinct end of `specs`, in the order of `endNames`. */
  readonly ends: readonly Float32Array<SharedArrayBuffer>[];
  /** Dividends paid up to each session on the panel's price basis, by cell. */
  readonly paid: Float64Array<SharedArrayBuffer> | undefined;
  /** First session whose labels are wanted. */
  readonly from: number;
}

/**
 * Room for labels, and the dividends that total ones add. Throws ConfigError for total labels without dividends or excess ones
 * without TOPIX.
 */
export function prepareLabels(
  data: MarketData,
  specs: readonly LabelSpec[],
  dividends: Dividends | undefined,
  from = 0,
): LabelWork {
  const kinds = new Set(specs.map(({ kind }) => kind));
  if (kinds.has("excess") && !data.series.has("topix_close")) {
    throw new ConfigError("labels: excess labels need /indices/bars/daily/topix in the lake");
  }
  if (kinds.has("total") && dividends === undefined) {
    throw new ConfigError("labels: total-return labels need /fins/dividend in the lake");
  }
  const room = (): Float32Array<SharedArrayBuffer> =>
    new Float32Array(new SharedArrayBuffer(data.rows.count * 4));
  return {
    specs,
    values: specs.map(room),
    ends: endNames(specs).map(room),
    paid: dividends === undefined ? undefined : accumulateDividends(data, dividends),
    from,
  };
}

export function labelsOf({ specs, values, ends }: LabelWork): Labels {
  return {
    columns: specs.map((spec, k) => ({ spec, values: values[k] })),
    ends: new Map(endNames(specs).map((name, k) => [name, ends[k]])),
  };
}

/**
 * label_hd = C(t + h) / C(t) − 1 on split-adjusted closes, h counted in the stock's own traded sessions. `_open` runs from the
 * next open to the open h sessions after it; `_excess` subtracts TOPIX over the same dates; `_total` adds the gross dividends
 * with ex-dates after t up to t + h. Throws as `prepareLabels`.
 */
export function computeLabels(
  data: MarketData,
  specs: readonly LabelSpec[],
  { dividends }: { readonly dividends?: Dividends | undefined } = {},
): Labels {
  const work = prepareLabels(data, specs, dividends);
  labelTiles(data, work, Array(tileCount(data)).keys());
  return labelsOf(work);
}

/** First session of which some label reads prices of session `boundary` or later. */
export function firstSessionReaching(
  { panel }: MarketData,
  specs: readonly LabelSpec[],
  boundary: number,
): number {
  const reach = Math.max(0, ...specs.map(reachOf));
  const room = new Int32Array(panel.dates.length);
  let first = boundary;
  for (let code = 0; code < panel.codes.length; code += 1) {
    const own = tradedSessions(panel, code, room);
    const position = lowerBound(own, boundary);
    if (position < own.length) first = Math.min(first, own[Math.max(0, position - reach)]);
  }
  return first;
}

/** Fills the labels of the codes of some tiles. */
export function labelTiles(data: MarketData, work: LabelWork, tiles: Iterable<number>): void {
  const { panel } = data;
  const { specs, paid, from } = work;
  const targets = [...work.values, ...work.ends];
  const tile = createTile(data, targets.length);
  const sessions = panel.dates.length;
  const scratch = targets.map(() => new Float64Array(sessions));
  const own = new Int32Array(sessions);
  const topix = data.series.get("topix_close");
  for (const index of tiles) {
    const first = index * tileCodes;
    const last = Math.min(first + tileCodes, panel.codes.length);
    listRows(data, tile, first, last, from);
    for (let code = first; code < last; code += 1) {
      const prices = pricesOf(data, code, paid, topix);
      const traded = tradedSessions(panel, code, own);
      const wanted = traded.subarray(lowerBound(traded, from));
      labelCode(specs, prices, wanted, scratch);
      const span = { from: 0, end: wanted.length };
      scratch.forEach((values, k) =>
        fillTile(tile.columns[k], values, wanted, span, code - first, sessions),
      );
    }
    targets.forEach((target, k) => moveTile(tile, tile.columns[k], target, from));
  }
}

function endNames(specs: readonly LabelSpec[]): readonly string[] {
  return [...new Set(specs.map(labelEnd))];
}

/** Fills one array a label, and then one for each distinct end. */
function labelCode(
  specs: readonly LabelSpec[],
  prices: CodePrices,
  own: Int32Array,
  out: readonly Float64Array[],
): void {
  const ends = endNames(specs);
  specs.forEach((spec, k) => {
    const reach = reachOf(spec);
    const end = out[specs.length + ends.indexOf(labelEnd(spec))];
    const known = Math.max(0, own.length - reach);
    labelSeries(spec, prices, own, out[k].subarray(0, known));
    out[k].fill(Number.NaN, known, own.length);
    for (let i = 0; i < known; i += 1) end[i] = own[i + reach];
    end.fill(-1, known, own.length);
  });
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

/** The labels of one code's own sessions that are known. */
function labelSeries(
  { kind, horizon }: LabelSpec,
  { close, open, paid, topix }: CodePrices,
  own: Int32Array,
  out: Float64Array,
): void {
  for (let i = 0; i < out.length; i += 1) {
    if (kind === "open") {
      out[i] = open[own[i + horizon + 1]] / open[own[i + 1]] - 1;
      continue;
    }
    const [from, to] = [own[i], own[i + horizon]];
    const change = close[to] / close[from] - 1;
    if (kind === "excess" && topix !== undefined) out[i] = change - (topix[to] / topix[from] - 1);
    else if (kind === "total" && paid !== undefined) {
      out[i] = change + (paid[to] - paid[from]) / close[from];
    } else out[i] = change;
  }
}

/** Dividends paid up to each session on the panel's price basis, by cell. */
function accumulateDividends(
  { panel }: MarketData,
  dividends: Dividends,
): Float64Array<SharedArrayBuffer> {
  const sessions = panel.dates.length;
  const basis = panel.float64("basis");
  const paid = new Float64Array(new SharedArrayBuffer(panel.size * 8));
  for (let k = 0; k < dividends.code.length; k += 1) {
    const cell = dividends.code[k] * sessions + dividends.session[k];
    paid[cell] += dividends.amount[k] / basis[cell];
  }
  for (let start = 0; start < paid.length; start += sessions) {
    for (let cell = start + 1; cell < start + sessions; cell += 1) paid[cell] += paid[cell - 1];
  }
  return paid;
}
