// What an increment computes: of each column only the sessions that rows from a given session on can see. Recursive columns, and what
// they read, are computed from the first session on.

import type { Feature } from "./feature.ts";
import type { MarketData } from "./market-data.ts";
import { lowerBound } from "../panel/panel.ts";
import { isPerStock } from "./plan.ts";
import type { Registry } from "./registry.ts";
import { tradedSessions } from "./traded-sessions.ts";

/** A code's own sessions from `own` before its first one at or after `session`; `own` may be Infinity: all of them. */
export interface Need {
  readonly session: number;
  readonly own: number;
}

export interface Tail {
  /** Of a column that is stored: its first session that somebody reads. */
  readonly sessions: ReadonlyMap<string, number>;
  /** Of a column that is computed or loaded code by code: what somebody reads. */
  readonly needs: ReadonlyMap<string, readonly Need[]>;
}

/** Works out what rows of `selected` from session `first` on need. */
export function planTail(
  registry: Registry,
  selected: readonly string[],
  data: MarketData,
  first: number,
): Tail {
  const demand = new Demand(data);
  for (const name of selected) demand.store(registry, name, first);
  for (const feature of registry.closure(selected).toReversed()) {
    if (isPerStock(feature)) demandOfStock(registry, demand, feature);
    else demandOfWhole(registry, demand, feature);
  }
  return { sessions: demand.sessions, needs: demand.needs };
}

/**
 * Own sessions before the first needed one from which a kernel must be given values so that its bits are those of the whole
 * series: rolling kernels find their blocks within three windows.
 */
export function settling({ lookback, lag, isSelfContained }: Settling): number {
  if (lookback <= 1) return lag;
  return (isSelfContained ? lookback : 3 * lookback) + lag;
}

type Settling = Pick<Feature, "lookback" | "lag" | "isSelfContained">;

/** Position of a code's first own session that is needed; the length of `own`, which lists them, when none is. */
export function firstNeeded(needs: readonly Need[], own: Int32Array): number {
  let first = own.length;
  for (const need of needs) {
    const position = lowerBound(own, need.session);
    if (position < own.length) first = Math.min(first, Math.max(0, position - need.own));
  }
  return first;
}

class Demand {
  readonly sessions: Map<string, number> = new Map();
  readonly needs: Map<string, Need[]> = new Map();
  readonly #data: MarketData;
  #own: OwnSessions | undefined;

  constructor(data: MarketData) {
    this.#data = data;
  }

  /** Somebody reads the stored column from a session on. */
  store(registry: Registry, name: string, session: number): void {
    const from = Math.max(0, session);
    this.sessions.set(name, Math.min(from, this.sessions.get(name) ?? from));
    if (registry.has(name) && isPerStock(registry.get(name))) {
      this.read(name, { session: from, own: 0 });
    }
  }

  /** Somebody reads the column code by code. */
  read(name: string, need: Need): void {
    const others = this.needs.get(name) ?? [];
    if (others.some((other) => covers(other, need))) return;
    this.needs.set(name, [...others.filter((other) => !covers(need, other)), need]);
  }

  /** The earliest session among those that the needs mean, over all codes. */
  earliest(needs: readonly Need[]): number {
    if (needs.some(({ own }) => own === Infinity)) return 0;
    const deep = needs.filter(({ own }) => own > 0);
    const least = Math.min(...needs.map(({ session }) => session));
    if (deep.length === 0) return least;
    this.#own ??= ownSessions(this.#data);
    const { start, list } = this.#own;
    let earliest = least;
    for (let code = 0; code + 1 < start.length; code += 1) {
      const own = list.subarray(start[code], start[code + 1]);
      const position = firstNeeded(deep, own);
      if (position < own.length) earliest = Math.min(earliest, own[position]);
    }
    return earliest;
  }
}

function covers(a: Need, b: Need): boolean {
  return a.session <= b.session && a.own >= b.own;
}

function demandOfStock(registry: Registry, demand: Demand, feature: Feature): void {
  if (feature.kind !== "stock") return;
  const before = settling(feature);
  const needs = demand.needs.get(feature.name) ?? [];
  const given = needs.map(({ session, own }) => ({ session, own: own + before }));
  for (const input of feature.inputs) {
    for (const need of given) demand.read(input, need);
    const isByCode = registry.has(input)
      ? isPerStock(registry.get(input))
      : registry.inputDomain(input) === "stock";
    if (!isByCode) demand.store(registry, input, demand.earliest(given));
  }
}

function demandOfWhole(registry: Registry, demand: Demand, feature: Feature): void {
  if (feature.kind === "event") return;
  const session = demand.sessions.get(feature.name) ?? 0;
  const before = feature.kind === "panel" ? feature.lookback : settling(feature);
  for (const input of feature.inputs) demand.store(registry, input, session - before);
}

interface OwnSessions {
  /** Sessions of code c are from start[c] to start[c + 1]. */
  readonly start: Int32Array;
  readonly list: Int32Array;
}

function ownSessions({ panel }: MarketData): OwnSessions {
  const start = new Int32Array(panel.codes.length + 1);
  const list = new Int32Array(panel.size);
  for (let code = 0; code < panel.codes.length; code += 1) {
    const own = tradedSessions(panel, code, list.subarray(start[code]));
    start[code + 1] = start[code] + own.length;
  }
  return { start, list };
}
