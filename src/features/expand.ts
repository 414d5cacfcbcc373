// Any column as one float32 a row of the dataset.

import type { Domain } from "./feature.ts";
import { noGroup } from "./groupings.ts";
import { requireEntry, type MarketData } from "./market-data.ts";

/**
 * One value a row: stock columns as they are; market series by session; group series by the row's group, NaN without one;
 * panel columns (domain "panel") by cell. Group numbers of 255 become NaN.
 */
export function expandToRows(
  data: MarketData,
  domain: Domain | "panel",
  values: Float32Array | Float64Array | Uint8Array,
): Float32Array {
  if (domain === "stock" && values instanceof Float32Array) return values;
  const { dayStart, codeOfRow, count } = data.rows;
  const sessions = data.panel.dates.length;
  const out = new Float32Array(count);
  const groups =
    domain === "market" || domain === "panel" || domain === "stock"
      ? undefined
      : requireEntry(data.groups, domain, "grouping");
  for (let day = 0; day < sessions; day += 1) {
    for (let row = dayStart[day]; row < dayStart[day + 1]; row += 1) {
      const cell = codeOfRow[row] * sessions + day;
      if (domain === "market") out[row] = values[day];
      else if (groups === undefined) out[row] = values[cell];
      else {
        out[row] = groups[cell] === noGroup ? Number.NaN : values[groups[cell] * sessions + day];
      }
    }
  }
  if (values instanceof Uint8Array)
    for (let i = 0; i < count; i += 1) if (out[i] === noGroup) out[i] = Number.NaN;
  return out;
}
