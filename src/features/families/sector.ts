// Sectors: their median return as a series, each stock against its sector, and encodings of membership. prior-system.md 1.7.

import {
  demean,
  ewmMean,
  mean,
  median,
  rank,
  rollingBeta,
  rollingStd,
  rollingSum,
  rollingZscore,
  zscore,
} from "../../stats/index.ts";
import { crossSection, defineFamily, group, market, stock } from "../define.ts";
import { flag, map1, map2, map3 } from "../elementwise.ts";
import type { CrossKernel, Family, Feature, SeriesKernel } from "../feature.ts";
import { sector17Codes } from "../groupings.ts";

const crossSectional = { normalisation: "cross_sectional", unit: "ratio" } as const;
const series = { normalisation: "time_series", unit: "ratio" } as const;
const score = { normalisation: "raw", unit: "standard deviations", lookback: 1 } as const;

/** Fewest members with which a sector's statistics mean something. */
const fewestMembers = 3;

const sector33: readonly Feature[] = [
  ...sectorSeries("sec", "sector33"),
  market("sec_mom_20", {
    ...series,
    by: "sector33",
    inputs: ["sec_ret_1d_eq"],
    lookback: 20,
    formula: "sum of sec_ret_1d_eq over 20 sessions",
    compute: ([change], out) => rollingSum(change, 20, out),
  }),
  ...[5, 20].map((span) =>
    market(`sec_ema_${span}`, {
      ...series,
      by: "sector33",
      inputs: ["sec_ret_1d_eq"],
      lookback: Infinity,
      formula: `exponential mean (span ${span}) of sec_ret_1d_eq`,
      compute: ([change], out) => ewmMean(change, { span, adjust: false }, out),
    }),
  ),
  market("sec_gap_5_20", {
    ...series,
    by: "sector33",
    inputs: ["sec_ema_5", "sec_ema_20"],
    lookback: 1,
    formula: "sec_ema_5 − sec_ema_20",
    deviation: "a difference: a ratio to a mean return near 0 has no scale",
    compute: map2((fast, slow) => fast - slow),
  }),
  market("sec_vol_20", {
    normalisation: "time_series",
    unit: "ratio a year",
    by: "sector33",
    inputs: ["sec_ret_1d_eq"],
    lookback: 20,
    formula: "standard deviation of sec_ret_1d_eq over 20 sessions × √252",
    compute: ([change], out) => {
      rollingStd(change, 20, out);
      for (let i = 0; i < out.length; i += 1) out[i] *= Math.sqrt(252);
    },
  }),
  market("sec_vol_20_z", {
    ...score,
    by: "sector33",
    inputs: ["sec_vol_20"],
    lookback: 252,
    formula: "(sec_vol_20 − mean of 252 sessions) / standard deviation of 252 sessions",
    compute: ([values], out) => rollingZscore(values, 252, out),
  }),
  group("sec_member_cnt", {
    by: "sector33",
    inputs: ["returns_1d"],
    lookback: 1,
    normalisation: "log",
    unit: "stocks",
    formula: "stocks of the sector with a 1-day return",
    compute: ([values]) => countOf(values),
  }),
  market("sec_small_flag", {
    by: "sector33",
    inputs: ["sec_member_cnt"],
    lookback: 1,
    normalisation: "raw",
    unit: "flag",
    formula: "1 when the sector has fewer than 5 such stocks",
    compute: map1((members) => flag(members < 5, members)),
  }),
];

const relative: readonly Feature[] = [
  stock("rel_to_sec_5d", {
    ...crossSectional,
    inputs: ["returns_5d", "sec_ret_5d_eq"],
    lookback: 1,
    formula: "returns_5d − sec_ret_5d_eq",
    compute: map2((own, sector) => own - sector),
  }),
  stock("beta_to_sec_60", {
    ...crossSectional,
    inputs: ["returns_1d", "sec_ret_1d_eq"],
    lookback: 60,
    formula: "covariance / variance of returns_1d with sec_ret_1d_eq over 60 own sessions",
    compute: ([own, sector], out) => rollingBeta(own, sector, 60, out),
  }),
  stock("alpha_vs_sec_1d", {
    ...crossSectional,
    inputs: ["returns_1d", "beta_to_sec_60", "sec_ret_1d_eq"],
    lookback: 1,
    formula: "returns_1d − beta_to_sec_60 × sec_ret_1d_eq",
    compute: map3((own, beta, sector) => own - beta * sector),
  }),
  crossSection("ret_1d_demeaned", {
    ...crossSectional,
    inputs: ["returns_1d"],
    lookback: 1,
    formula: "returns_1d − mean of all stocks of the session",
    compute: ([values], out) => demean(values, out),
  }),
  ...[1, 5, 10].map((h) =>
    crossSection(`ret_prev_${h}d_vs_sec`, {
      ...crossSectional,
      inputs: [`returns_${h}d`],
      within: "sector33",
      lookback: 1,
      formula: `returns_${h}d − mean of the sector's stocks`,
      compute: enough((values, out) => demean(values, out)),
    }),
  ),
  ...(
    [
      ["ret_prev_1d_in_sec_z", "returns_1d"],
      ["z_in_sec_returns_5d", "returns_5d"],
      ["ret_prev_10d_in_sec_z", "returns_10d"],
      ["z_in_sec_ma_gap_5_20", "ma_gap_5_20"],
      ["volume_in_sec_z", "volume_ratio_20"],
      ["rv20_in_sec_z", "realized_volatility"],
      ["rsi14_in_sec_z", "rsi_14"],
      ["macd_slope_in_sec_z", "macd_hist_slope"],
      ["vcm_in_sec_z", "vol_confirmed_mom"],
      ["rsi_vol_in_sec_z", "rsi_vol_interact"],
    ] as const
  ).map(([name, input]) =>
    crossSection(name, {
      ...score,
      inputs: [input],
      within: "sector33",
      formula: `(${input} − mean) / standard deviation of the sector's stocks, at least ${fewestMembers}`,
      compute: enough((values, out) => zscore(values, out)),
    }),
  ),
  ...(
    [
      ["ret_prev_1d_rank_in_sec", "returns_1d"],
      ["volume_rank_in_sec", "volume_ratio_20"],
    ] as const
  ).map(([name, input]) =>
    crossSection(name, {
      normalisation: "raw",
      unit: "0 to 1",
      inputs: [input],
      within: "sector33",
      lookback: 1,
      formula: `rank of ${input} in the sector as a share, ties averaged`,
      compute: enough((values, out) => rank(values, out, { pct: true })),
    }),
  ),
];

