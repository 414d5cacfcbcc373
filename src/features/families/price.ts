// Returns, moving averages and their ratios, from one stock's adjusted daily bars. prior-system.md 1.3.

import { ewmMean, pctChange, rollingMean } from "../../stats/index.ts";
import { defineFamily, stock } from "../define.ts";
import { flag, map2, map3, mapN, ratio } from "../elementwise.ts";
import type { Family, StockFeature } from "../feature.ts";

const returns = [1, 5, 10, 20, 60, 120].map((h) =>
  stock(`returns_${h}d`, {
    inputs: ["close"],
    lookback: h + 1,
    formula: `C_t / C_{t−${h}} − 1 over the stock's own sessions`,
    normalisation: "cross_sectional",
    unit: "ratio",
    compute: ([close], out) => pctChange(close, h, out),
  }),
);

const logReturns = [1, 5, 10, 20].map((h) =>
  stock(`log_returns_${h}d`, {
    inputs: [`returns_${h}d`],
    lookback: 1,
    formula: `ln C_t − ln C_{t−${h}}`,
    normalisation: "cross_sectional",
    unit: "ratio",
    compute: ([change], out) => {
      for (let i = 0; i < out.length; i += 1) out[i] = Math.log1p(change[i]);
    },
  }),
);

/** Exponential mean on the forward basis, for the ratios; `ema_n` shows it in the row's own yen. */
const emaBases = [5, 10, 20, 60, 200].map((span) =>
  stock(`ema_base_${span}`, {
    inputs: ["close"],
    lookback: Infinity,
    internal: true,
    formula: `exponential mean of the close, α = 2 / (${span} + 1), started at the first close`,
    normalisation: "log",
    unit: "JPY",
    compute: ([close], out) => ewmMean(close, { span, adjust: false }, out),
  }),
);

const emas = [5, 10, 20, 60, 200].map((span) =>
  level(
    `ema_${span}`,
    `ema_base_${span}`,
    `exponential mean of the close, α = 2 / (${span} + 1), in the row's own yen`,
  ),
);

const smaBases = [5, 10, 20, 60, 120].map((window) =>
  stock(`sma_base_${window}`, {
    inputs: ["close"],
    lookback: window,
    internal: true,
    formula: `mean of the last ${window} closes`,
    normalisation: "log",
    unit: "JPY",
    compute: ([close], out) => rollingMean(close, window, out),
  }),
);

const smas = [5, 10, 20, 60, 120].map((window) =>
  level(
    `sma_${window}`,
    `sma_base_${window}`,
    `mean of the last ${window} closes, in the row's own yen`,
  ),
);

const priceToSma = [5, 20, 60].map((window) =>
  stock(`price_to_sma${window}`, {
    inputs: ["close", `sma_base_${window}`],
    lookback: 1,
    formula: `C / mean of ${window} closes`,
    normalisation: "cross_sectional",
    unit: "ratio",
    compute: map2(ratio),
  }),
);

const emaDeviations = [5, 10, 20, 200].map((span) =>
  stock(`price_ema${span}_dev`, {
    inputs: ["close", `ema_base_${span}`],
    lookback: 1,
    formula: `(C − ema_${span}) / ema_${span}`,
    normalisation: "cross_sectional",
    unit: "ratio",
    compute: map2((close, ema) => ratio(close - ema, ema)),
  }),
);

const emaPairs = [
  [5, 20],
  [20, 60],
  [60, 200],
] as const;

const gaps = emaPairs.map(([fast, slow]) =>
  stock(`ma_gap_${fast}_${slow}`, {
    inputs: [`ema_base_${fast}`, `ema_base_${slow}`],
    lookback: 1,
    formula: `(ema_${fast} − ema_${slow}) / ema_${slow}`,
    normalisation: "cross_sectional",
    unit: "ratio",
    compute: map2((a, b) => ratio(a - b, b)),
  }),
);

const crosses = emaPairs.map(([fast, slow]) =>
  stock(`ema_cross_${fast}_${slow}`, {
    inputs: [`ema_base_${fast}`, `ema_base_${slow}`],
    lookback: 1,
    formula: `1 when ema_${fast} > ema_${slow}`,
    normalisation: "raw",
    unit: "flag",
    compute: map2((a, b) => flag(a > b, a, b)),
  }),
);

