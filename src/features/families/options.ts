// The surface of Nikkei 225 options as market series, from the session after. prior-system.md 1.14.

import { rollingZscore } from "../../stats/index.ts";
import { defineFamily, event, market } from "../define.ts";
import { map1, map2, ratio } from "../elementwise.ts";
import type { EventSource } from "../event-sources.ts";
import type { Family } from "../feature.ts";

/** Days to expiry are calendar days; volatilities are ratios a year; everything is of one trading day. */
const surfaceSql = `WITH contracts AS (SELECT "Date", available_at, "Code", "PCDiv" AS side, "OI" AS oi, "Vo" AS volume, "Va" AS turnover,
      "Strike" AS strike, "UnderPx" AS spot, nullif("IV", 0) / 100 AS iv, "LTD" - "Date" AS tau, "EmMrgnTrgDiv" AS snapshot
      FROM derivatives_bars_daily_options_225 WHERE "LTD" > "Date" AND "UnderPx" > 0 AND "Strike" > 0),
    settled AS (SELECT * FROM contracts QUALIFY row_number() OVER (PARTITION BY "Date", "Code" ORDER BY snapshot DESC) = 1),
    ranked AS (SELECT *, dense_rank() OVER (PARTITION BY "Date" ORDER BY tau) AS expiry FROM settled),
    expiries AS (SELECT "Date", tau, median(iv) AS iv FROM ranked WHERE iv IS NOT NULL GROUP BY "Date", tau),
    terms AS (SELECT "Date", ${[30, 60]
      .map(
        (days) => `max(tau) FILTER (tau <= ${days}) AS low_tau_${days},
        arg_max(iv, tau) FILTER (tau <= ${days}) AS low_iv_${days},
        min(tau) FILTER (tau >= ${days}) AS high_tau_${days}, arg_min(iv, tau) FILTER (tau >= ${days}) AS high_iv_${days}`,
      )
      .join(", ")} FROM expiries GROUP BY "Date"),
    days AS (SELECT "Date", max(available_at) AS available_at,
      median(iv) FILTER (abs(ln(spot / strike)) < 0.01) AS atm_iv,
      median(iv) FILTER (abs(ln(spot / strike)) < 0.01 AND expiry = 1) AS near_iv,
      median(iv) FILTER (abs(ln(spot / strike)) < 0.01 AND expiry = 2) AS next_iv,
      median(iv) FILTER (side = '1' AND expiry = 1 AND strike / spot BETWEEN 0.93 AND 0.97) AS put_iv,
      median(iv) FILTER (side = '2' AND expiry = 1 AND strike / spot BETWEEN 1.03 AND 1.07) AS call_iv,
      list_stddev_samp(list(iv ORDER BY "Code") FILTER (expiry = 1 AND abs(spot / strike - 1) <= 0.1)) AS smile,
      sum(oi) FILTER (side = '1' AND expiry = 1 AND abs(spot / strike - 1) <= 0.1) AS put_oi,
      sum(oi) FILTER (side = '2' AND expiry = 1 AND abs(spot / strike - 1) <= 0.1) AS call_oi,
      sum(oi) AS oi, sum(volume) AS volume, sum(turnover ORDER BY "Code") AS turnover FROM ranked GROUP BY "Date")
    SELECT d.available_at, d."Date" AS day, d.* EXCLUDE (available_at, "Date"), t.* EXCLUDE ("Date")
    FROM days d LEFT JOIN terms t ON d."Date" = t."Date"`;

export const optionEvents: EventSource = {
  name: "nikkei_options",
  tables: ["derivatives_bars_daily_options_225"],
  by: "market",
  fields: [
    ...[30, 60].flatMap((days) => [
      { name: `low_tau_${days}`, meaning: `days of the last expiry within ${days}` },
      { name: `low_iv_${days}`, meaning: "its median implied volatility" },
      { name: `high_tau_${days}`, meaning: `days of the first expiry at or after ${days}` },
      { name: `high_iv_${days}`, meaning: "its median implied volatility" },
    ]),
    { name: "atm_iv", meaning: "median where |ln(spot / strike)| < 1%" },
    { name: "near_iv", meaning: "the same, first expiry" },
    { name: "next_iv", meaning: "the same, second expiry" },
    { name: "put_iv", meaning: "median of puts struck 3 to 7% below spot, first expiry" },
    { name: "call_iv", meaning: "median of calls struck 3 to 7% above spot, first expiry" },
    { name: "smile", meaning: "standard deviation within 10% of spot, first expiry" },
    { name: "put_oi", meaning: "open puts within 10% of spot, first expiry" },
    { name: "call_oi", meaning: "open calls, the same" },
    { name: "oi", meaning: "open contracts" },
    { name: "volume", meaning: "contracts traded" },
    { name: "turnover", meaning: "JPY traded" },
  ],
  sql: surfaceSql,
  keepable: { table: "derivatives_bars_daily_options_225" },
};