const encodings: readonly Feature[] = [
  ...sector17Codes.map((code, index) =>
    stock(`sec17_onehot_${code}`, {
      inputs: ["sector17_id"],
      lookback: 1,
      normalisation: "raw",
      unit: "flag",
      source: "/equities/master",
      formula: `1 for a stock of TOPIX-17 sector ${code}`,
      compute: map1((sector) => flag(sector === index, sector)),
    }),
  ),
  frequency("sec17_daily_freq", "sector17_id"),
  frequency("sec33_daily_freq", "sector33_id"),
  ...(["sector33", "market"] as const).flatMap((by) => [
    group(`te_sum_${by}`, {
      ...series,
      internal: true,
      by,
      inputs: ["returns_5d"],
      lookback: 1,
      formula: "sum of returns_5d",
      compute: ([values]) => mean(values) * countOf(values),
    }),
    group(`te_count_${by}`, {
      ...series,
      internal: true,
      by,
      inputs: ["returns_5d"],
      lookback: 1,
      formula: "stocks with returns_5d",
      compute: ([values]) => countOf(values),
    }),
  ]),
  market("te33_sec_ret_5d", {
    ...series,
    by: "sector33",
    inputs: ["te_sum_sector33", "te_count_sector33", "te_sum_market", "te_count_market"],
    lookback: Infinity,
    lag: 1,
    formula:
      "mean of all 5-day returns of the sector that had ended the session before, drawn to the market's mean with the weight of 100 stocks",
    deviation:
      "only windows that have ended: the earlier one lagged a 5-day forward return by one day and so read four days ahead",
    compute: smoothedMean,
  }),
];

export const sector: Family = defineFamily(
  "sector",
  { source: "/equities/bars/daily, /equities/master", plan: "light" },
  [
    ...sector33,
    ...sectorSeries("sec17", "sector17"),
    ...relative,
    ...encodings,
    stock("is_sec_cs_valid", {
      inputs: ["sec_member_cnt"],
      lookback: 1,
      normalisation: "raw",
      unit: "flag",
      formula: `1 when the sector has at least ${fewestMembers} stocks with a return`,
      compute: map1((members) => Number(members >= fewestMembers)),
    }),
  ],
);

function sectorSeries(prefix: string, by: "sector33" | "sector17"): readonly Feature[] {
  return [
    group(`${prefix}_ret_1d_eq`, {
      ...series,
      by,
      inputs: ["returns_1d"],
      lookback: 1,
      formula: "median returns_1d of the sector's stocks",
      compute: ([values]) => median(values),
    }),
    ...[5, 20].map((h) =>
      market(`${prefix}_ret_${h}d_eq`, {
        ...series,
        by,
        inputs: [`${prefix}_ret_1d_eq`],
        lookback: h,
        formula: `${prefix}_ret_1d_eq compounded over ${h} sessions`,
        compute: compounded(h),
      }),
    ),
  ];
}

function compounded(window: number): SeriesKernel {
  return ([change], out) => {
    const logs = change.map((value) => Math.log1p(value));
    rollingSum(logs, window, out);
    for (let i = 0; i < out.length; i += 1) out[i] = Math.expm1(out[i]);
  };
}

/** A cross-section kernel that leaves sectors with too few values NaN. */
function enough(compute: (values: Float64Array, out: Float64Array) => void): CrossKernel {
  return ([values], out) => {
    if (countOf(values) < fewestMembers) out.fill(Number.NaN);
    else compute(values, out);
  };
}

function countOf(values: Float64Array): number {
  let count = 0;
  for (let i = 0; i < values.length; i += 1) if (values[i] === values[i]) count += 1;
  return count;
}

function frequency(name: string, input: string): Feature {
  return crossSection(name, {
    inputs: [input],
    lookback: 1,
    normalisation: "raw",
    unit: "0 to 1",
    source: "/equities/master",
    formula: "share of the session's stocks that are in the same sector",
    compute: ([ids], out) => {
      const counts = new Map<number, number>();
      for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
      for (let i = 0; i < out.length; i += 1) {
        out[i] = ids[i] === ids[i] ? (counts.get(ids[i]) ?? 0) / ids.length : Number.NaN;
      }
    },
  });
}

/** Weight of the market's mean in `te33_sec_ret_5d`, in stocks. */
const priorWeight = 100;

function smoothedMean(
  [sum, count, marketSum, marketCount]: readonly Float64Array[],
  out: Float64Array,
): void {
  const totals = [0, 0, 0, 0];
  for (let i = 0; i < out.length; i += 1) {
    [sum, count, marketSum, marketCount].forEach((values, k) => {
      if (values[i] === values[i]) totals[k] += values[i];
    });
    const prior = totals[3] > 0 ? totals[2] / totals[3] : Number.NaN;
    out[i] = (totals[0] + priorWeight * prior) / (totals[1] + priorWeight);
  }
}
