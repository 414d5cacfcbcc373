// Rows of /fins/details: the figures of an earnings release as a map of labels.

import type { MarketRow } from "../market/types.ts";
import { text, withinMarket, type DerivedSource } from "./source.ts";

/** Label of each figure, without and with IFRS. Labels differ by filer in the real data. */
const labels: readonly (readonly [field: string, label: string])[] = [
  ["Sales", "Net sales"],
  ["OP", "Operating income"],
  ["OdP", "Ordinary income"],
  ["NP", "Profit (loss) attributable to owners of parent"],
  ["TA", "Total assets"],
  ["Eq", "Net assets"],
  ["CFO", "Net cash provided by (used in) operating activities"],
  ["CFI", "Net cash provided by (used in) investment activities"],
  ["CFF", "Net cash provided by (used in) financing activities"],
  ["CashEq", "Cash and cash equivalents"],
];

/** One row for each release with actual figures; revisions have none. */
export const statementDetails: DerivedSource = (market, range) =>
  market
    .rows("/fins/summary", withinMarket(market, range))
    .map(({ row }) => row)
    .filter((row) => !text(row, "DocType").endsWith("Revision"))
    .map((row) => ({
      DiscDate: text(row, "DiscDate"),
      DiscTime: text(row, "DiscTime"),
      Code: text(row, "Code"),
      DiscNo: text(row, "DiscNo"),
      DocType: text(row, "DocType"),
      FS: figuresOf(row),
    }));

function figuresOf(row: MarketRow): Record<string, string> {
  const suffix = text(row, "DocType").endsWith("_IFRS") ? " (IFRS)" : "";
  const figures: Record<string, string> = {};
  for (const [field, label] of labels) {
    const figure = text(row, field) || text(row, `NC${field}`);
    if (figure !== "") figures[`${label}${suffix}`] = figure;
  }
  return figures;
}
