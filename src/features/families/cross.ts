// A stock against TOPIX over the stock's own sessions, both known at the same close. prior-system.md 1.6.

import { pctChange, rollingBeta, rollingStd } from "../../stats/index.ts";
import { defineFamily, stock } from "../define.ts";
import { flag, map2, map3, ratio } from "../elementwise.ts";
import type { Family } from "../feature.ts";

const crossSectional = { normalisation: "cross_sectional", unit: "ratio" } as const;

const marketReturns = [1, 5].map((h) =>
  stock(`mkt_own_ret_${h}d`, {
    ...crossSectional,
    internal: true,
    inputs: ["topix_close"],
    lookback: h + 1,
    formula: `TOPIX return over the stock's last ${h} own sessions`,
    compute: ([close], out) => pctChange(close, h, out),
  }),
);

export const cross: Family = defineFamily(
  "cross",
  { source: "/equities/bars/daily, /indices/bars/daily/topix", plan: "light" },
  [
    ...marketReturns,
    stock("beta_60d", {
      ...crossSectional,
      inputs: ["returns_1d", "mkt_own_ret_1d"],
      lookback: 60,
      formula:
        "covariance / variance of 1-day returns with TOPIX's of the same sessions, 60 sessions",
      deviation:
        "contemporaneous; the earlier system paired the return with TOPIX's of the session before",
      compute: ([own, market], out) => rollingBeta(own, market, 60, out),
    }),
    ...[1, 5].map((h) =>
      stock(`alpha_${h}d`, {
        ...crossSectional,
        inputs: [`returns_${h}d`, "beta_60d", `mkt_own_ret_${h}d`],
        lookback: 1,
        formula: `returns_${h}d − beta_60d × TOPIX's return`,
        compute: map3((own, beta, market) => own - beta * market),
      }),
    ),
    stock("rel_strength_5d", {
      ...crossSectional,
      inputs: ["returns_5d", "mkt_own_ret_5d"],
      lookback: 1,
      formula: "returns_5d − TOPIX's return",
      compute: map2((own, market) => own - market),
    }),
    stock("trend_align_mkt", {
      normalisation: "raw",
      unit: "flag",
      inputs: ["ma_gap_5_20", "mkt_gap_5_20"],
      lookback: 1,
      formula: "1 when ma_gap_5_20 and mkt_gap_5_20 have the same sign",
      compute: map2((own, market) => flag(Math.sign(own) === Math.sign(market), own, market)),
    }),
    stock("alpha_vs_regime", {
      ...crossSectional,
      inputs: ["alpha_1d", "mkt_bull_200"],
      lookback: 1,
      formula: "alpha_1d × mkt_bull_200",
      compute: map2((alpha, bull) => alpha * bull),
    }),
    stock("idio_vol_ratio", {
      ...crossSectional,
      inputs: ["volatility_20d", "mkt_vol_20d"],
      lookback: 1,
      formula: "volatility_20d / mkt_vol_20d",
      compute: map2(ratio),
    }),
    stock("beta_stability_60d", {
      ...crossSectional,
      inputs: ["beta_60d"],
      lookback: 20,
      formula: "1 / standard deviation of beta_60d over 20 sessions",
      compute: ([beta], out) => {
        rollingStd(beta, 20, out);
        for (let i = 0; i < out.length; i += 1) out[i] = ratio(1, out[i]);
      },
    }),
    stock("systematic_risk", {
      ...crossSectional,
      inputs: ["beta_60d", "volatility_20d"],
      lookback: 1,
      formula: "beta_60d × volatility_20d",
      compute: map2((beta, volatility) => beta * volatility),
    }),
  ],
);
