// Returns of the 33 industries weighted by market value, so that a sector is what its large companies do. prior-system.md 1.7.

import { rollingSum, shift } from "../../stats/index.ts";
import { defineFamily, group, market, stock } from "../define.ts";
import { map2, ratio } from "../elementwise.ts";
import type { AggregateKernel, Family } from "../feature.ts";

/** Σ weight · value / Σ weight over the members that have both. */
const weightedMean: AggregateKernel = ([values, weights]) => {
  let [total, weight] = [0, 0];
  for (let i = 0; i < values.length; i += 1) {
    const product = values[i] * weights[i];
    if (product !== product) continue;
    total += product;
    weight += weights[i];
  }
  return ratio(total, weight);
};

const series = { normalisation: "time_series", unit: "ratio", by: "sector33" } as const;

export const sectorCap: Family = defineFamily(
  "sector-cap",
  { source: "/equities/bars/daily, /equities/master, /fins/summary", plan: "light" },
  [
    stock("market_value_before", {
      inputs: ["close", "stmt_base_shares"],
      lookback: 2,
      internal: true,
      normalisation: "log",
      unit: "JPY",
      formula: "close of the stock's session before × shares outstanding as known then",
      compute: ([close, count], out) => {
        for (let i = 0; i < out.length; i += 1) out[i] = close[i] * count[i];
        shift(out.slice(), 1, out);
      },
    }),
    group("sec_ret_1d_mcap", {
      ...series,
      inputs: ["returns_1d", "market_value_before"],
      lookback: 1,
      formula: "mean of returns_1d in the sector, weighted by market value at the session before",
      deviation: "weights of the session before: today's would contain today's return",
      compute: weightedMean,
    }),
    ...[5, 20].map((window) =>
      market(`sec_ret_${window}d_mcap`, {
        ...series,
        inputs: ["sec_ret_1d_mcap"],
        lookback: window,
        formula: `sec_ret_1d_mcap compounded over ${window} sessions`,
        compute: ([change], out) => {
          rollingSum(
            change.map((value) => Math.log1p(value)),
            window,
            out,
          );
          for (let i = 0; i < out.length; i += 1) out[i] = Math.expm1(out[i]);
        },
      }),
    ),
    ...[1, 5].map((window) =>
      stock(`rel_to_sec_${window}d_mcap`, {
        inputs: [`returns_${window}d`, `sec_ret_${window}d_mcap`],
        lookback: 1,
        normalisation: "cross_sectional",
        unit: "ratio",
        formula: `returns_${window}d − sec_ret_${window}d_mcap`,
        compute: map2((own, sector) => own - sector),
      }),
    ),
  ],
);
