// Investor flow by market section, weekly, as of its publication. prior-system.md 1.8.

import { rollingMean, rollingZscore } from "../../stats/index.ts";
import { defineFamily, event, market } from "../define.ts";
import { flag, map1, map2, ratio } from "../elementwise.ts";
import type { EventSource } from "../event-sources.ts";
import type { EventKernel, Family, SeriesKernel } from "../feature.ts";
import { asKnown } from "../record-history.ts";

const investors = ["Frgn", "Ind", "TrstBnk", "InvTr", "Prop", "Brk"] as const;

const sums = [
  ...investors.map((name) => `sum("${name}Bal") AS ${name.toLowerCase()}_balance`),
  'sum("FrgnTot") AS frgn_total',
  'sum("IndTot") AS ind_total',
  'sum("TotTot") AS all_total',
].join(", ");

/**
 * Sections of the time before 2022-04-04 also count as the past of the one that took their place: the first section for Prime,
 * the second and JASDAQ together for Standard, Mothers for Growth.
 */
export const flowEvents: EventSource = {
  name: "investor_types",
  tables: ["equities_investor_types"],
  by: "section",
  fields: [
    ...investors.map((name) => ({
      name: `${name.toLowerCase()}_balance`,
      meaning: `${name}Bal, thousand JPY: purchases − sales of the week`,
    })),
    { name: "frgn_total", meaning: "FrgnTot, thousand JPY" },
    { name: "ind_total", meaning: "IndTot, thousand JPY" },
    { name: "all_total", meaning: "TotTot, thousand JPY" },
  ],
  sql: `WITH places AS (SELECT * FROM (VALUES ('TSE1st', 'TSEPrime', 1), ('TSE2nd', 'TSEStandard', 2),
      ('TSEJASDAQ', 'TSEStandard', 2), ('TSEMothers', 'TSEGrowth', 1)) v(old_section, new_section, parts)),
    rows AS (SELECT *, "Section" AS key, 1 AS parts FROM equities_investor_types
      UNION ALL SELECT t.*, p.new_section, p.parts FROM equities_investor_types t JOIN places p ON t."Section" = p.old_section)
    SELECT key, available_at, "EnDate" AS day, ${sums} FROM rows
    GROUP BY key, available_at, "EnDate", parts HAVING count(*) = parts`,
  keepable: { table: "equities_investor_types" },
};

const shared = { events: "investor_types", by: "section", maxAge: 15 } as const;
const series = { ...shared, normalisation: "time_series", unit: "ratio" } as const;
const weeks = 52;

const zscoreOf: SeriesKernel = ([values], out) => rollingZscore(values, weeks, out);

const smartIndex: SeriesKernel = ([foreign, individual], out) => {
  rollingZscore(foreign, weeks, out);
  const other = rollingZscore(individual, weeks);
  for (let i = 0; i < out.length; i += 1) out[i] -= other[i];
};

const smartMomentum: SeriesKernel = (inputs, out) => {
  const index = new Float64Array(out.length);
  smartIndex(inputs, index);
  rollingMean(index, 4, out);
  for (let i = 0; i < out.length; i += 1) out[i] = index[i] - out[i];
};

const activityRatio: SeriesKernel = ([total], out) => {
  rollingMean(total, weeks, out);
  for (let i = 0; i < out.length; i += 1) out[i] = ratio(total[i], out[i]);
};

const latest: (kernel: SeriesKernel) => EventKernel = (kernel) => asKnown(1, kernel);

const ratios = [
  ["flow_foreign_net_ratio", "frgn_balance", "frgn_total", "foreigners' balance / their total"],
  ["flow_individual_net_ratio", "ind_balance", "ind_total", "individuals' balance / their total"],
  ["flow_foreign_share", "frgn_total", "all_total", "foreigners' total / everybody's total"],
] as const;

const scores = [
  ["flow_foreign_net_z", "frgn_balance", "foreigners' balance"],
  ["flow_individual_net_z", "ind_balance", "individuals' balance"],
  ["flow_activity_z", "all_total", "everybody's total"],
] as const;

