// Indicators of one stock: RSI, MACD, Bollinger bands, stochastic, ATR, ADX, and products of returns with averages. prior-system.md 1.3.

import {
  diff,
  ewmMean,
  rollingMax,
  rollingMean,
  rollingMin,
  rollingStd,
  rollingZscore,
} from "../../stats/index.ts";
import { defineFamily, stock } from "../define.ts";
import { map2, map3, ratio } from "../elementwise.ts";
import type { Family, SeriesKernel, StockFeature } from "../feature.ts";

const crossSectional = { normalisation: "cross_sectional", unit: "ratio" } as const;
const bounded = { normalisation: "raw", unit: "0 to 100" } as const;

const rsi: readonly StockFeature[] = [
  ...[2, 14].map((span) =>
    stock(`rsi_${span}`, {
      ...bounded,
      inputs: ["close"],
      lookback: Infinity,
      formula: `100 − 100 / (1 + RS), RS the ratio of exponential means (span ${span}) of gains and losses; null for the first ${span} sessions`,
      deviation: "exponential means with α = 2 / (n + 1), where Wilder smooths with 1 / n",
      compute: relativeStrength(span),
    }),
  ),
  stock("rsi_delta", {
    inputs: ["rsi_14"],
    lookback: 2,
    normalisation: "raw",
    unit: "points",
    formula: "rsi_14 today − yesterday",
    compute: ([values], out) => diff(values, 1, out),
  }),
];

const macd: readonly StockFeature[] = [
  stock("macd", {
    inputs: ["close"],
    lookback: Infinity,
    normalisation: "cross_sectional",
    unit: "ratio of price",
    formula: "(exponential mean 12 − exponential mean 26) / C",
    deviation: "divided by the close: a difference in yen says nothing across stocks",
    compute: ([close], out) => {
      const slow = ewmMean(close, { span: 26, adjust: false });
      ewmMean(close, { span: 12, adjust: false }, out);
      for (let i = 0; i < out.length; i += 1) out[i] = ratio(out[i] - slow[i], close[i]);
    },
  }),
  stock("macd_signal", {
    inputs: ["macd"],
    lookback: Infinity,
    normalisation: "cross_sectional",
    unit: "ratio of price",
    formula: "exponential mean (span 9) of macd",
    compute: ([values], out) => ewmMean(values, { span: 9, adjust: false }, out),
  }),
  stock("macd_histogram", {
    inputs: ["macd", "macd_signal"],
    lookback: 1,
    normalisation: "cross_sectional",
    unit: "ratio of price",
    formula: "macd − macd_signal",
    compute: map2((line, signal) => line - signal),
  }),
  stock("macd_hist_slope", {
    inputs: ["macd_histogram"],
    lookback: 2,
    normalisation: "cross_sectional",
    unit: "ratio of price",
    formula: "macd_histogram today − yesterday",
    compute: ([values], out) => diff(values, 1, out),
  }),
];

const bands: readonly StockFeature[] = [
  stock("close_std_20", {
    inputs: ["close"],
    lookback: 20,
    internal: true,
    normalisation: "log",
    unit: "JPY",
    formula: "sample standard deviation of the last 20 closes",
    compute: ([close], out) => rollingStd(close, 20, out),
  }),
  ...(["upper", "lower"] as const).map((side) =>
    stock(`bb_${side}`, {
      inputs: ["sma_base_20", "close_std_20", "basis"],
      lookback: 1,
      normalisation: "log",
      unit: "JPY",
      formula: `mean of 20 closes ${side === "upper" ? "+" : "−"} 2 standard deviations, in the row's own yen`,
      compute: map3(
        (middle, deviation, basis) => (middle + (side === "upper" ? 2 : -2) * deviation) * basis,
      ),
    }),
  ),
  stock("bb_position", {
    inputs: ["close", "sma_base_20", "close_std_20"],
    lookback: 1,
    normalisation: "raw",
    unit: "0 to 1",
    formula: "(C − lower band) / (upper band − lower band), kept within 0 and 1",
    compute: map3((close, middle, deviation) => {
      const position = ratio(close - middle + 2 * deviation, 4 * deviation);
      return Math.min(1, Math.max(0, position));
    }),
  }),
  stock("bb_width", {
    ...crossSectional,
    inputs: ["sma_base_20", "close_std_20"],
    lookback: 1,
    formula: "(upper band − lower band) / mean of 20 closes",
    compute: map2((middle, deviation) => ratio(4 * deviation, middle)),
  }),
  stock("z_close_20", {
    inputs: ["close"],
    lookback: 20,
    normalisation: "cross_sectional",
    unit: "standard deviations",
    formula: "(C − mean of 20 closes) / their standard deviation",
    compute: ([close], out) => rollingZscore(close, 20, out),
  }),
];

