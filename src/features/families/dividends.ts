// Dividend notifications: the next amount and ex-date, revisions, and what was paid in a year. prior-system.md 1.19.

import { rollingSum } from "../../stats/index.ts";
import { defineFamily, event, stock } from "../define.ts";
import { map1, map2, ratio } from "../elementwise.ts";
import type { EventSource } from "../event-sources.ts";
import type { EventKernel, Family } from "../feature.ts";
import { sessionNumbersSql, splitsSql } from "../source-sql.ts";
import { dividendSlots, ofLast, ofNext, overSlots } from "./dividend-slots.ts";

export const dividendEvents: EventSource = {
  name: "dividends",
  tables: ["fins_dividend", "equities_bars_daily", "markets_calendar"],
  by: "stock",
  fields: [
    { name: "sequence", meaning: "digits of RefNo: the order of notifications" },
    { name: "reference", meaning: "number that stands for CARefNo" },
    { name: "known", meaning: "sessions of the calendar up to the notification" },
    { name: "ex_number", meaning: "sessions of the calendar up to ExDate" },
    { name: "amount", meaning: "DivRate ÷ the product of adjustment factors; 0 after a deletion" },
    { name: "special", meaning: "1 for a commemorative or special dividend" },
  ],
  sql: `WITH splits AS (${splitsSql}), days AS (${sessionNumbersSql})
    SELECT d."Code" AS key, greatest(d.available_at, coalesce(x.available_at, d.available_at)) AS available_at, d."PubDate" AS day,
    CAST(hash(d."CARefNo") >> 12 AS DOUBLE) AS reference, k.number AS known, x.number AS ex_number,
    TRY_CAST(regexp_replace(d."RefNo", '[^0-9]', '', 'g') AS DOUBLE) AS sequence,
    CASE WHEN d."StatCode" = '3' THEN 0 ELSE d."DivRate" / coalesce(d.basis, 1) END AS amount,
    CASE WHEN d."CommSpecCode" IN ('1', '2', '3') THEN 1 ELSE 0 END AS special
    FROM (SELECT d.*, s.basis FROM fins_dividend d ASOF LEFT JOIN splits s ON d."Code" = s."Code" AND d."PubDate" >= s.split_day) d
    JOIN days k ON d."PubDate" = k."Date" LEFT JOIN days x ON d."ExDate" = x."Date"`,
  keepable: { table: "fins_dividend", splitsTo: "day" },
};

/** Change of an amount by the notifications of a session, the largest where there are several; -1 where one is deleted. */
const revision: EventKernel = ([reference, amount], out, { session }) => {
  const last = new Map<number, number>();
  for (let i = 0; i < out.length; i += 1) {
    const before = last.get(reference[i]) ?? Number.NaN;
    const change = ratio(amount[i] - before, before);
    const known = i > 0 && session[i] === session[i - 1] ? out[i - 1] : 0;
    out[i] = Math.abs(change) > Math.abs(known) ? change : known;
    if (amount[i] === amount[i]) last.set(reference[i], amount[i]);
  }
};

const shared = { events: "dividends", maxAge: 260 } as const;
const flags = { lookback: 1, normalisation: "raw", unit: "flag" } as const;
const amountOf = { exNumber: "ex_number", value: "amount" } as const;
const yearSessions = 245;

/** Sessions after a first ex-date within which the stock must trade for it to count. */
const longestIdle = 10;