const flags = [
  [
    "flow_shock_flag",
    "flow_smart_idx",
    "1 when |flow_smart_idx| ≥ 2",
    (v: number) => Math.abs(v) >= 2,
  ],
  ["flow_smart_pos", "flow_smart_idx", "1 when flow_smart_idx > 0", (v: number) => v > 0],
  ["flow_activity_high", "flow_activity_z", "1 when flow_activity_z > 1", (v: number) => v > 1],
  ["flow_activity_low", "flow_activity_z", "1 when flow_activity_z < −1", (v: number) => v < -1],
] as const;

export const flow: Family = defineFamily(
  "flow",
  { source: "/equities/investor-types", plan: "light" },
  [
    ...ratios.map(([name, top, bottom, formula]) =>
      event(name, { ...series, inputs: [top, bottom], formula, compute: latest(map2(ratio)) }),
    ),
    event("flow_breadth_pos", {
      ...shared,
      normalisation: "raw",
      unit: "0 to 1",
      inputs: investors.map((name) => `${name.toLowerCase()}_balance`),
      formula:
        "share of foreigners, individuals, trust banks, investment trusts, proprietary and brokerage with a balance above 0",
      compute: latest((balances, out) => {
        for (let i = 0; i < out.length; i += 1) {
          out[i] = balances.reduce((count, values) => count + Number(values[i] > 0), 0) / 6;
        }
      }),
    }),
    ...scores.map(([name, input, what]) =>
      event(name, {
        ...series,
        unit: "standard deviations",
        inputs: [input],
        lookback: weeks,
        formula: `(${what} − mean of ${weeks} weeks) / standard deviation of ${weeks} weeks`,
        deviation: "a corrected week counts with its correction from the day that was published",
        compute: asKnown(weeks, zscoreOf),
      }),
    ),
    event("flow_activity_ratio", {
      ...series,
      inputs: ["all_total"],
      lookback: weeks,
      formula: `everybody's total / its mean of ${weeks} weeks`,
      compute: asKnown(weeks, activityRatio),
    }),
    event("flow_smart_idx", {
      ...series,
      unit: "standard deviations",
      inputs: ["frgn_balance", "ind_balance"],
      lookback: weeks,
      formula: "flow_foreign_net_z − flow_individual_net_z",
      compute: asKnown(weeks, smartIndex),
    }),
    event("flow_smart_mom4", {
      ...series,
      unit: "standard deviations",
      inputs: ["frgn_balance", "ind_balance"],
      lookback: weeks + 3,
      formula: "flow_smart_idx − its mean of 4 weeks",
      compute: asKnown(weeks + 3, smartMomentum),
    }),
    ...flags.map(([name, input, formula, holds]) =>
      market(name, {
        by: "section",
        inputs: [input],
        lookback: 1,
        normalisation: "raw",
        unit: "flag",
        formula,
        compute: map1((value) => flag(holds(value), value)),
      }),
    ),
    market("flow_foreign_net_pos", {
      by: "section",
      inputs: ["flow_foreign_net_ratio"],
      lookback: 1,
      normalisation: "raw",
      unit: "flag",
      formula: "1 when foreigners' balance is above 0",
      compute: map1((value) => flag(value > 0, value)),
    }),
    event("flow_impulse", {
      ...shared,
      inputs: ["all_total"],
      join: "impulse",
      normalisation: "raw",
      unit: "flag",
      formula: "1 on the session that first knows a week's figures",
    }),
    event("flow_days_since", {
      ...shared,
      inputs: ["all_total"],
      join: "since",
      normalisation: "raw",
      unit: "sessions",
      formula: "sessions since figures of the section came out",
      deviation: "null instead of −1 before the first figures",
    }),
    market("is_flow_valid", {
      by: "section",
      inputs: ["flow_smart_idx"],
      lookback: 1,
      normalisation: "raw",
      unit: "flag",
      formula: "1 when the section has flow_smart_idx, at most 15 sessions old",
      compute: map1((value) => Number(value === value)),
    }),
  ],
);
