// Weekly margin balances of each stock as of their publication. prior-system.md 1.10.

import { diff, rollingMean, rollingZscore } from "../../stats/index.ts";
import { defineFamily, event, stock } from "../define.ts";
import { flag, map1, map2, ratio } from "../elementwise.ts";
import type { EventSource } from "../event-sources.ts";
import type { EventFeature, Family, Feature, SeriesKernel } from "../feature.ts";
import { asKnown } from "../record-history.ts";
import { splitsSql } from "../source-sql.ts";

const balances = [
  ["margin_long", "LongVol", "bought on margin"],
  ["margin_short", "ShrtVol", "sold on margin"],
  ["margin_long_std", "LongStdVol", "bought, standardised"],
  ["margin_short_std", "ShrtStdVol", "sold, standardised"],
  ["margin_long_neg", "LongNegVol", "bought, negotiable"],
  ["margin_short_neg", "ShrtNegVol", "sold, negotiable"],
] as const;

/** Since 2026-09-25 balances come daily: only those of a week's last session continue the weekly series. */
export const marginEvents: EventSource = {
  name: "margin_interest",
  tables: ["markets_margin_interest", "equities_bars_daily", "markets_calendar"],
  by: "stock",
  fields: [
    ...balances.map(([, column, meaning]) => ({
      name: column.toLowerCase(),
      meaning: `shares ${meaning}, × the product of adjustment factors up to the balance date`,
    })),
    { name: "isstype", meaning: "1 margin issue, 2 loanable, 3 other" },
  ],
  sql: `WITH splits AS (${splitsSql}), week_ends AS (SELECT max("Date") AS day FROM markets_calendar
      WHERE "HolDiv" IN ('1', '2') GROUP BY date_trunc('week', "Date"))
    SELECT m."Code" AS key, m.available_at, m."Date" AS day,
    ${balances.map(([, column]) => `m."${column}" * COALESCE(s.basis, 1) AS ${column.toLowerCase()}`).join(", ")},
    TRY_CAST(m."IssType" AS DOUBLE) AS isstype
    FROM markets_margin_interest m ASOF LEFT JOIN splits s ON m."Code" = s."Code" AND m."Date" >= s.split_day
    WHERE m."PubDate" IS NULL OR m."Date" IN (SELECT day FROM week_ends)`,
  keepable: { table: "markets_margin_interest", splitsTo: "day" },
};

const shared = { events: "margin_interest", maxAge: 15 } as const;
const weeks = 52;

type RecordKernel = readonly [SeriesKernel, number];

const change: SeriesKernel = ([values], out) => diff(values, 1, out);
const net: SeriesKernel = map2((long, short) => long - short);
const gross: SeriesKernel = map2((long, short) => long + short);
const credit: SeriesKernel = map2(ratio);

function after(first: SeriesKernel, second: SeriesKernel): SeriesKernel {
  return (inputs, out) => {
    const middle = new Float64Array(out.length);
    first(inputs, middle);
    second([middle], out);
  };
}

const overMean4: SeriesKernel = ([values], out) => {
  rollingMean(values, 4, out);
  for (let i = 0; i < out.length; i += 1) out[i] = ratio(values[i], out[i]) - 1;
};
const z52: SeriesKernel = ([values], out) => rollingZscore(values, weeks, out);
const same: SeriesKernel = ([values], out) => out.set(values);

const long = ["longvol"] as const;
const short = ["shrtvol"] as const;
const both = ["longvol", "shrtvol"] as const;

/** Share counts on the forward basis, and week-on-week changes of them: what the open columns are made of. */
const bases: readonly EventFeature[] = (
  [
    ["long", long, [same, 1]],
    ["short", short, [same, 1]],
    ["net", both, [net, 1]],
    ["gross", both, [gross, 1]],
    ["d_long", long, [change, 2]],
    ["d_short", short, [change, 2]],
    ["d_net", both, [after(net, change), 2]],
  ] as const
).map(([name, inputs, [kernel, records]]) =>
  event(`margin_base_${name}`, {
    ...shared,
    inputs,
    lookback: records,
    internal: true,
    normalisation: "log",
    unit: "shares",
    formula: `${name} of the last week, on the forward basis`,
    compute: asKnown(records, kernel),
  }),
);

const levels = [
  ["margin_long_tot", "long", "shares bought on margin"],
  ["margin_short_tot", "short", "shares sold on margin"],
  ["margin_net", "net", "shares bought − sold on margin"],
  ["margin_total_gross", "gross", "shares bought + sold on margin"],
  ["margin_d_long_wow", "d_long", "change of margin_long_tot to the week before"],
  ["margin_d_short_wow", "d_short", "change of margin_short_tot to the week before"],
  ["margin_d_net_wow", "d_net", "change of margin_net to the week before"],
] as const;

