// Products of two signals, and signals gated by a regime, from prices, TOPIX and sectors. prior-system.md 1.17.

import { shift } from "../../stats/index.ts";
import { defineFamily } from "../define.ts";
import { map2, map3, mapN, ratio } from "../elementwise.ts";
import type { Family, SeriesKernel, StockFeature } from "../feature.ts";
import { interaction } from "./interaction.ts";

const times: SeriesKernel = map2((a, b) => a * b);

const trends: readonly StockFeature[] = [
  interaction(
    "x_trend_intensity",
    ["ma_gap_5_20", "mkt_gap_5_20"],
    "ma_gap_5_20 × mkt_gap_5_20",
    times,
  ),
  interaction(
    "x_trend_intensity_g",
    ["ma_gap_5_20", "mkt_trend_up"],
    "ma_gap_5_20, its sign turned when mkt_trend_up is 0",
    map2((gap, up) => gap * (2 * up - 1)),
  ),
  interaction(
    "x_rel_sec_mom",
    ["rel_to_sec_5d", "sec_mom_20"],
    "rel_to_sec_5d × sec_mom_20",
    times,
  ),
  interaction(
    "x_z_sec_gap_mom",
    ["z_in_sec_ma_gap_5_20", "sec_mom_20"],
    "z_in_sec_ma_gap_5_20 × sec_mom_20",
    times,
  ),
  interaction(
    "x_tri_align",
    ["mkt_gap_5_20", "sec_mom_20", "ma_gap_5_20"],
    "ma_gap_5_20 while mkt_gap_5_20 and sec_mom_20 are above 0, else 0",
    map3((market, sector, own) => gate(market > 0 && sector > 0) * own),
  ),
];

const momenta: readonly StockFeature[] = [
  ...[5, 10].map((h) =>
    interaction(
      `x_mom_sh_${h}`,
      [`returns_${h}d`, "volatility_20d"],
      `returns_${h}d / volatility_20d`,
      map2(ratio),
    ),
  ),
  interaction(
    "x_mom_sh_5_mktneu",
    ["alpha_5d", "volatility_20d"],
    "(returns_5d − beta_60d × TOPIX's return) / volatility_20d",
    map2(ratio),
  ),
  interaction(
    "x_alpha_meanrev_stable",
    ["alpha_1d", "beta_stability_60d"],
    "−alpha_1d × beta_stability_60d",
    map2((alpha, stability) => -alpha * stability),
  ),
  interaction(
    "x_rev_gate",
    ["mkt_high_vol", "z_close_20"],
    "how far z_close_20 is below 0 while mkt_high_vol, else 0",
    map2((high, score) => gate(high === 1) * Math.max(-score, 0)),
  ),
  interaction(
    "x_bo_gate",
    ["mkt_high_vol", "ma_gap_5_20"],
    "1 while ma_gap_5_20 is above 0 and mkt_high_vol is not 1",
    map2((high, gap) => (gap === gap ? gate(high !== 1 && gap > 0) : gap)),
  ),
];

const volumes: readonly StockFeature[] = [
  interaction(
    "x_rvol5_dir",
    ["volume_ratio_5", "returns_1d"],
    "volume_ratio_5 × sign of returns_1d",
    map2((activity, change) => activity * Math.sign(change)),
  ),
  interaction(
    "x_rvol5_bb",
    ["volume_ratio_5", "bb_position"],
    "volume_ratio_5 × bb_position",
    times,
  ),
  interaction(
    "x_bbpos_rvol5",
    ["bb_position", "volume_ratio_5"],
    "how far bb_position is above the middle × volume_ratio_5",
    map2((place, activity) => Math.max(place - 0.5, 0) * activity),
  ),
  {
    ...interaction(
      "x_bbneg_rvol5",
      ["bb_position", "volume_ratio_5"],
      "how far bb_position is below the middle × volume_ratio_5",
      map2((place, activity) => Math.max(0.5 - place, 0) * activity),
    ),
    deviation:
      "measured from the middle of the bands: below 0, where the earlier one looked, it never is",
  },
  {
    ...interaction(
      "x_liquidityshock_mom",
      ["turnover", "returns_5d"],
      "change of turnover to the session before as a ratio, within ±0.5, × returns_5d",
      ([turnover, change], out) => {
        const before = shift(turnover, 1);
        for (let i = 0; i < out.length; i += 1) {
          const shock = ratio(turnover[i], before[i]) - 1;
          out[i] = Math.min(0.5, Math.max(-0.5, shock)) * change[i];
        }
      },
    ),
    lookback: 2,
  },
  interaction(
    "x_range_trend",
    ["close_to_low", "ma_gap_5_20", "volume_ratio_20"],
    "(close_to_low − ½) × ma_gap_5_20 × volume_ratio_20",
    mapN((place, gap, activity) => (place - 0.5) * gap * activity),
  ),
];

export const interactions: Family = defineFamily(
  "interactions",
  { source: "/equities/bars/daily, /indices/bars/daily/topix, /equities/master", plan: "light" },
  [...trends, ...momenta, ...volumes],
);

/** A 0/1 gate: a condition on a missing value is not met. */
function gate(isOpen: boolean): number {
  return isOpen ? 1 : 0;
}
