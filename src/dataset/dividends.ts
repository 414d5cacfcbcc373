// Dividends by ex-date for total-return labels. Labels may look ahead; features never read this.

import type { DuckDBConnection } from "@duckdb/node-api";
import { dayColumn, numberColumn, streamRows } from "../features/index.ts";
import { lowerBound, type Panel } from "../panel/panel.ts";
import type { Dividends } from "./labels.ts";

/** The last word on each dividend: the newest notification of its reference number, deletions left out. */
const dividendSql = `SELECT c.position, ${dayColumn('d."ExDate"')}, ${numberColumn('d."DivRate"')}
FROM (SELECT * FROM fins_dividend WHERE "ExDate" IS NOT NULL QUALIFY row_number() OVER (PARTITION BY "Code", "CARefNo" ORDER BY available_at DESC, "RefNo" DESC) = 1) d
JOIN feature_codes c ON d."Code" = c.code WHERE d."StatCode" <> '3' ORDER BY ALL`;

/** Dividends with an ex-date in the panel; an ex-date without a session counts on the next one. */
export async function loadDividends(
  connection: DuckDBConnection,
  panel: Panel,
): Promise<Dividends> {
  const code: number[] = [];
  const session: number[] = [];
  const amount: number[] = [];
  await streamRows(connection, dividendSql, ([codes, days, amounts], rowCount) => {
    for (let i = 0; i < rowCount; i += 1) {
      const place = lowerBound(panel.dates, days[i]);
      if (place >= panel.dates.length || days[i] < panel.dates[0] || !(amounts[i] > 0)) continue;
      code.push(codes[i]);
      session.push(place);
      amount.push(amounts[i]);
    }
  });
  return {
    code: Int32Array.from(code),
    session: Int32Array.from(session),
    amount: Float64Array.from(amount),
  };
}
