// Index levels that add up: each part of the day, an index moves as the market value of its constituents does.

import { marketReformDay } from "../../calendar/index.ts";
import type { Rng } from "../../rng.ts";
import type { CapitalHistory } from "./capital-history.ts";
import type { MarketContext, RowQuery } from "./context.ts";
import {
  indexDefinitions,
  indexPosition,
  jpxNikkei400,
  levelCount,
  membershipsOf,
  nikkei,
  nikkeiPosition,
} from "./index-members.ts";
import type { Issue } from "./issues.ts";
import { cellFlags, type PriceTable } from "./price-table.ts";
import type { Sessions } from "./sessions.ts";
import type { MarketRow } from "./types.ts";

/** Checkpoints a session: open, morning close, afternoon open, close. */
const pointCount = 4;

/** Levels of every index: session-major, then index, then checkpoint; 0 while an index has no constituent. */
export interface IndexTable {
  readonly levels: Float64Array;
  /** Highs and lows, session-major then index. */
  readonly highs: Float64Array;
  readonly lows: Float64Array;
}

export interface IndexInput {
  readonly rng: Rng;
  readonly issues: readonly Issue[];
  readonly sessions: Sessions;
  readonly prices: PriceTable;
  readonly capital: CapitalHistory;
}

/**
 * Chains each index: level(d, point) = close(d − 1) × Σ price(point) × shares(d) / Σ base price × shares(d) over the issues
 * listed on both sessions; the base price is the last close times the day's adjustment factor. An issue joins the day after
 * its listing and is held at its last price while it does not trade.
 */
export function createIndices(input: IndexInput): IndexTable {
  const { prices, sessions } = input;
  const width = levelCount;
  const levels = new Float64Array(sessions.count * width * pointCount);
  const highs = new Float64Array(sessions.count * width);
  const lows = new Float64Array(sessions.count * width);
  const weights = new Weights(input);
  const last = Float64Array.from([...indexDefinitions, nikkei, jpxNikkei400], ({ base }) => base);
  for (let d = 0; d < sessions.count; d += 1) {
    const { bases, values } = weights.sum(d);
    const rng = input.rng.split(d);
    for (let i = 0; i < width; i += 1) {
      const at = (d * width + i) * pointCount;
      for (let point = 0; point < pointCount; point += 1) {
        const ratio = bases[i] > 0 ? values[i * pointCount + point] / bases[i] : 1;
        levels[at + point] = bases[i] > 0 || d > 0 ? last[i] * ratio : last[i];
      }
      const reach = 0.3 * prices.marketDeviation[d] * (d === sessions.haltIndex ? 0 : 1);
      const points = levels.subarray(at, at + pointCount);
      highs[d * width + i] =
        Math.max(...points) * (1 + (bases[i] > 0 ? reach * Math.abs(rng.normal()) : 0));
      lows[d * width + i] =
        Math.min(...points) * (1 - (bases[i] > 0 ? reach * Math.abs(rng.normal()) : 0));
      last[i] = levels[at + pointCount - 1];
    }
  }
  return { levels, highs, lows };
}

class Weights {
  readonly #input: IndexInput;
  readonly #bases: Float64Array = new Float64Array(levelCount);
  readonly #values: Float64Array = new Float64Array(levelCount * pointCount);
  readonly #memberships: Map<number, readonly number[]> = new Map();
  readonly #shares: Float64Array;
  readonly #average: ReadonlySet<number>;
  readonly #reitPlaces: ReadonlyMap<number, number>;

  constructor(input: IndexInput) {
    this.#input = input;
    this.#shares = Float64Array.from(input.issues, (issue) => issue.shares);
    this.#average = averageMembers(input.issues);
    const reits = input.issues.filter((issue) => issue.kind === "reit");
    this.#reitPlaces = new Map(reits.map((issue, place) => [issue.index, place]));
  }

