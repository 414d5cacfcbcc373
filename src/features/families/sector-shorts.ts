// Short selling by sector, daily, from the session after. prior-system.md 1.13.

import { diff, rollingMean, rollingZscore } from "../../stats/index.ts";
import { defineFamily, event, market, stock } from "../define.ts";
import { flag, map1, map2, map3, ratio } from "../elementwise.ts";
import type { EventSource } from "../event-sources.ts";
import type { Family } from "../feature.ts";

export const sectorShortEvents: EventSource = {
  name: "short_ratio",
  tables: ["markets_short_ratio"],
  by: "sector33",
  fields: [
    { name: "selling", meaning: "SellExShortVa, JPY sold without short sales" },
    { name: "restricted", meaning: "ShrtWithResVa, JPY sold short with the price restriction" },
    { name: "free", meaning: "ShrtNoResVa, JPY sold short without it" },
  ],
  sql: `SELECT "S33" AS key, available_at, "Date" AS day, "SellExShortVa" AS selling,
    "ShrtWithResVa" AS restricted, "ShrtNoResVa" AS free FROM markets_short_ratio`,
  keepable: { table: "markets_short_ratio" },
};

/** The quantile is of the sector's sessions before the day, so it can be known on the day. */
export const marketShortEvents: EventSource = {
  name: "short_ratio_market",
  tables: ["markets_short_ratio"],
  by: "market",
  fields: [
    { name: "all_selling", meaning: "sum of SellExShortVa over the sectors, JPY" },
    { name: "all_restricted", meaning: "sum of ShrtWithResVa, JPY" },
    { name: "all_free", meaning: "sum of ShrtNoResVa, JPY" },
    {
      name: "breadth",
      meaning: "share of sectors above the 80% quantile of their 252 days before",
    },
  ],
  sql: `WITH shares AS (SELECT *, ("ShrtWithResVa" + "ShrtNoResVa")
      / nullif("SellExShortVa" + "ShrtWithResVa" + "ShrtNoResVa", 0) AS share FROM markets_short_ratio),
    past AS (SELECT *, quantile_cont(share, 0.8) OVER before AS high, count(share) OVER before AS days FROM shares
      WINDOW before AS (PARTITION BY "S33" ORDER BY "Date" ROWS BETWEEN 252 PRECEDING AND 1 PRECEDING))
    SELECT max(available_at) AS available_at, "Date" AS day, sum("SellExShortVa" ORDER BY "S33") AS all_selling,
    sum("ShrtWithResVa" ORDER BY "S33") AS all_restricted, sum("ShrtNoResVa" ORDER BY "S33") AS all_free,
    count(*) FILTER (days >= 60 AND share > high) / nullif(count(*) FILTER (days >= 60), 0) AS breadth
    FROM past GROUP BY "Date"`,
};

const sector = { events: "short_ratio", by: "sector33", maxAge: 5 } as const;
const whole = { events: "short_ratio_market", by: "market", maxAge: 5 } as const;
const share = { normalisation: "time_series", unit: "ratio" } as const;
const bySector = { ...share, by: "sector33", lookback: 1 } as const;

const shortShare = (selling: number, restricted: number, free: number): number =>
  ratio(restricted + free, selling + restricted + free);
const restrictShare = (restricted: number, free: number): number =>
  ratio(restricted, restricted + free);

