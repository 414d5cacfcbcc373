// Rows of /equities/trades: four executions a minute bar, at its open, low, high and close.

import type { MarketRow } from "../market/types.ts";
import { minuteBars } from "./minute-bars.ts";
import { number, text, type DerivedSource } from "./source.ts";

const afternoon = "12:30";

/** Executions by date, code and time; they come in bulk files only. */
export const trades: DerivedSource = (market, range) => {
  const rows = minuteBars(market, range).flatMap(executionsOf);
  rows.sort((left, right) => (orderOf(left) < orderOf(right) ? -1 : 1));
  return rows.map((row, i) => ({ ...row, TransactionId: String(i + 1).padStart(12, "0") }));
};

function executionsOf(bar: MarketRow): MarketRow[] {
  const prices = ["O", "L", "H", "C"].map((field) => number(bar, field));
  const volume = number(bar, "Vo");
  const part = Math.floor(volume / 4);
  const volumes = part === 0 ? [0, 0, 0, volume] : [volume - 3 * part, part, part, part];
  return prices
    .map((price, i) => ({
      Date: text(bar, "Date"),
      Code: text(bar, "Code"),
      Time: `${text(bar, "Time")}:${String(i * 15).padStart(2, "0")}.000000`,
      SessionDistinction: text(bar, "Time") < afternoon ? "01" : "02",
      Price: price,
      TradingVolume: volumes[i],
    }))
    .filter(({ TradingVolume }) => TradingVolume > 0);
}

function orderOf(row: MarketRow): string {
  return `${text(row, "Date")}${text(row, "Code")}${text(row, "Time")}`;
}