const shared = { events: "nikkei_options", by: "market", maxAge: 5 } as const;
const volatility = { ...shared, normalisation: "time_series", unit: "ratio a year" } as const;
const size = { ...shared, normalisation: "log" } as const;

/** Straight line in time between two expiries; NaN where one is missing. */
function between(days: number): (inputs: readonly Float64Array[], out: Float64Array) => void {
  return ([lowTau, lowIv, highTau, highIv], out) => {
    for (let i = 0; i < out.length; i += 1) {
      const span = highTau[i] - lowTau[i];
      const weight = span === 0 ? 0 : (days - lowTau[i]) / span;
      out[i] = lowIv[i] + weight * (highIv[i] - lowIv[i]);
    }
  };
}

export const options: Family = defineFamily(
  "options",
  { source: "/derivatives/bars/daily/options/225", plan: "standard" },
  [
    ...[30, 60].map((days) =>
      event(`opt_iv_cmat_${days}d`, {
        ...volatility,
        inputs: [`low_tau_${days}`, `low_iv_${days}`, `high_tau_${days}`, `high_iv_${days}`],
        formula: `median implied volatility of an expiry, on the line between the expiries around ${days} days`,
        compute: between(days),
      }),
    ),
    market("opt_term_slope_30_60", {
      normalisation: "time_series",
      unit: "ratio a year",
      inputs: ["opt_iv_cmat_60d", "opt_iv_cmat_30d"],
      lookback: 1,
      formula: "opt_iv_cmat_60d − opt_iv_cmat_30d",
      compute: map2((far, near) => far - near),
    }),
    event("opt_iv_atm_median", {
      ...volatility,
      inputs: ["atm_iv"],
      formula: "median implied volatility of the contracts struck within 1% of spot",
    }),
    event("opt_iv_atm_near", {
      ...volatility,
      inputs: ["near_iv"],
      formula: "the same for the first expiry after the day",
    }),
    event("opt_iv_atm_next", {
      ...volatility,
      inputs: ["next_iv"],
      formula: "the same for the second expiry",
    }),
    market("opt_ts_slope", {
      normalisation: "time_series",
      unit: "ratio a year",
      inputs: ["opt_iv_atm_next", "opt_iv_atm_near"],
      lookback: 1,
      formula: "opt_iv_atm_next − opt_iv_atm_near",
      compute: map2((next, near) => next - near),
    }),
    market("opt_iv_shock", {
      normalisation: "time_series",
      unit: "standard deviations",
      inputs: ["opt_iv_atm_near"],
      lookback: 20,
      formula: "opt_iv_atm_near against its 20 sessions, at least 5 of them known",
      compute: ([values], out) => rollingZscore(values, 20, out, { minPeriods: 5 }),
    }),
    event("opt_skew_5pct", {
      ...volatility,
      inputs: ["put_iv", "call_iv"],
      formula:
        "median implied volatility of puts struck 3 to 7% below spot − that of calls struck 3 to 7% above, first expiry",
      deviation: "out of the money on both sides; the earlier one took the legs in the money",
      compute: map2((put, call) => put - call),
    }),
    event("opt_smile_width", {
      ...volatility,
      inputs: ["smile"],
      formula: "standard deviation of implied volatility within 10% of spot, first expiry",
    }),
    event("opt_oi_put_call_ratio", {
      ...shared,
      normalisation: "time_series",
      unit: "ratio",
      inputs: ["put_oi", "call_oi"],
      formula: "open puts / open calls within 10% of spot, first expiry",
      compute: map2(ratio),
    }),
    event("opt_oi_sum", {
      ...size,
      unit: "contracts",
      inputs: ["oi"],
      formula: "open contracts of all expiries",
    }),
    event("opt_vol_sum", {
      ...size,
      unit: "contracts",
      inputs: ["volume"],
      formula: "contracts traded in all expiries",
    }),
    event("opt_dollar_vol_sum", {
      ...size,
      unit: "JPY",
      inputs: ["turnover"],
      formula: "JPY traded in all expiries",
      deviation: "the exchange's turnover, not price × volume × 1000",
    }),
    market("is_opt_mkt_valid", {
      normalisation: "raw",
      unit: "flag",
      inputs: ["opt_iv_atm_near"],
      lookback: 1,
      formula: "1 when there is an at-the-money volatility, at most 5 sessions old",
      compute: map1((value) => Number(value === value)),
    }),
  ],
);
