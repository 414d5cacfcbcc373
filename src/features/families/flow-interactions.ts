// Products of a stock's signals with margin, earnings and investor flow. prior-system.md 1.17.

import { rollingMean } from "../../stats/index.ts";
import { defineFamily } from "../define.ts";
import { map2, map3 } from "../elementwise.ts";
import type { Family, SeriesKernel } from "../feature.ts";
import { interaction } from "./interaction.ts";

const times: SeriesKernel = map2((a, b) => a * b);

/** Sessions over which what was learned from a release fades to 1/e. */
const driftSessions = 5;

export const flowInteractions: Family = defineFamily(
  "flow-interactions",
  { source: "/markets/margin-alert, /fins/summary, /equities/investor-types", plan: "standard" },
  [
    interaction(
      "x_squeeze_pressure",
      ["dmi_short_to_adv20", "rel_strength_5d"],
      "dmi_short_to_adv20 × rel_strength_5d where that is above 0, else 0",
      map2((short, strength) => short * Math.max(strength, 0)),
    ),
    {
      ...interaction(
        "x_credit_rev_bias",
        ["dmi_credit_ratio", "z_close_20"],
        "mean of dmi_credit_ratio − 1 over 26 own sessions × how far z_close_20 is below 0, within ±100",
        ([credit, score], out) => {
          rollingMean(credit, 26, out);
          for (let i = 0; i < out.length; i += 1) {
            out[i] = within100((out[i] - 1) * Math.max(-score[i], 0));
          }
        },
      ),
      lookback: 26,
    },
    interaction(
      "x_pead_effect",
      ["stmt_rev_fore_op", "stmt_progress_op", "stmt_days_since_statement"],
      `(stmt_rev_fore_op + stmt_progress_op) × exp(−stmt_days_since_statement / ${driftSessions}), within ±100`,
      map3((revision, progress, age) =>
        within100((revision + progress) * Math.exp(-age / driftSessions)),
      ),
      "light",
    ),
    interaction(
      "x_pead_times_mkt",
      ["x_pead_effect", "mkt_trend_up"],
      "x_pead_effect, its sign turned when mkt_trend_up is 0",
      map2((effect, up) => effect * (2 * up - 1)),
      "light",
    ),
    interaction(
      "x_flow_smart_rel",
      ["flow_smart_idx", "rel_strength_5d"],
      "flow_smart_idx × rel_strength_5d",
      times,
      "light",
    ),
    interaction(
      "x_foreign_relsec",
      ["flow_foreign_net_z", "rel_to_sec_5d"],
      "flow_foreign_net_z × rel_to_sec_5d",
      times,
      "light",
    ),
    interaction(
      "x_foreign_size",
      ["flow_foreign_net_ratio", "market_value_z"],
      "flow_foreign_net_ratio of the stock's section × market_value_z",
      times,
      "light",
    ),
    interaction(
      "x_breadth_rel",
      ["flow_breadth_pos", "rel_strength_5d"],
      "flow_breadth_pos × rel_strength_5d",
      times,
      "light",
    ),
    interaction(
      "x_dmi_impulse_dir",
      ["dmi_impulse", "returns_1d"],
      "returns_1d on a session that first knows a daily margin record, else 0",
      times,
    ),
  ],
);

function within100(value: number): number {
  return Math.min(100, Math.max(-100, value));
}
