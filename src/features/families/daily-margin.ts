// Daily margin balances of the stocks under daily publication or regulation. prior-system.md 1.11.

import { diff, rollingZscore } from "../../stats/index.ts";
import { defineFamily, event, stock } from "../define.ts";
import { map1, map2, ratio } from "../elementwise.ts";
import type { EventSource } from "../event-sources.ts";
import type { EventFeature, EventKernel, Family, Feature, SeriesKernel } from "../feature.ts";
import { asKnown } from "../record-history.ts";
import { splitsSql } from "../source-sql.ts";

const balances = ["LongOut", "ShrtOut", "LongStdOut", "ShrtStdOut", "LongNegOut", "ShrtNegOut"];

const reasons = [
  ["restricted", "Restricted"],
  ["dailypublication", "DailyPublication"],
  ["monitoring", "Monitoring"],
  ["restrictedbyjsf", "RestrictedByJSF"],
  ["precautionbyjsf", "PrecautionByJSF"],
  ["unclearorseconalert", "UnclearOrSecOnAlert"],
] as const;

export const dailyMarginEvents: EventSource = {
  name: "margin_alert",
  tables: ["markets_margin_alert", "equities_bars_daily"],
  by: "stock",
  fields: [
    ...balances.map((column) => ({
      name: column.toLowerCase(),
      meaning: `${column}, shares × the product of adjustment factors up to the application date`,
    })),
    { name: "slratio", meaning: "SLRatio, shorts in % of longs" },
    ...reasons.map(([name, column]) => ({ name, meaning: `PubReason.${column}, 1 or 0` })),
    { name: "regulation", meaning: "TSEMrgnRegCls as a number" },
    { name: "appday", meaning: "application date as epoch day" },
  ],
  sql: `WITH splits AS (${splitsSql}) SELECT m."Code" AS key, m.available_at, m."AppDate" AS day,
    ${balances.map((column) => `m."${column}" * COALESCE(s.basis, 1) AS ${column.toLowerCase()}`).join(", ")},
    m."SLRatio" AS slratio,
    ${reasons.map(([name, column]) => `TRY_CAST(m."PubReason.${column}" AS DOUBLE) AS ${name}`).join(", ")},
    TRY_CAST(m."TSEMrgnRegCls" AS DOUBLE) AS regulation, m."AppDate" - DATE '1970-01-01' AS appday
    FROM markets_margin_alert m ASOF LEFT JOIN splits s ON m."Code" = s."Code" AND m."AppDate" >= s.split_day`,
  keepable: { table: "markets_margin_alert", splitsTo: "day" },
};

const shared = { events: "margin_alert", maxAge: 10 } as const;
const window = 26;

/** Calendar days between two records that still count as one after the other. */
const nextRecordDays = 7;

const same: SeriesKernel = ([values], out) => out.set(values);
const net: SeriesKernel = ([long, short], out) => map2((l, s) => l - s)([long, short], out);
const total: SeriesKernel = ([long, short], out) => map2((l, s) => l + s)([long, short], out);
const credit: SeriesKernel = ([long, short], out) => map2(ratio)([long, short], out);
const z26: SeriesKernel = ([values], out) => rollingZscore(values, window, out);

/** Change to the record before; NaN when that one is more than a week older. The application days are the last input. */
function changeOf(kernel: SeriesKernel): SeriesKernel {
  return (inputs, out) => {
    const values = new Float64Array(out.length);
    kernel(inputs, values);
    diff(values, 1, out);
    const days = inputs[inputs.length - 1];
    for (let i = 1; i < out.length; i += 1) {
      if (days[i] - days[i - 1] > nextRecordDays) out[i] = Number.NaN;
    }
  };
}

function scoreOf(kernel: SeriesKernel): SeriesKernel {
  return (inputs, out) => {
    const values = new Float64Array(out.length);
    kernel(inputs, values);
    z26([values], out);
  };
}

const long = ["longout"] as const;
const short = ["shrtout"] as const;
const both = ["longout", "shrtout"] as const;
const dated = (inputs: readonly string[]): readonly string[] => [...inputs, "appday"];

const bases: readonly EventFeature[] = (
  [
    ["long", long, same, 1],
    ["short", short, same, 1],
    ["net", both, net, 1],
    ["total", both, total, 1],
    ["d_long", dated(long), changeOf(same), 2],
    ["d_short", dated(short), changeOf(same), 2],
    ["d_net", dated(both), changeOf(net), 2],
  ] as const
).map(([name, inputs, kernel, lookback]) =>
  event(`dmi_base_${name}`, {
    ...shared,
    inputs,
    lookback,
    internal: true,
    normalisation: "log",
    unit: "shares",
    formula: `${name} of the last record, on the forward basis`,
    compute: asKnown(lookback, kernel),
  }),
);

const levels = [
  ["dmi_long", "long", "shares bought on margin"],
  ["dmi_short", "short", "shares sold on margin"],
  ["dmi_net", "net", "shares bought − sold on margin"],
  ["dmi_total", "total", "shares bought + sold on margin"],
  ["dmi_d_long_1d", "d_long", "change of dmi_long to the record before, at most a week older"],
  ["dmi_d_short_1d", "d_short", "change of dmi_short to the record before, at most a week older"],
  ["dmi_d_net_1d", "d_net", "change of dmi_net to the record before, at most a week older"],
] as const;

const scaled = [
  ["dmi_long_to_adv20", "long"],
  ["dmi_short_to_adv20", "short"],
  ["dmi_total_to_adv20", "total"],
  ["dmi_d_long_to_adv1d", "d_long"],
  ["dmi_d_short_to_adv1d", "d_short"],
  ["dmi_d_net_to_adv1d", "d_net"],
] as const;