const range: readonly StockFeature[] = [
  stock("true_range", {
    inputs: ["high", "low", "close"],
    lookback: 2,
    internal: true,
    normalisation: "log",
    unit: "JPY",
    formula: "greatest of H − L, |H − C₋₁|, |L − C₋₁|; H − L on the first session",
    compute: trueRange,
  }),
  stock("atr_base_14", {
    inputs: ["true_range"],
    lookback: Infinity,
    internal: true,
    normalisation: "log",
    unit: "JPY",
    formula: "exponential mean (span 14) of the true range",
    compute: ([values], out) => ewmMean(values, { span: 14, adjust: false }, out),
  }),
  stock("atr_14", {
    ...crossSectional,
    inputs: ["atr_base_14", "close"],
    lookback: 1,
    formula: "exponential mean (span 14) of the true range / C",
    deviation: "divided by the close; span 14 where Wilder smooths with 1 / 14",
    compute: map2(ratio),
  }),
  stock("stoch_k", {
    ...bounded,
    inputs: ["high", "low", "close"],
    lookback: 14,
    formula: "100 (C − lowest low of 14) / (highest high of 14 − lowest low of 14)",
    compute: ([high, low, close], out) => {
      const lowest = rollingMin(low, 14);
      rollingMax(high, 14, out);
      for (let i = 0; i < out.length; i += 1) {
        out[i] = 100 * ratio(close[i] - lowest[i], out[i] - lowest[i]);
      }
    },
  }),
  stock("adx_14", {
    ...bounded,
    inputs: ["high", "low", "true_range"],
    lookback: Infinity,
    formula:
      "exponential mean (span 14) of 100 |DI₊ − DI₋| / (DI₊ + DI₋), DI from exponential means of directional movement",
    deviation: "exponential means with span 14, where Wilder smooths with 1 / 14",
    compute: averageDirectionalIndex,
  }),
];

const products: readonly StockFeature[] = [
  product("momentum_5_20", "returns_5d", "returns_20d", "5-day return / 20-day return", ratio),
  product("momentum_1_5", "returns_1d", "returns_5d", "1-day return / 5-day return", ratio),
  product("momentum_10_20", "returns_10d", "returns_20d", "10-day return / 20-day return", ratio),
  ...(
    [
      ["ret1d_x_ema20dev", "returns_1d", "price_ema20_dev"],
      ["ret5d_x_ema20dev", "returns_5d", "price_ema20_dev"],
      ["ret1d_x_ema200dev", "returns_1d", "price_ema200_dev"],
      ["mom5d_x_ema20slope", "returns_5d", "ema20_slope"],
      ["mom20d_x_ema60slope", "returns_20d", "ema60_slope"],
    ] as const
  ).map(([name, left, right]) => product(name, left, right, `${left} × ${right}`, (a, b) => a * b)),
];

const volume: readonly StockFeature[] = [
  ...[5, 20].map((window) =>
    stock(`volume_base_${window}`, {
      inputs: ["volume"],
      lookback: window,
      internal: true,
      normalisation: "log",
      unit: "shares",
      formula: `mean of the last ${window} volumes`,
      compute: ([values], out) => rollingMean(values, window, out),
    }),
  ),
  ...[5, 20].map((window) =>
    stock(`volume_ma_${window}`, {
      inputs: [`volume_base_${window}`, "basis"],
      lookback: 1,
      normalisation: "log",
      unit: "shares",
      formula: `mean of the last ${window} volumes, in the row's own shares`,
      compute: map2(ratio),
    }),
  ),
  ...[5, 20].map((window) =>
    stock(`volume_ratio_${window}`, {
      ...crossSectional,
      inputs: ["volume", `volume_base_${window}`],
      lookback: 1,
      formula: `volume / mean of the last ${window} volumes`,
      compute: map2(ratio),
    }),
  ),
  stock("volume_accel", {
    ...crossSectional,
    inputs: ["volume_base_5", "volume_base_20"],
    lookback: 1,
    formula: "mean of 5 volumes / mean of 20 volumes − 1",
    compute: map2((fast, slow) => ratio(fast, slow) - 1),
  }),
  stock("dollar_volume", {
    inputs: ["close", "volume"],
    lookback: 1,
    normalisation: "log",
    unit: "JPY",
    formula: "C × volume",
    compute: map2((close, shares) => close * shares),
  }),
  stock("vol_confirmed_mom", {
    ...crossSectional,
    inputs: ["returns_5d", "volume_ratio_20"],
    lookback: 1,
    formula: "5-day return × volume / mean of 20 volumes",
    compute: map2((change, activity) => change * activity),
  }),
];

