// Volatility and liquidity of one stock: close-to-close, range-based and illiquidity. prior-system.md 1.3 and 1.4.

import {
  pctChange,
  rollingMean,
  rollingQuantile,
  rollingStd,
  rollingSum,
} from "../../stats/index.ts";
import { defineFamily, stock } from "../define.ts";
import { flag, map2, ratio } from "../elementwise.ts";
import type { Family, SeriesKernel, StockFeature } from "../feature.ts";

/** Sessions a year in the annualisation of the earlier system. */
const annual = Math.sqrt(252);

const annualised = { normalisation: "cross_sectional", unit: "ratio a year" } as const;
const crossSectional = { normalisation: "cross_sectional", unit: "ratio" } as const;

const closeToClose: readonly StockFeature[] = [
  ...[5, 10, 20, 60].map((window) =>
    stock(`volatility_${window}d`, {
      ...annualised,
      inputs: ["returns_1d"],
      lookback: window,
      formula: `standard deviation of the last ${window} 1-day returns × √252`,
      compute: ([change], out) => {
        rollingStd(change, window, out);
        scale(out, annual);
      },
    }),
  ),
  stock("volatility_ratio", {
    ...crossSectional,
    inputs: ["volatility_20d", "volatility_60d"],
    lookback: 1,
    formula: "volatility_20d / volatility_60d",
    compute: map2(ratio),
  }),
  stock("volatility_ratio_5_20", {
    ...crossSectional,
    inputs: ["volatility_5d", "volatility_20d"],
    lookback: 1,
    formula: "volatility_5d / volatility_20d",
    compute: map2(ratio),
  }),
  stock("volatility_change", {
    ...crossSectional,
    inputs: ["volatility_20d"],
    lookback: 2,
    formula: "change of volatility_20d to the session before, as a ratio",
    compute: ([values], out) => pctChange(values, 1, out),
  }),
  ...[1, 5, 20].map((h) =>
    stock(`sharpe_${h}d`, {
      ...crossSectional,
      inputs: [`returns_${h}d`, "volatility_20d"],
      lookback: 1,
      formula: `${h}-day return / volatility_20d`,
      compute: map2(ratio),
    }),
  ),
  tail("high_vol_flag", 0.8, "above the 80th percentile", (value, bound) => value > bound),
  tail("low_vol_flag", 0.2, "below the 20th percentile", (value, bound) => value < bound),
];

const logRange: SeriesKernel = map2((high, low) => Math.log(ratio(high, low)) ** 2);

const ranges: readonly StockFeature[] = [
  stock("log_range_squared", {
    inputs: ["high", "low"],
    lookback: 1,
    internal: true,
    normalisation: "raw",
    unit: "ratio squared",
    formula: "ln(H / L)²",
    compute: logRange,
  }),
  stock("realized_volatility", {
    ...crossSectional,
    inputs: ["log_range_squared"],
    lookback: 20,
    formula: "root of the sum of ln(H / L)² over 20 sessions / (4 ln 2)",
    compute: ([squares], out) => {
      rollingSum(squares, 20, out);
      root(out, 1 / (4 * Math.LN2));
    },
  }),
  stock("rogers_satchell_term", {
    inputs: ["open", "high", "low", "close"],
    lookback: 1,
    internal: true,
    normalisation: "raw",
    unit: "ratio squared",
    formula: "ln(H / O) ln(H / C) + ln(L / O) ln(L / C)",
    compute: ([open, high, low, close], out) => {
      for (let i = 0; i < out.length; i += 1) {
        const up = Math.log(high[i] / open[i]) * Math.log(high[i] / close[i]);
        out[i] = up + Math.log(low[i] / open[i]) * Math.log(low[i] / close[i]);
      }
    },
  }),
  ...[20, 60].flatMap(rangeEstimators),
  stock("amihud_20", {
    inputs: ["returns_1d", "turnover"],
    lookback: 20,
    normalisation: "log",
    unit: "ratio a billion JPY",
    formula: "mean over 20 sessions of |1-day return| / turnover, × 10⁹; at least 5 of them",
    compute: ([change, turnover], out) => {
      const terms = change.map((value, i) => 1e9 * ratio(Math.abs(value), turnover[i]));
      rollingMean(terms, 20, out, { minPeriods: 5 });
    },
  }),
  stock("rsi_vol_interact", {
    inputs: ["rsi_14", "realized_volatility"],
    lookback: 1,
    normalisation: "cross_sectional",
    unit: "points",
    formula: "rsi_14 × realized_volatility",
    compute: map2((index, volatility) => index * volatility),
  }),
];

