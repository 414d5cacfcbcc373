// TOPIX: returns, averages, volatility, drawdown and regimes, one value a session for all stocks. prior-system.md 1.5.

import {
  ewmMean,
  pctChange,
  rollingMax,
  rollingMean,
  rollingStd,
  rollingZscore,
} from "../../stats/index.ts";
import { defineFamily, market } from "../define.ts";
import { flag, map1, map2, map3, ratio } from "../elementwise.ts";
import type { Family, MarketFeature } from "../feature.ts";

const series = { normalisation: "time_series", unit: "ratio" } as const;
const flags = { normalisation: "raw", unit: "flag", lookback: 1 } as const;
const annual = Math.sqrt(252);

const returns = [1, 5, 10, 20].map((h) =>
  market(`mkt_ret_${h}d`, {
    ...series,
    inputs: ["topix_close"],
    lookback: h + 1,
    formula: `TOPIX C_t / C_{t−${h}} − 1`,
    compute: ([close], out) => pctChange(close, h, out),
  }),
);

const emas = [5, 20, 60, 200].map((span) =>
  market(`mkt_ema_${span}`, {
    normalisation: "time_series",
    unit: "points",
    inputs: ["topix_close"],
    lookback: Infinity,
    formula: `exponential mean of TOPIX, α = 2 / (${span} + 1), started at the first value`,
    compute: ([close], out) => ewmMean(close, { span, adjust: false }, out),
  }),
);

const levels: readonly MarketFeature[] = [
  market("mkt_dev_20", {
    ...series,
    inputs: ["topix_close", "mkt_ema_20"],
    lookback: 1,
    formula: "(C − mkt_ema_20) / mkt_ema_20",
    compute: map2((close, ema) => ratio(close - ema, ema)),
  }),
  market("mkt_gap_5_20", {
    ...series,
    inputs: ["mkt_ema_5", "mkt_ema_20"],
    lookback: 1,
    formula: "(mkt_ema_5 − mkt_ema_20) / mkt_ema_20",
    compute: map2((fast, slow) => ratio(fast - slow, slow)),
  }),
  market("mkt_ema20_slope_3", {
    ...series,
    inputs: ["mkt_ema_20"],
    lookback: 4,
    formula: "mkt_ema_20 today / three sessions ago − 1",
    compute: ([ema], out) => pctChange(ema, 3, out),
  }),
];

const ranges: readonly MarketFeature[] = [
  market("mkt_vol_20d", {
    normalisation: "time_series",
    unit: "ratio a year",
    inputs: ["mkt_ret_1d"],
    lookback: 20,
    formula: "standard deviation of the last 20 TOPIX returns × √252",
    compute: ([change], out) => {
      rollingStd(change, 20, out);
      for (let i = 0; i < out.length; i += 1) out[i] *= annual;
    },
  }),
  market("mkt_atr_14", {
    normalisation: "time_series",
    unit: "points",
    inputs: ["topix_high", "topix_low", "topix_close"],
    lookback: 15,
    formula: "mean over 14 sessions of TOPIX's true range",
    compute: ([high, low, close], out) => {
      const range = high.map((top, i) => {
        const before = i === 0 ? Number.NaN : close[i - 1];
        return Math.max(top - low[i], Math.abs(top - before), Math.abs(low[i] - before));
      });
      rollingMean(range, 14, out);
    },
  }),
  market("mkt_natr_14", {
    ...series,
    inputs: ["mkt_atr_14", "topix_close"],
    lookback: 1,
    formula: "mkt_atr_14 / C",
    compute: map2(ratio),
  }),
  market("mkt_std_20", {
    ...series,
    internal: true,
    inputs: ["topix_close"],
    lookback: 20,
    formula: "standard deviation of the last 20 TOPIX closes",
    compute: ([close], out) => rollingStd(close, 20, out),
  }),
  market("mkt_mean_20", {
    ...series,
    internal: true,
    inputs: ["topix_close"],
    lookback: 20,
    formula: "mean of the last 20 TOPIX closes",
    compute: ([close], out) => rollingMean(close, 20, out),
  }),
  market("mkt_bb_pct_b", {
    normalisation: "raw",
    unit: "0 to 1",
    inputs: ["topix_close", "mkt_mean_20", "mkt_std_20"],
    lookback: 1,
    formula:
      "place of TOPIX between its 20-session bands at ±2 standard deviations, within 0 and 1",
    compute: map3((close, mean, std) =>
      Math.min(1, Math.max(0, ratio(close - mean + 2 * std, 4 * std))),
    ),
  }),
  market("mkt_bb_bw", {
    ...series,
    inputs: ["mkt_mean_20", "mkt_std_20"],
    lookback: 1,
    formula: "width of the bands / mean of 20 closes",
    compute: map2((mean, std) => ratio(4 * std, mean)),
  }),
  market("mkt_dd_from_peak", {
    ...series,
    inputs: ["topix_close"],
    lookback: 252,
    formula: "C / highest close of the last 252 sessions − 1",
    deviation:
      "the peak is that of 252 sessions; the earlier system took it from the first day it had loaded",
    compute: ([close], out) => {
      rollingMax(close, 252, out, { minPeriods: 20 });
      for (let i = 0; i < out.length; i += 1) out[i] = ratio(close[i], out[i]) - 1;
    },
  }),
  market("mkt_big_move_flag", {
    normalisation: "raw",
    unit: "flag",
    inputs: ["mkt_ret_1d"],
    lookback: 60,
    formula: "1 when |mkt_ret_1d| is at least 2 standard deviations of 60 sessions",
    compute: ([change], out) => {
      rollingStd(change, 60, out);
      for (let i = 0; i < out.length; i += 1) {
        out[i] = flag(Math.abs(change[i]) >= 2 * out[i], change[i], out[i]);
      }
    },
  }),
];

const scores = ["mkt_ret_1d", "mkt_vol_20d", "mkt_bb_bw", "mkt_dd_from_peak"].map((name) =>
  market(`${name}_z`, {
    normalisation: "raw",
    unit: "standard deviations",
    inputs: [name],
    lookback: 252,
    formula: `(${name} − mean of 252 sessions) / standard deviation of 252 sessions`,
    compute: ([values], out) => rollingZscore(values, 252, out),
  }),
);

const regimes: readonly MarketFeature[] = [
  market("mkt_bull_200", {
    ...flags,
    inputs: ["topix_close", "mkt_ema_200"],
    formula: "1 when C > mkt_ema_200",
    compute: map2((close, ema) => flag(close > ema, close, ema)),
  }),
  market("mkt_trend_up", {
    ...flags,
    inputs: ["mkt_gap_5_20"],
    formula: "1 when mkt_gap_5_20 > 0",
    compute: map1((gap) => flag(gap > 0, gap)),
  }),
  market("mkt_high_vol", {
    ...flags,
    inputs: ["mkt_vol_20d_z"],
    formula: "1 when mkt_vol_20d_z > 1",
    compute: map1((score) => flag(score > 1, score)),
  }),
  market("mkt_squeeze", {
    ...flags,
    inputs: ["mkt_bb_bw_z"],
    formula: "1 when mkt_bb_bw_z < −1",
    compute: map1((score) => flag(score < -1, score)),
  }),
];

export const marketFamily: Family = defineFamily(
  "market",
  { source: "/indices/bars/daily/topix", plan: "light" },
  [...returns, ...emas, ...levels, ...ranges, ...scores, ...regimes],
);