  sum(d: number): { readonly bases: Float64Array; readonly values: Float64Array } {
    const { capital, issues, prices } = this.#input;
    this.#bases.fill(0);
    this.#values.fill(0);
    for (let c = 0; c < issues.length; c += 1) {
      const issue = issues[c];
      if (d === issue.listed) this.#shares[c] = capital.shares(c, d);
      if (d < 1 || d <= issue.listed || d >= issue.delisted) continue;
      const event = capital.on(c, d);
      if (event !== undefined) this.#shares[c] = capital.shares(c, d);
      const cell = d * prices.issues + c;
      const base = prices.close[cell - prices.issues] * (event?.factor ?? 1);
      this.#add(this.#membershipsOf(issue, prices.scale[cell], d), cell, base, this.#shares[c]);
      if (this.#average.has(c)) this.#add([nikkeiPosition], cell, base, 1);
    }
    return { bases: this.#bases, values: this.#values };
  }

  #add(indices: readonly number[], cell: number, base: number, shares: number): void {
    const { prices } = this.#input;
    const traded = prices.has(cell, cellFlags.traded);
    const afternoon = prices.has(cell, cellFlags.afternoon);
    const morning = prices.has(cell, cellFlags.morning);
    const open = morning ? prices.morningOpen[cell] : base;
    const morningClose = morning ? prices.morningClose[cell] : base;
    const afternoonOpen = afternoon ? prices.afternoonOpen[cell] : morningClose;
    const close = traded ? prices.close[cell] : base;
    for (const i of indices) {
      this.#bases[i] += base * shares;
      this.#values[i * pointCount] += open * shares;
      this.#values[i * pointCount + 1] += morningClose * shares;
      this.#values[i * pointCount + 2] += afternoonOpen * shares;
      this.#values[i * pointCount + 3] += close * shares;
    }
  }

  /** Cached by issue, size class and whether the segments of 2022 hold. */
  #membershipsOf(issue: Issue, scale: number, d: number): readonly number[] {
    const day = this.#input.sessions.days[d];
    const reformed = day >= marketReformDay ? 1 : 0;
    const key = (issue.index * 8 + scale) * 2 + reformed;
    const known = this.#memberships.get(key);
    if (known !== undefined) return known;
    const reitPlace = this.#reitPlaces.get(issue.index) ?? 0;
    const found = membershipsOf({ issue, scale, day, reitPlace });
    this.#memberships.set(key, found);
    return found;
  }
}

/** The 225 largest issues of the first session. */
function averageMembers(issues: readonly Issue[]): ReadonlySet<number> {
  const value = (issue: Issue): number => issue.initialPrice * issue.shares;
  const members = issues
    .filter((issue) => issue.kind === "stock" && issue.listed === 0)
    .sort((a, b) => value(b) - value(a))
    .slice(0, 225);
  return new Set(members.map((issue) => issue.index));
}

/** Level of the index at position `i` at a checkpoint (0 open to 3 close) of session `d`. */
export function indexLevel({ levels }: IndexTable, d: number, i: number, point: number): number {
  return levels[(d * levelCount + i) * pointCount + point];
}

/** Rows of /indices/bars/daily. */
export function indexBars(market: MarketContext, query: RowQuery): MarketRow[] {
  const { sessions } = market;
  const wanted = query.code === undefined ? undefined : indexPosition(query.code);
  const rows: MarketRow[] = [];
  for (let d = query.first; d <= query.last; d += 1) {
    const day = sessions.days[d];
    indexDefinitions.forEach((definition, i) => {
      if ((wanted !== undefined && wanted !== i) || day < definition.from || day > definition.to)
        return;
      const { C, H, L, O } = barOf(market.indices, d, i);
      const hasBars = day >= definition.barsFrom;
      const bar = hasBars ? { O, H, L, C } : { O: null, H: null, L: null, C };
      rows.push({ Date: sessions.iso(d), Code: definition.code, ...bar });
    });
  }
  return rows;
}

/** Rows of /indices/bars/daily/topix. */
export function topixBars(market: MarketContext, query: RowQuery): MarketRow[] {
  const rows: MarketRow[] = [];
  for (let d = query.first; d <= query.last; d += 1) {
    rows.push({ Date: market.sessions.iso(d), ...barOf(market.indices, d, 0) });
  }
  return rows;
}

function barOf(
  table: IndexTable,
  d: number,
  i: number,
): { O: number; H: number; L: number; C: number } {
  const at = d * levelCount + i;
  return {
    O: cents(indexLevel(table, d, i, 0)),
    H: cents(table.highs[at]),
    L: cents(table.lows[at]),
    C: cents(indexLevel(table, d, i, 3)),
  };
}

function cents(level: number): number {
  return Math.round(level * 100) / 100;
}
