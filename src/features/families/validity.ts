// Flags that say whether a column has seen enough of the stock: rows since listing, and its source being there. prior-system.md 1.21.

import { defineFamily, stock } from "../define.ts";
import { map2 } from "../elementwise.ts";
import type { Family, StockFeature } from "../feature.ts";

/** Flag, own sessions it takes, column that must be there. */
const rules = [
  ["is_rsi2_valid", 5, "rsi_2"],
  ["is_ema5_valid", 15, "ema_base_5"],
  ["is_ema10_valid", 30, "ema_base_10"],
  ["is_ema20_valid", 60, "ema_base_20"],
  ["is_ema60_valid", 180, "ema_base_60"],
  ["is_ema200_valid", 200, "ema_base_200"],
  ["is_valid_ma", 60, "sma_base_60"],
  ["is_mkt_z_valid", 1, "mkt_vol_20d_z"],
  ["is_beta_valid", 60, "beta_60d"],
  ["is_adv_valid", 20, "vol_confirmed_mom"],
  ["is_adv_vol_valid", 60, "yz_vol_60"],
] as const;

const rowIndex: StockFeature = stock("row_idx", {
  inputs: ["close"],
  lookback: Infinity,
  normalisation: "log",
  unit: "sessions",
  formula:
    "sessions in which the stock has traded so far, today included, from the lake's first one on",
  compute: (_inputs, out) => {
    for (let i = 0; i < out.length; i += 1) out[i] = i + 1;
  },
});

export const validity: Family = defineFamily(
  "validity",
  { source: "/equities/bars/daily", plan: "light" },
  [
    rowIndex,
    ...rules.map(([name, sessions, column]) =>
      stock(name, {
        inputs: ["row_idx", column],
        lookback: 1,
        normalisation: "raw",
        unit: "flag",
        formula: `1 from the stock's session ${sessions} on, when ${column} is there`,
        compute: map2((row, value) => Number(row >= sessions && value === value)),
      }),
    ),
  ],
);