export const sectorShorts: Family = defineFamily(
  "sector-shorts",
  { source: "/markets/short-ratio", plan: "standard" },
  [
    event("ss_sec33_short_turnover", {
      ...sector,
      normalisation: "log",
      unit: "JPY",
      inputs: ["restricted", "free"],
      formula: "JPY sold short in the sector",
      compute: map2((restricted, free) => restricted + free),
    }),
    event("ss_sec33_short_share", {
      ...sector,
      ...share,
      inputs: ["selling", "restricted", "free"],
      formula: "short sales / all sales of the sector",
      compute: map3(shortShare),
    }),
    event("ss_sec33_restrict_share", {
      ...sector,
      ...share,
      inputs: ["restricted", "free"],
      formula: "short sales with the price restriction / short sales of the sector",
      compute: map2(restrictShare),
    }),
    ...["short_share", "restrict_share"].map((name) =>
      market(`ss_sec33_${name}_d1`, {
        ...bySector,
        inputs: [`ss_sec33_${name}`],
        lookback: 2,
        formula: `ss_sec33_${name} − its value the session before`,
        compute: ([values], out) => diff(values, 1, out),
      }),
    ),
    market("ss_sec33_short_mom5", {
      ...bySector,
      inputs: ["ss_sec33_short_share"],
      lookback: 5,
      formula: "ss_sec33_short_share − its mean of 5 sessions",
      compute: ([values], out) => {
        rollingMean(values, 5, out);
        for (let i = 0; i < out.length; i += 1) out[i] = values[i] - out[i];
      },
    }),
    market("ss_sec33_short_accel", {
      ...bySector,
      inputs: ["ss_sec33_short_share_d1"],
      lookback: 2,
      formula: "second difference of ss_sec33_short_share",
      compute: ([values], out) => diff(values, 1, out),
    }),
    ...(
      [
        ["ss_sec33_short_share_z60", "ss_sec33_short_share", 60],
        ["ss_sec33_short_turnover_z252", "ss_sec33_short_turnover", 252],
      ] as const
    ).map(([name, input, window]) =>
      market(name, {
        ...bySector,
        unit: "standard deviations",
        inputs: [input],
        lookback: window,
        formula: `${input} against its ${window} sessions`,
        compute: ([values], out) => rollingZscore(values, window, out),
      }),
    ),
    event("ss_mkt_short_share", {
      ...whole,
      ...share,
      inputs: ["all_selling", "all_restricted", "all_free"],
      formula: "short sales / all sales, over all sectors",
      compute: map3(shortShare),
    }),
    event("ss_mkt_restrict_share", {
      ...whole,
      ...share,
      inputs: ["all_restricted", "all_free"],
      formula: "short sales with the price restriction / short sales, over all sectors",
      compute: map2(restrictShare),
    }),
    event("ss_mkt_short_breadth_q80", {
      ...whole,
      normalisation: "raw",
      unit: "0 to 1",
      inputs: ["breadth"],
      lookback: 253,
      formula:
        "share of sectors whose short share is above the 80% quantile of their own 252 days before, at least 60",
      deviation:
        "a trailing quantile: against the day's own quantile the share is 0.2 by construction",
    }),
    ...["short_share", "restrict_share"].map((name) =>
      market(`ss_rel_${name}`, {
        ...bySector,
        inputs: [`ss_sec33_${name}`, `ss_mkt_${name}`],
        formula: `ss_sec33_${name} − ss_mkt_${name}`,
        compute: map2((own, all) => own - all),
      }),
    ),
    ...(
      [
        ["ss_cond_pressure", "returns_1d", "below", (r: number) => r < 0],
        ["ss_squeeze_setup", "returns_5d", "above", (r: number) => r > 0],
      ] as const
    ).map(([name, input, side, holds]) =>
      stock(name, {
        inputs: [input, "ss_sec33_short_share_z60"],
        lookback: 1,
        normalisation: "raw",
        unit: "flag",
        formula: `1 when ${input} is ${side} 0 and ss_sec33_short_share_z60 above 1`,
        compute: map2((change, score) => flag(holds(change) && score > 1, change, score)),
      }),
    ),
    market("is_ss_sec33_valid", {
      by: "sector33",
      inputs: ["ss_sec33_short_share"],
      lookback: 1,
      normalisation: "raw",
      unit: "flag",
      formula: "1 when the sector has short sales figures, at most 5 sessions old",
      deviation: "the earlier name is_ss_valid stood for two different blocks",
      compute: map1((value) => Number(value === value)),
    }),
  ],
);
