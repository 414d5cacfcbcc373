// Links among stocks that hold for a calendar quarter: found on its first session from what was known by then.

import { civilOfDay } from "../calendar/index.ts";
import type { Links, PanelLinks } from "./feature.ts";

/** For each session the last first session of a quarter that has a full window behind it; -1 before there is one. */
export function quarterStarts(dates: Int32Array, window: number): Int32Array {
  const starts = new Int32Array(dates.length).fill(-1);
  for (let d = 1; d < dates.length; d += 1) {
    const isStart = quarterOf(dates[d]) !== quarterOf(dates[d - 1]) && d >= window - 1;
    starts[d] = isStart ? d : starts[d - 1];
  }
  return starts;
}

/** The links among `codes` on a session; undefined where there are none yet. */
export type LinksAmong = (session: number, codes: Int32Array) => Links | undefined;

/** Finds links as sessions ask for them, one quarter after the other. */
export function linksReader(
  { window, find }: PanelLinks,
  { dates, codes }: { readonly dates: Int32Array; readonly codes: readonly string[] },
  read: (code: number, session: number) => number,
): LinksAmong {
  const starts = quarterStarts(dates, window);
  const placeOfCode = new Int32Array(codes.length).fill(-1);
  let known = -1;
  let links: Links | undefined;
  return (session, members) => {
    const start = starts[session];
    if (start < 0) return undefined;
    if (start !== known || links === undefined) {
      links = find(trailing(read, codes.length, start, window), codes.length);
      known = start;
    }
    members.forEach((code, place) => (placeOfCode[code] = place));
    const among = linksAmong(links, members, placeOfCode);
    members.forEach((code) => (placeOfCode[code] = -1));
    return among;
  };
}

function trailing(
  read: (code: number, session: number) => number,
  stocks: number,
  end: number,
  window: number,
): Float64Array {
  const values = new Float64Array(stocks * window);
  for (let code = 0; code < stocks; code += 1) {
    for (let t = 0; t < window; t += 1) {
      values[code * window + t] = read(code, end - window + 1 + t);
    }
  }
  return values;
}

function linksAmong(links: Links, codes: Int32Array, placeOfCode: Int32Array): Links {
  const offsets = new Int32Array(codes.length + 1);
  const neighbours: number[] = [];
  const weights: number[] = [];
  for (let m = 0; m < codes.length; m += 1) {
    for (let edge = links.offsets[codes[m]]; edge < links.offsets[codes[m] + 1]; edge += 1) {
      const place = placeOfCode[links.neighbours[edge]];
      if (place < 0) continue;
      neighbours.push(place);
      weights.push(links.weights[edge]);
    }
    offsets[m + 1] = neighbours.length;
  }
  return { offsets, neighbours: Int32Array.from(neighbours), weights: Float64Array.from(weights) };
}

function quarterOf(day: number): number {
  const { year, month } = civilOfDay(day);
  return year * 4 + Math.floor((month - 1) / 3);
}
