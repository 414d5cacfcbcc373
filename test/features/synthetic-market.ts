// A small market in memory for tests of the engine: seeded walks with splits, no-trade days, late listings and delistings.

import { Panel } from "../../src/panel/panel.ts";
import { createRng, type Rng } from "../../src/rng.ts";
import { buildRows, type EventTable, type MarketData } from "../../src/features/market-data.ts";
import { familiesRegistry } from "../../src/features/families/registry.ts";
import type { Grouping } from "../../src/features/feature.ts";

export interface SyntheticOptions {
  readonly codes?: number;
  readonly sessions?: number;
  readonly seed?: number;
  readonly events?: ReadonlyMap<string, EventTable>;
}

/** Dates are consecutive epoch days from 2020-01-06; nothing depends on weekends here. */
export function syntheticMarket({
  codes = 8,
  sessions = 300,
  seed = 11,
  events = new Map(),
}: SyntheticOptions = {}): MarketData {
  const rng = createRng(seed);
  const dates = Int32Array.from({ length: sessions }, (_, i) => 18_267 + i);
  const panel = new Panel(
    dates,
    Array.from({ length: codes }, (_, i) => `${1300 + i}0`),
  );
  const names = ["open", "high", "low", "close", "volume", "turnover", "basis"];
  names.push("am_open", "am_high", "am_low", "am_close", "am_volume", "am_turnover");
  const columns = new Map(names.map((name) => [name, panel.addColumn(name, "f64")]));
  const put = (name: string, cell: number, value: number): void => {
    columns.get(name)!.set([value], cell);
  };
  for (let c = 0; c < codes; c += 1) walk(c, sessions, rng, put);
  const close = panel.float64("close");
  const groups = new Map<Grouping, Uint8Array<SharedArrayBuffer>>(
    (["sector33", "sector17", "section"] as const).map((grouping, k) => {
      const numbers = new Uint8Array(new SharedArrayBuffer(panel.size));
      for (let cell = 0; cell < panel.size; cell += 1) {
        numbers[cell] = Math.floor(cell / sessions) % (k + 2);
      }
      return [grouping, numbers];
    }),
  );
  for (const [grouping, numbers] of groups) {
    panel.addColumn(`${grouping}_id`, "f64").set(numbers);
  }
  panel.addColumn("margin_class", "f64").fill(2);
  return {
    panel,
    rows: buildRows(panel, (cell) => close[cell] === close[cell]),
    groups,
    series: syntheticSeries(sessions, dates, seed),
    sectorSeries: syntheticSectorSeries(sessions, seed),
    events,
  };
}

/** Nothing trades in this session, as on 2020-10-01. */
export const haltedSession = 200;

function walk(
  c: number,
  sessions: number,
  rng: Rng,
  put: (name: string, cell: number, value: number) => void,
): void {
  let close = 800 + 100 * c;
  let basis = 1;
  const listedFrom = c % 4 === 3 ? Math.floor(sessions / 3) : 0;
  const listedTo = c % 5 === 4 ? sessions - 40 : sessions;
  for (let d = 0; d < sessions; d += 1) {
    const cell = c * sessions + d;
    if (c % 3 === 1 && d === Math.floor(sessions / 2)) basis *= 0.5;
    put("basis", cell, basis);
    const idle = rng.uniform() < (c % 2 === 1 ? 0.03 : 0);
    if (d < listedFrom || d >= listedTo || idle || d === haltedSession) continue;
    const open = close * Math.exp(0.008 * rng.normal());
    const next = open * Math.exp(0.015 * rng.normal());
    const volume = Math.round(1e5 * Math.exp(0.5 * rng.normal()));
    const noon = (open + next) / 2;
    close = next;
    put("open", cell, open);
    put("high", cell, Math.max(open, next) * (1 + 0.004 * rng.uniform()));
    put("low", cell, Math.min(open, next) * (1 - 0.004 * rng.uniform()));
    put("close", cell, next);
    put("volume", cell, volume);
    put("turnover", cell, volume * noon);
    put("am_open", cell, open);
    put("am_high", cell, Math.max(open, noon));
    put("am_low", cell, Math.min(open, noon));
    put("am_close", cell, noon);
    put("am_volume", cell, Math.round(volume / 2));
    put("am_turnover", cell, (volume * noon) / 2);
  }
}

const fields = ["open", "high", "low", "close"] as const;

type Series = Float64Array<SharedArrayBuffer>;

function syntheticSeries(
  sessions: number,
  dates: Int32Array,
  seed: number,
): ReadonlyMap<string, Series> {
  const rng = createRng(seed + 1);
  const series = new Map<string, Series>();
  for (const name of ["session_day", "half_day", "sessions_left_in_month"]) {
    series.set(name, shared(sessions));
  }
  for (let d = 0; d < sessions; d += 1) {
    series.get("session_day")![d] = dates[d];
    series.get("sessions_left_in_month")![d] = 20 - (d % 21);
  }
  for (const [field, values] of indexWalk(sessions, rng)) series.set(`topix_${field}`, values);
  for (const name of marketInputNames()) {
    const [, code, field] = name.split("_");
    if (series.has(name)) continue;
    const walked = indexWalk(sessions, rng.split(code));
    series.set(name, walked.get(field === "open" ? "open" : "close")!);
  }
  return series;
}

/** Sector indices of the first three of the 33 sectors; the others have none. */
function syntheticSectorSeries(sessions: number, seed: number): ReadonlyMap<string, Series> {
  const all = new Map(fields.map((field) => [`sector_index_${field}`, shared(34 * sessions)]));
  for (const series of all.values()) series.fill(Number.NaN);
  for (let sector = 0; sector < 3; sector += 1) {
    const walked = indexWalk(sessions, createRng(seed + 100 + sector));
    for (const field of fields) {
      all.get(`sector_index_${field}`)!.set(walked.get(field)!, sector * sessions);
    }
  }
  return all;
}

function indexWalk(sessions: number, rng: Rng): ReadonlyMap<string, Series> {
  const walked = new Map(fields.map((field) => [field, shared(sessions)]));
  let close = 1700;
  for (let d = 0; d < sessions; d += 1) {
    const open = close * Math.exp(0.004 * rng.normal());
    close = open * Math.exp(0.008 * rng.normal());
    walked.get("open")![d] = open;
    walked.get("high")![d] = Math.max(open, close) * (1 + 0.002 * rng.uniform());
    walked.get("low")![d] = Math.min(open, close) * (1 - 0.002 * rng.uniform());
    walked.get("close")![d] = close;
  }
  return walked;
}

/** Every index input that a registered feature reads. */
function marketInputNames(): readonly string[] {
  const inputs = familiesRegistry().features.flatMap((feature) => feature.inputs);
  return [...new Set(inputs)].filter((name) => name.startsWith("index_")).toSorted();
}

function shared(length: number): Series {
  return new Float64Array(new SharedArrayBuffer(length * 8));
}