export const volatility: Family = defineFamily(
  "volatility",
  { source: "/equities/bars/daily", plan: "light" },
  [...closeToClose, ...ranges],
);

function rangeEstimators(window: number): readonly StockFeature[] {
  return [
    stock(`yz_vol_${window}`, {
      ...annualised,
      inputs: ["open", "close", "rogers_satchell_term"],
      lookback: window + 1,
      formula: `Yang and Zhang (2000) over ${window} sessions: root of overnight variance + k × open-to-close variance + (1 − k) × Rogers-Satchell, × √252`,
      deviation:
        "the published estimator; the earlier system weighted close-to-close and open-to-close variance",
      compute: yangZhang(window),
    }),
    stock(`pk_vol_${window}`, {
      ...annualised,
      inputs: ["log_range_squared"],
      lookback: window,
      formula: `Parkinson (1980) over ${window} sessions: root of the mean of ln(H / L)² / (4 ln 2), × √252`,
      compute: ([squares], out) => {
        rollingMean(squares, window, out);
        root(out, 252 / (4 * Math.LN2));
      },
    }),
    stock(`rs_vol_${window}`, {
      ...annualised,
      inputs: ["rogers_satchell_term"],
      lookback: window,
      formula: `Rogers and Satchell (1991) over ${window} sessions: root of the mean of ln(H/O) ln(H/C) + ln(L/O) ln(L/C), × √252`,
      compute: ([terms], out) => {
        rollingMean(terms, window, out);
        root(out, 252);
      },
    }),
    stock(`vov_${window}`, {
      ...annualised,
      inputs: [`yz_vol_${window}`],
      lookback: window,
      formula: `standard deviation of yz_vol_${window} over ${window} sessions`,
      compute: ([values], out) => rollingStd(values, window, out),
    }),
  ];
}

function yangZhang(window: number): SeriesKernel {
  const k = 0.34 / (1.34 + (window + 1) / (window - 1));
  return ([open, close, terms], out) => {
    const overnight = open.map((value, i) =>
      i === 0 ? Number.NaN : Math.log(value / close[i - 1]),
    );
    const session = open.map((value, i) => Math.log(close[i] / value));
    const overnightStd = rollingStd(overnight, window);
    const sessionStd = rollingStd(session, window);
    rollingMean(terms, window, out);
    for (let i = 0; i < out.length; i += 1) {
      const variance = overnightStd[i] ** 2 + k * sessionStd[i] ** 2 + (1 - k) * out[i];
      out[i] = annual * Math.sqrt(variance);
    }
  };
}

function tail(
  name: string,
  share: number,
  words: string,
  beyond: (value: number, bound: number) => boolean,
): StockFeature {
  return stock(name, {
    inputs: ["volatility_20d"],
    lookback: 252,
    isSelfContained: true,
    normalisation: "raw",
    unit: "flag",
    formula: `1 when volatility_20d is ${words} of its own last 252 sessions`,
    deviation:
      "trailing percentile; the earlier one was taken over the whole sample, future included",
    compute: ([values], out) => {
      rollingQuantile(values, 252, share, out, { minPeriods: 60 });
      for (let i = 0; i < out.length; i += 1) {
        out[i] = flag(beyond(values[i], out[i]), values[i], out[i]);
      }
    },
  });
}

function scale(values: Float64Array, factor: number): void {
  for (let i = 0; i < values.length; i += 1) values[i] *= factor;
}

function root(values: Float64Array, factor: number): void {
  for (let i = 0; i < values.length; i += 1) values[i] = Math.sqrt(values[i] * factor);
}
