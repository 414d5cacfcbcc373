// Where a stock stands among all stocks of the session. prior-system.md 1.3 and 1.4.

import { rank, zscore } from "../../stats/index.ts";
import { crossSection, defineFamily } from "../define.ts";
import type { Family } from "../feature.ts";

const share = { normalisation: "raw", unit: "0 to 1", lookback: 1 } as const;

const ranks = [
  ["rank_ret_prev_1d", "returns_1d"],
  ["cs_rank_returns_20d", "returns_20d"],
  ["cs_rank_volatility", "volatility_20d"],
] as const;

export const crossSections: Family = defineFamily(
  "cross-section",
  { source: "/equities/bars/daily", plan: "light" },
  [
    ...ranks.map(([name, input]) =>
      crossSection(name, {
        ...share,
        inputs: [input],
        formula: `rank of ${input} among the session's stocks as a share, ties averaged`,
        compute: ([values], out) => rank(values, out, { pct: true }),
      }),
    ),
    crossSection("volume_cs_z", {
      inputs: ["turnover"],
      lookback: 1,
      normalisation: "raw",
      unit: "standard deviations",
      formula: "(ln turnover − mean) / standard deviation among the session's stocks",
      deviation:
        "of the logarithm of turnover in JPY; share counts are not comparable across stocks",
      compute: ([turnover], out) => {
        for (let i = 0; i < out.length; i += 1) {
          out[i] = turnover[i] > 0 ? Math.log(turnover[i]) : Number.NaN;
        }
        zscore(out, out);
      },
    }),
  ],
);