const slopes = [5, 20, 60].map((span) =>
  stock(`ema${span}_slope`, {
    inputs: [`ema_base_${span}`],
    lookback: 2,
    formula: `change of ema_${span} to the session before, as a ratio`,
    normalisation: "cross_sectional",
    unit: "ratio",
    compute: ([ema], out) => pctChange(ema, 1, out),
  }),
);

const ribbonInputs = [5, 10, 20, 60, 200].map((span) => `ema_base_${span}`);

const ribbon: readonly StockFeature[] = [
  stock("ma_ribbon_bullish", {
    inputs: ribbonInputs,
    lookback: 1,
    formula: "1 when ema_5 > ema_10 > ema_20 > ema_60 > ema_200",
    normalisation: "raw",
    unit: "flag",
    compute: mapN((a, b, c, d, e) => flag(a > b && b > c && c > d && d > e, a, b, c, d, e)),
  }),
  stock("ma_ribbon_bearish", {
    inputs: ribbonInputs,
    lookback: 1,
    formula: "1 when ema_5 < ema_10 < ema_20 < ema_60 < ema_200",
    normalisation: "raw",
    unit: "flag",
    compute: mapN((a, b, c, d, e) => flag(a < b && b < c && c < d && d < e, a, b, c, d, e)),
  }),
  stock("ma_ribbon_spread", {
    inputs: [...ribbonInputs, "close"],
    lookback: 1,
    formula: "sample standard deviation of the five exponential means / C",
    normalisation: "cross_sectional",
    unit: "ratio",
    compute: mapN((a, b, c, d, e, close) => {
      const center = (a + b + c + d + e) / 5;
      const squares =
        (a - center) ** 2 +
        (b - center) ** 2 +
        (c - center) ** 2 +
        (d - center) ** 2 +
        (e - center) ** 2;
      return ratio(Math.sqrt(squares / 4), close);
    }),
  }),
];

const bar: readonly StockFeature[] = [
  stock("ret_overnight", {
    inputs: ["open", "close"],
    lookback: 2,
    formula: "O_t / C_{t−1} − 1",
    normalisation: "cross_sectional",
    unit: "ratio",
    compute: ([open, close], out) => {
      out[0] = Number.NaN;
      for (let i = 1; i < out.length; i += 1) out[i] = ratio(open[i], close[i - 1]) - 1;
    },
  }),
  stock("ret_intraday", {
    inputs: ["open", "close"],
    lookback: 1,
    formula: "C_t / O_t − 1",
    normalisation: "cross_sectional",
    unit: "ratio",
    compute: map2((open, close) => ratio(close, open) - 1),
  }),
  stock("high_low_ratio", {
    inputs: ["high", "low"],
    lookback: 1,
    formula: "H / L",
    normalisation: "cross_sectional",
    unit: "ratio",
    compute: map2(ratio),
  }),
  stock("close_to_high", {
    inputs: ["high", "low", "close"],
    lookback: 1,
    formula: "(H − C) / (H − L); null where H = L",
    normalisation: "cross_sectional",
    unit: "ratio",
    compute: map3((high, low, close) => ratio(high - close, high - low)),
  }),
  stock("close_to_low", {
    inputs: ["high", "low", "close"],
    lookback: 1,
    formula: "(C − L) / (H − L); null where H = L",
    normalisation: "cross_sectional",
    unit: "ratio",
    compute: map3((high, low, close) => ratio(close - low, high - low)),
  }),
];

export const price: Family = defineFamily(
  "price",
  { source: "/equities/bars/daily", plan: "light" },
  [
    ...returns,
    ...logReturns,
    ...emaBases,
    ...emas,
    ...smaBases,
    ...smas,
    ...priceToSma,
    ...emaDeviations,
    ...gaps,
    ...crosses,
    ...slopes,
    ...ribbon,
    ...bar,
  ],
);

function level(name: string, base: string, formula: string): StockFeature {
  return stock(name, {
    inputs: [base, "basis"],
    lookback: 1,
    formula,
    normalisation: "log",
    unit: "JPY",
    deviation: "in the yen of its own session, so that a later split does not rewrite it",
    compute: map2((value, basis) => value * basis),
  });
}