const streaks: readonly StockFeature[] = [
  streak("up_streak_1d", "sessions in a row with a gain, today included", 1),
  streak("down_streak_1d", "sessions in a row with a loss, today included", -1),
  stock("mom_persist_5d", {
    inputs: ["returns_1d"],
    lookback: 5,
    normalisation: "raw",
    unit: "0 to 1",
    formula: "share of the last 5 sessions with a gain",
    compute: shareOfGains(5),
  }),
  ...[20, 60].map((window) =>
    stock(`positive_return_ratio_${window}d`, {
      inputs: ["returns_1d"],
      lookback: window,
      normalisation: "raw",
      unit: "0 to 1",
      formula: `share of the last ${window} sessions with a gain`,
      compute: shareOfGains(window),
    }),
  ),
  stock("pct_from_52w_range", {
    inputs: ["close", "high", "low"],
    lookback: 252,
    normalisation: "raw",
    unit: "0 to 1",
    formula: "(C − lowest low of 252) / (highest high of 252 − lowest low of 252)",
    compute: ([close, high, low], out) => {
      const lowest = rollingMin(low, 252);
      rollingMax(high, 252, out);
      for (let i = 0; i < out.length; i += 1) {
        out[i] = ratio(close[i] - lowest[i], out[i] - lowest[i]);
      }
    },
  }),
  stock("rsi_momentum_signal", {
    ...crossSectional,
    inputs: ["rsi_14", "returns_5d"],
    lookback: 1,
    formula: "(rsi_14 / 50 − 1) × 5-day return",
    compute: map2((index, change) => (index / 50 - 1) * change),
  }),
  stock("lag_returns_1d", {
    ...crossSectional,
    inputs: ["returns_1d"],
    lookback: 1,
    lag: 1,
    formula: "1-day return of the session before",
    compute: ([values], out) => out.set(values),
  }),
];

export const technical: Family = defineFamily(
  "technical",
  { source: "/equities/bars/daily", plan: "light" },
  [...rsi, ...macd, ...bands, ...range, ...products, ...volume, ...streaks],
);

function product(
  name: string,
  left: string,
  right: string,
  formula: string,
  f: (a: number, b: number) => number,
): StockFeature {
  return stock(name, {
    ...crossSectional,
    inputs: [left, right],
    lookback: 1,
    formula,
    compute: map2(f),
  });
}

function streak(name: string, formula: string, sign: 1 | -1): StockFeature {
  return stock(name, {
    inputs: ["returns_1d"],
    lookback: Infinity,
    normalisation: "raw",
    unit: "sessions",
    formula,
    compute: ([change], out) => {
      let length = 0;
      for (let i = 0; i < out.length; i += 1) {
        length = sign * change[i] > 0 ? length + 1 : 0;
        out[i] = change[i] === change[i] ? length : Number.NaN;
      }
    },
  });
}

function shareOfGains(window: number): SeriesKernel {
  return ([change], out) => {
    const gains = change.map((value) => (value === value ? Number(value > 0) : value));
    rollingMean(gains, window, out);
  };
}

function relativeStrength(span: number): SeriesKernel {
  return ([close], out) => {
    const gains = diff(close, 1);
    const losses = new Float64Array(gains.length);
    for (let i = 0; i < gains.length; i += 1) {
      const change = gains[i];
      losses[i] = change > 0 ? 0 : -change;
      if (change < 0) gains[i] = 0;
    }
    ewmMean(gains, { span, adjust: false }, gains);
    ewmMean(losses, { span, adjust: false }, losses);
    out.fill(Number.NaN, 0, Math.min(span, out.length));
    for (let i = span; i < out.length; i += 1) {
      out[i] = ratio(100 * gains[i], gains[i] + losses[i]);
    }
  };
}

function trueRange([high, low, close]: readonly Float64Array[], out: Float64Array): void {
  for (let i = 0; i < out.length; i += 1) {
    const before = i === 0 ? close[0] : close[i - 1];
    const span = high[i] - low[i];
    out[i] = i === 0 ? span : Math.max(span, Math.abs(high[i] - before), Math.abs(low[i] - before));
  }
}

function averageDirectionalIndex(
  [high, low, range]: readonly Float64Array[],
  out: Float64Array,
): void {
  const plus = new Float64Array(out.length);
  const minus = new Float64Array(out.length);
  for (let i = 1; i < out.length; i += 1) {
    const up = high[i] - high[i - 1];
    const down = low[i - 1] - low[i];
    plus[i] = up > down && up > 0 ? up : 0;
    minus[i] = down > up && down > 0 ? down : 0;
  }
  const options = { span: 14, adjust: false };
  const atr = ewmMean(range, options);
  ewmMean(plus, options, plus);
  ewmMean(minus, options, minus);
  for (let i = 0; i < out.length; i += 1) {
    const positive = ratio(plus[i], atr[i]);
    const negative = ratio(minus[i], atr[i]);
    out[i] = 100 * ratio(Math.abs(positive - negative), positive + negative);
  }
  ewmMean(out, options, out);
  out.fill(Number.NaN, 0, Math.min(14, out.length));
}