const shareOf: SeriesKernel = map2(ratio);
const shortLong: SeriesKernel = ([long_, short_, percent], out) => {
  for (let i = 0; i < out.length; i += 1) {
    out[i] = percent[i] === percent[i] ? percent[i] / 100 : ratio(short_[i], long_[i]);
  }
};

const records: readonly (readonly [string, readonly string[], SeriesKernel, number, string])[] = [
  ["dmi_credit_ratio", both, credit, 1, "longs / shorts; null without shorts"],
  ["dmi_imbalance", both, map2((l, s) => ratio(l - s, l + s)), 1, "(longs − shorts) / (longs + shorts)"],
  ["dmi_short_long_ratio", [...both, "slratio"], shortLong, 1, "published ratio of shorts to longs / 100, else shorts / longs"],
  ["dmi_std_share_long", ["longstdout", "longout"], shareOf, 1, "standardised longs / longs"],
  ["dmi_std_share_short", ["shrtstdout", "shrtout"], shareOf, 1, "standardised shorts / shorts"],
  ["dmi_neg_share_long", ["longnegout", "longout"], shareOf, 1, "negotiable longs / longs"],
  ["dmi_neg_share_short", ["shrtnegout", "shrtout"], shareOf, 1, "negotiable shorts / shorts"],
  ["dmi_d_ratio_1d", dated(both), changeOf(credit), 2, "change of dmi_credit_ratio to the record before, at most a week older"],
  ["dmi_z26_short", short, scoreOf(same), window, "shorts against their 26 records"],
  ["dmi_z26_long", long, scoreOf(same), window, "longs against their 26 records"],
  ["dmi_z26_total", both, scoreOf(total), window, "longs + shorts against their 26 records"],
  ["dmi_z26_d_short_1d", dated(short), scoreOf(changeOf(same)), window + 1, "daily change of shorts against its 26 records"],
]; // prettier-ignore

const flags: readonly Feature[] = [
  ...reasons.map(([name, column]) =>
    event(`dmi_reason_${name}`, {
      ...shared,
      inputs: [name],
      normalisation: "raw",
      unit: "flag",
      formula: `1 when ${column} is a reason for publication`,
      compute: latest(same),
    }),
  ),
  event("dmi_reason_count", {
    ...shared,
    inputs: reasons.map(([name]) => name),
    normalisation: "raw",
    unit: "reasons",
    formula: "reasons for publication that hold",
    compute: latest((values, out) => {
      for (let i = 0; i < out.length; i += 1) out[i] = values.reduce((sum, v) => sum + v[i], 0);
    }),
  }),
  event("dmi_tse_reg_level", {
    ...shared,
    inputs: ["regulation"],
    normalisation: "raw",
    unit: "stage",
    formula: "stage of the exchange's margin regulation: 1 to 4 under regulation, else 0",
    deviation:
      "a severity: classes 003 to 006 are stages 1 to 4; caution, daily publication, release and monitoring are 0 instead of numbers in between",
    compute: latest(map1((code) => (code >= 3 && code <= 6 ? code - 2 : code === code ? 0 : code))),
  }),
];

const timing: readonly Feature[] = [
  event("dmi_impulse", {
    ...shared,
    inputs: ["longout"],
    join: "impulse",
    normalisation: "raw",
    unit: "flag",
    formula: "1 on the session that first knows a record",
  }),
  event("dmi_days_since_pub", {
    ...shared,
    inputs: ["longout"],
    join: "since",
    normalisation: "raw",
    unit: "sessions",
    formula: "sessions since a record of the stock came out",
  }),
  event("dmi_application_day", {
    ...shared,
    inputs: ["appday"],
    internal: true,
    normalisation: "raw",
    unit: "epoch day",
    formula: "day of the last known balance",
    compute: latest(same),
  }),
  stock("dmi_days_since_app", {
    inputs: ["session_day", "dmi_application_day"],
    lookback: 1,
    normalisation: "raw",
    unit: "calendar days",
    formula: "calendar days since the day of the last known balance",
    compute: map2((today, day) => today - day),
  }),
  stock("is_dmi_valid", {
    inputs: ["dmi_base_long"],
    lookback: 1,
    normalisation: "raw",
    unit: "flag",
    formula: "1 when there is a record, at most 10 sessions old",
    compute: map1((value) => Number(value === value)),
  }),
];

export const dailyMargin: Family = defineFamily(
  "daily-margin",
  { source: "/markets/margin-alert", plan: "standard" },
  [
    ...bases,
    ...levels.map(([name, base, formula]) =>
      stock(name, {
        inputs: [`dmi_base_${base}`, "basis"],
        lookback: 1,
        normalisation: "cross_sectional",
        unit: "shares",
        formula,
        deviation:
          "in shares of the row's own session; none later than 10 sessions after the last record",
        compute: map2(ratio),
      }),
    ),
    ...records.map(([name, inputs, kernel, lookback, formula]) =>
      event(name, {
        ...shared,
        inputs,
        lookback,
        normalisation: "cross_sectional",
        unit: name.includes("z26") ? "standard deviations" : "ratio",
        formula,
        compute: asKnown(lookback, kernel),
      }),
    ),
    ...scaled.map(([name, base]) =>
      stock(name, {
        inputs: [`dmi_base_${base}`, "volume_base_20"],
        lookback: 1,
        normalisation: "cross_sectional",
        unit: "ratio",
        formula: `${base.startsWith("d_") ? "change of shares" : "shares"} (${base}) / mean volume of 20 sessions`,
        compute: map2(ratio),
      }),
    ),
    ...flags,
    ...timing,
  ],
);

function latest(kernel: SeriesKernel): EventKernel {
  return asKnown(1, kernel);
}