export const dividends: Family = defineFamily(
  "dividends",
  { source: "/fins/dividend", plan: "premium" },
  [
    ...dividendSlots("div", {
      ...shared,
      identity: "reference",
      known: "known",
      exNumber: "ex_number",
      values: ["amount", "special"],
    }),
    overSlots("div_base", "div", amountOf, {
      internal: true,
      normalisation: "log",
      unit: "JPY",
      formula: "the next dividend, on the forward basis",
      compute: ofNext((amount) => amount),
    }),
    stock("div_amt", {
      inputs: ["div_base", "basis"],
      lookback: 1,
      normalisation: "log",
      unit: "JPY",
      formula: "notified dividend with the next ex-date, a share of the row's own session",
      compute: map2((amount, basis) => amount * basis),
    }),
    overSlots(
      "div_is_special",
      "div",
      { exNumber: "ex_number", value: "special" },
      {
        ...flags,
        formula: "1 when the next dividend is commemorative or special in part",
        compute: ofNext((special) => special),
      },
    ),
    event("div_rev", {
      ...shared,
      inputs: ["reference", "amount"],
      lookback: Infinity,
      normalisation: "cross_sectional",
      unit: "ratio",
      formula:
        "(amount notified − the one it corrects) / that one, the largest of the last session with notifications; 0 without a correction",
      compute: revision,
    }),
    stock("div_rev_flag", {
      ...flags,
      inputs: ["div_rev"],
      formula: "1 when the last notification changed an amount",
      compute: map1((change) => (change === change ? Number(change !== 0) : change)),
    }),
    overSlots("div_days_to_ex", "div", amountOf, {
      normalisation: "raw",
      unit: "sessions",
      formula: "sessions to the next ex-date, 1 on the last session with the dividend",
      compute: ofNext((_, sessions) => sessions),
    }),
    stock("div_ex_soon_3", {
      ...flags,
      inputs: ["div_days_to_ex"],
      formula: "1 when the next ex-date is within 3 sessions",
      compute: map1((sessions) => Number(sessions <= 3)),
    }),
    stock("div_yield_est", {
      inputs: ["div_base", "close"],
      lookback: 1,
      normalisation: "cross_sectional",
      unit: "ratio",
      formula: "notified dividend with the next ex-date / close",
      compute: map2(ratio),
    }),
    overSlots("div_since_ex", "div", amountOf, {
      internal: true,
      normalisation: "raw",
      unit: "sessions",
      formula: "sessions since the last ex-date, 0 on it",
      compute: ofLast((_, sessions) => sessions),
    }),
    overSlots("div_last_base", "div", amountOf, {
      internal: true,
      normalisation: "log",
      unit: "JPY",
      formula: "the last dividend past, on the forward basis",
      compute: ofLast((amount) => amount),
    }),
    stock("div_is_ex0", {
      ...flags,
      inputs: ["div_since_ex"],
      formula: "1 on an ex-date",
      compute: map1((sessions) => Number(sessions === 0)),
    }),
    ...[1, 3, 5].flatMap((days) => [
      stock(`div_pre${days}`, {
        ...flags,
        inputs: ["div_days_to_ex"],
        formula: `1 on the last ${days} sessions with a dividend`,
        compute: map1((sessions) => Number(sessions <= days)),
      }),
      stock(`div_post${days}`, {
        ...flags,
        inputs: ["div_since_ex"],
        formula: `1 on an ex-date and the ${days} sessions after it`,
        compute: map1((sessions) => Number(sessions <= days)),
      }),
    ]),
    stock("div_dy_12m", {
      inputs: ["div_since_ex", "div_last_base", "close"],
      lookback: yearSessions,
      normalisation: "cross_sectional",
      unit: "ratio",
      formula: `dividends with an ex-date in the last ${yearSessions} own sessions / close`,
      deviation: "a dividend counts from the stock's first own session on or after its ex-date",
      compute: paidOverYear,
    }),
    stock("is_div_valid", {
      ...flags,
      inputs: ["div_base"],
      formula: "1 when a dividend with an ex-date ahead has been notified",
      compute: map1((amount) => Number(amount === amount)),
    }),
  ],
);

/** An ex-date has come when the distance from the last one shrinks, or is there for the first time and short. */
function paidOverYear([since, amount, close]: readonly Float64Array[], out: Float64Array): void {
  const paid = new Float64Array(out.length);
  for (let i = 0; i < out.length; i += 1) {
    const before = i > 0 && since[i - 1] === since[i - 1] ? since[i - 1] : longestIdle;
    paid[i] = since[i] < before ? amount[i] : 0;
  }
  rollingSum(paid, yearSessions, out);
  for (let i = 0; i < out.length; i += 1) out[i] = ratio(out[i], close[i]);
}
