// Kernels over records that may be corrected: each record sees one entry a day, every day with its last known values.

import type { EventKernel, SeriesKernel } from "./feature.ts";

/**
 * A record kernel: after each record, `kernel` over the last `length` days known by then, its last value kept. A record of a day
 * that is already there replaces that day's values from then on; nothing before changes.
 */
export function asKnown(length: number, kernel: SeriesKernel): EventKernel {
  return (fields, out, { day }) => {
    if (isAscending(day)) {
      kernel(fields, out);
      return;
    }
    const days: number[] = [];
    const columns: number[][] = fields.map(() => []);
    for (let i = 0; i < out.length; i += 1) {
      const place = placeOf(days, day[i]);
      const replaced = days[place] === day[i] ? 1 : 0;
      days.splice(place, replaced, day[i]);
      columns.forEach((values, k) => values.splice(place, replaced, fields[k][i]));
      const tail = columns.map((values) => Float64Array.from(values.slice(-length)));
      const result = new Float64Array(tail[0].length);
      kernel(tail, result);
      out[i] = result[result.length - 1];
    }
  };
}

/** The days at hand, and what was found: the kernels of one source are handed the same ones. */
let last: { readonly days: Int32Array; readonly isAscending: boolean } | undefined;

function isAscending(days: Int32Array): boolean {
  if (last?.days !== days) last = { days, isAscending: findAscending(days) };
  return last.isAscending;
}

function findAscending(days: Int32Array): boolean {
  for (let i = 1; i < days.length; i += 1) if (days[i] <= days[i - 1]) return false;
  return true;
}

/** Position of `day` in ascending `days`, or the one where it belongs; looks from the end. */
function placeOf(days: readonly number[], day: number): number {
  let place = days.length;
  while (place > 0 && days[place - 1] >= day) place -= 1;
  return place;
}