const scaled = [
  ["margin_long_to_adv20", "long", 1, "shares bought on margin / mean volume of 20 sessions"],
  ["margin_short_to_adv20", "short", 1, "shares sold on margin / mean volume of 20 sessions"],
  [
    "margin_d_long_to_adv20",
    "d_long",
    5,
    "weekly change of longs / (5 × mean volume of 20 sessions)",
  ],
  [
    "margin_d_short_to_adv20",
    "d_short",
    5,
    "weekly change of shorts / (5 × mean volume of 20 sessions)",
  ],
] as const;

const records: readonly (readonly [string, readonly string[], RecordKernel, string, string])[] = [
  ["margin_credit_ratio", both, [credit, 1], "ratio", "longs / shorts; null without shorts"],
  ["margin_imbalance", both, [map2((l, s) => ratio(l - s, l + s)), 1], "ratio", "(longs − shorts) / (longs + shorts)"],
  ["margin_std_share_long", ["longstdvol", "longvol"], [map2(ratio), 1], "ratio", "standardised longs / longs"],
  ["margin_std_share_short", ["shrtstdvol", "shrtvol"], [map2(ratio), 1], "ratio", "standardised shorts / shorts"],
  ["margin_neg_share_long", ["longnegvol", "longvol"], [map2(ratio), 1], "ratio", "negotiable longs / longs"],
  ["margin_neg_share_short", ["shrtnegvol", "shrtvol"], [map2(ratio), 1], "ratio", "negotiable shorts / shorts"],
  ["margin_d_ratio_wow", both, [after(credit, change), 2], "ratio", "change of margin_credit_ratio to the week before"],
  ["margin_gross_mom4", both, [after(gross, overMean4), 4], "ratio", "margin_total_gross / its mean of 4 weeks − 1"],
  ["long_z52", long, [z52, weeks], "standard deviations", "longs against their 52 weeks"],
  ["short_z52", short, [z52, weeks], "standard deviations", "shorts against their 52 weeks"],
  ["margin_gross_z52", both, [after(gross, z52), weeks], "standard deviations", "longs + shorts against their 52 weeks"],
  ["ratio_z52", both, [after(credit, z52), weeks], "standard deviations", "margin_credit_ratio against its 52 weeks"],
  ["margin_issue_type", ["isstype"], [same, 1], "1 to 3", "1 margin issue, 2 loanable, 3 other"],
]; // prettier-ignore

const timing: readonly Feature[] = [
  event("margin_impulse", {
    ...shared,
    inputs: ["longvol"],
    join: "impulse",
    normalisation: "raw",
    unit: "flag",
    formula: "1 on the session that first knows a week's balances",
  }),
  event("margin_days_since", {
    ...shared,
    inputs: ["longvol"],
    join: "since",
    normalisation: "raw",
    unit: "sessions",
    formula: "sessions since balances of the stock came out",
  }),
  stock("is_margin_valid", {
    inputs: ["margin_base_long"],
    lookback: 1,
    normalisation: "raw",
    unit: "flag",
    formula: "1 when there are balances, at most 15 sessions old",
    compute: map1((value) => Number(value === value)),
  }),
  stock("is_borrowable", {
    inputs: ["margin_issue_type"],
    lookback: 1,
    normalisation: "raw",
    unit: "flag",
    formula: "1 for a loanable issue",
    compute: map1((value) => flag(value === 2, value)),
  }),
];

export const margin: Family = defineFamily(
  "margin",
  { source: "/markets/margin-interest", plan: "standard" },
  [
    ...bases,
    ...levels.map(([name, base, formula]) =>
      stock(name, {
        inputs: [`margin_base_${base}`, "basis"],
        lookback: 1,
        normalisation: "cross_sectional",
        unit: "shares",
        formula,
        deviation:
          "in shares of the row's own session: a split neither shows as a change nor rewrites a row",
        compute: map2(ratio),
      }),
    ),
    ...records.map(([name, inputs, [kernel, lookback], unit, formula]) =>
      event(name, {
        ...shared,
        inputs,
        lookback,
        normalisation: name === "margin_issue_type" ? "raw" : "cross_sectional",
        unit,
        formula,
        compute: asKnown(lookback, kernel),
      }),
    ),
    ...scaled.map(([name, base, days, formula]) =>
      stock(name, {
        inputs: [`margin_base_${base}`, "volume_base_20"],
        lookback: 1,
        normalisation: "cross_sectional",
        unit: "ratio",
        formula,
        deviation: "volume of the 20 sessions up to the row, not up to the publication",
        compute: map2((shares, volume) => ratio(shares, days * volume)),
      }),
    ),
    ...timing,
  ],
);
