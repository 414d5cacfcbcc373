// The next dividend as the forecasts in /fins/summary give it: amount, yield, sessions to the ex-date.

import { defineFamily, stock } from "../define.ts";
import { map2, ratio } from "../elementwise.ts";
import type { EventSource } from "../event-sources.ts";
import type { Family } from "../feature.ts";
import { numberSql, sessionNumbersSql, splitsSql } from "../source-sql.ts";
import { dividendSlots, ofNext, overSlots } from "./dividend-slots.ts";

/** Forecast columns of this fiscal year and the next, with the months from the record date to the year's end. */
const forecasts = [
  ["FDiv1Q", "CurFYEn", 9],
  ["FDiv2Q", "CurFYEn", 6],
  ["FDiv3Q", "CurFYEn", 3],
  ["FDivFY", "CurFYEn", 0],
  ["NxFDiv1Q", "NxtFYEn", 9],
  ["NxFDiv2Q", "NxtFYEn", 6],
  ["NxFDiv3Q", "NxtFYEn", 3],
  ["NxFDivFY", "NxtFYEn", 0],
] as const;

/**
 * A record for each dividend that a filing forecasts. The ex-date is the session before the record date; two before while
 * trades settled in three days, for record dates up to 2019-07-16. A record date on no session counts as the session before.
 */
const forecastSql = `WITH splits AS (${splitsSql}), days AS (${sessionNumbersSql}),
    filings AS (SELECT f."Code", f.available_at, f."DiscDate", coalesce(s.basis, 1) AS basis,
      unnest([${forecasts.map(([column]) => numberSql(column)).join(", ")}]) AS amount,
      unnest([${forecasts.map(([, end, months]) => recordDaySql(end, months)).join(", ")}]) AS record_day
      FROM fins_summary f ASOF LEFT JOIN splits s ON f."Code" = s."Code" AND f."DiscDate" >= s.split_day)
    SELECT f."Code" AS key, greatest(f.available_at, r.available_at) AS available_at, f."DiscDate" AS day,
    f.record_day - DATE '1970-01-01' AS record, k.number AS known,
    r.number - CASE WHEN f.record_day <= DATE '2019-07-16' THEN 2 ELSE 1 END AS ex_number, f.amount / f.basis AS amount
    FROM filings f JOIN days r ON f.record_day = r."Date" JOIN days k ON f."DiscDate" = k."Date"
    WHERE f.amount IS NOT NULL AND f.record_day >= f."DiscDate"`;

export const dividendForecastEvents: EventSource = {
  name: "dividend_forecasts",
  tables: ["fins_summary", "equities_bars_daily", "markets_calendar"],
  by: "stock",
  fields: [
    { name: "record", meaning: "record date as epoch day" },
    { name: "known", meaning: "sessions of the calendar up to the filing" },
    { name: "ex_number", meaning: "sessions of the calendar up to the ex-date" },
    {
      name: "amount",
      meaning: "JPY a share, ÷ the product of adjustment factors up to the filing",
    },
  ],
  sql: forecastSql,
  keepable: { table: "fins_summary", splitsTo: "day" },
};

const fields = { exNumber: "ex_number", value: "amount" } as const;

export const expectedDividend: Family = defineFamily(
  "expected-dividend",
  { source: "/fins/summary", plan: "light" },
  [
    ...dividendSlots("div_exp", {
      events: "dividend_forecasts",
      maxAge: 130,
      identity: "record",
      known: "known",
      exNumber: "ex_number",
      values: ["amount"],
    }),
    overSlots("div_exp_base", "div_exp", fields, {
      internal: true,
      normalisation: "log",
      unit: "JPY",
      formula: "forecast of the next dividend, on the forward basis",
      compute: ofNext((amount) => amount),
    }),
    stock("div_exp_amount", {
      inputs: ["div_exp_base", "basis"],
      lookback: 1,
      normalisation: "log",
      unit: "JPY",
      formula: "forecast of the dividend with the next ex-date, a share of the row's own session",
      deviation: "a forecast counts as one per share of its filing day",
      compute: map2((amount, basis) => amount * basis),
    }),
    stock("div_exp_yield", {
      inputs: ["div_exp_base", "close"],
      lookback: 1,
      normalisation: "cross_sectional",
      unit: "ratio",
      formula: "forecast of the dividend with the next ex-date / close",
      compute: map2(ratio),
    }),
    overSlots("div_exp_sessions_to_ex", "div_exp", fields, {
      normalisation: "raw",
      unit: "sessions",
      formula:
        "sessions to the next ex-date, 1 on the last session with the dividend; from the record date by two-day settlement (three-day up to 2019-07-15)",
      compute: ofNext((_, sessions) => sessions),
    }),
  ],
);

/** The year's end less some months; the end of the month where the year ends on one. */
function recordDaySql(end: string, months: number): string {
  const shifted = `"${end}" - INTERVAL ${months} MONTH`;
  return `CAST(CASE WHEN "${end}" = last_day("${end}") THEN last_day(${shifted}) ELSE ${shifted} END AS DATE)`;
}
