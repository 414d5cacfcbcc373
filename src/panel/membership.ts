// Point-in-time membership: which codes were listed, and which traded, on each date of a panel.

import { SchemaError } from "../errors.ts";
import type { Panel } from "./panel.ts";

/** Name of the `u8` column that holds `listed` and `traded` bits. */
export const membershipColumn = "membership";

/** Bits of the membership column. */
export const membership = { listed: 1, traded: 2 } as const;

/** A code was listed from `from` to `to` (epoch days, both included). */
export interface Listing {
  readonly code: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Writes the membership column: a cell is listed within a listing of its code, and traded when it is listed and `price` is a
 * number there. Listings of codes that the panel does not have are left out. A code with no listing is a member of no day:
 * membership is never inferred from later data. Throws SchemaError when there is no float column `price`.
 */
export function setMembership(
  panel: Panel,
  listings: Iterable<Listing>,
  { price }: { readonly price: string },
): Uint8Array {
  const prices = panel.column(price);
  if (!(prices instanceof Float64Array || prices instanceof Float32Array)) {
    throw new SchemaError(
      `setMembership: expected ${price} to hold floats, found ${prices.constructor.name}`,
    );
  }
  const flags = panel.addColumn(membershipColumn, "u8");
  for (const { code, from, to } of listings) {
    const codeIndex = panel.codeIndex(code);
    if (codeIndex < 0) continue;
    const { start, end } = panel.dateRange(from, to);
    const first = codeIndex * panel.dates.length;
    for (let cell = first + start; cell < first + end; cell += 1) {
      flags[cell] = membership.listed | (Number.isNaN(prices[cell]) ? 0 : membership.traded);
    }
  }
  return flags;
}

/** Positions of the codes that have all bits of `flags` on a date, ascending. */
export function membersOn(panel: Panel, dateIndex: number, flags: number): Int32Array {
  const day = panel.day(membershipColumn, dateIndex);
  const members: number[] = [];
  for (let code = 0; code < day.length; code += 1) {
    if ((day.at(code) & flags) === flags) members.push(code);
  }
  return Int32Array.from(members);
}
