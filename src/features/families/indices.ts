// The exchange's indices: each sector's own index, spreads between styles, sizes and sectors, and breadth. prior-system.md 1.7.

import { pctChange, rollingMean, rollingStd, rollingZscore } from "../../stats/index.ts";
import { defineFamily, market } from "../define.ts";
import { map2, ratio } from "../elementwise.ts";
import type { Family, MarketFeature } from "../feature.ts";

const sector = { by: "sector33", normalisation: "time_series", unit: "ratio" } as const;
const annual = Math.sqrt(252);
const bars = ["sector_index_open", "sector_index_high", "sector_index_low", "sector_index_close"];

const sectorIndex: readonly MarketFeature[] = [
  ...[1, 5, 20].map((h) =>
    market(`sect_r_${h}d`, {
      ...sector,
      inputs: ["sector_index_close"],
      lookback: h + 1,
      formula: `sector index C_t / C_{t−${h}} − 1`,
      compute: ([close], out) => pctChange(close, h, out),
    }),
  ),
  market("sect_r_oc", {
    ...sector,
    inputs: ["sector_index_open", "sector_index_close"],
    lookback: 1,
    formula: "sector index C / O − 1",
    compute: map2((open, close) => ratio(close, open) - 1),
  }),
  market("sect_r_co", {
    ...sector,
    inputs: ["sector_index_open", "sector_index_close"],
    lookback: 2,
    formula: "sector index O_t / C_{t−1} − 1",
    compute: ([open, close], out) => {
      for (let i = 0; i < out.length; i += 1) {
        out[i] = i === 0 ? Number.NaN : ratio(open[i], close[i - 1]) - 1;
      }
    },
  }),
  market("sect_natr14", {
    ...sector,
    inputs: bars.slice(1),
    lookback: 15,
    formula: "mean over 14 sessions of the sector index's true range / C",
    compute: ([high, low, close], out) => {
      const range = high.map((top, i) => {
        const before = i === 0 ? Number.NaN : close[i - 1];
        return Math.max(top - low[i], Math.abs(top - before), Math.abs(low[i] - before));
      });
      rollingMean(range, 14, out);
      for (let i = 0; i < out.length; i += 1) out[i] = ratio(out[i], close[i]);
    },
  }),
  market("sect_vol_20d", {
    ...sector,
    inputs: ["sect_r_1d"],
    lookback: 20,
    formula: "standard deviation of sect_r_1d over 20 sessions × √252",
    compute: ([change], out) => {
      rollingStd(change, 20, out);
      for (let i = 0; i < out.length; i += 1) out[i] *= annual;
    },
  }),
  rangeVolatility("sect_pk_vol_20d", "Parkinson: ln(H/L)² / (4 ln 2)", (_o, h, l) => {
    return Math.log(h / l) ** 2 / (4 * Math.LN2);
  }),
  rangeVolatility(
    "sect_gk_vol_20d",
    "Garman-Klass: ½ ln(H/L)² − (2 ln 2 − 1) ln(C/O)²",
    (o, h, l, c) => {
      return 0.5 * Math.log(h / l) ** 2 - (2 * Math.LN2 - 1) * Math.log(c / o) ** 2;
    },
  ),
  rangeVolatility(
    "sect_rs_vol_20d",
    "Rogers-Satchell: ln(H/O) ln(H/C) + ln(L/O) ln(L/C)",
    (o, h, l, c) => {
      return Math.log(h / o) * Math.log(h / c) + Math.log(l / o) * Math.log(l / c);
    },
  ),
  market("sect_z_close_20", {
    ...sector,
    normalisation: "raw",
    unit: "standard deviations",
    inputs: ["sector_index_close"],
    lookback: 20,
    formula: "(C − mean of 20) / standard deviation of 20 closes of the sector index",
    compute: ([close], out) => rollingZscore(close, 20, out),
  }),
  market("sect_price_to_sma20", {
    ...sector,
    inputs: ["sector_index_close"],
    lookback: 20,
    formula: "C / mean of 20 closes of the sector index",
    compute: ([close], out) => {
      rollingMean(close, 20, out);
      for (let i = 0; i < out.length; i += 1) out[i] = ratio(close[i], out[i]);
    },
  }),
  market("sect_z_r1d_60", {
    ...sector,
    normalisation: "raw",
    unit: "standard deviations",
    inputs: ["sect_r_1d"],
    lookback: 60,
    formula: "(sect_r_1d − mean of 60) / standard deviation of 60 sessions",
    compute: ([change], out) => rollingZscore(change, 60, out),
  }),
  market("sect_rel_r_5d", {
    ...sector,
    inputs: ["sect_r_5d", "mkt_ret_5d"],
    lookback: 1,
    formula: "sect_r_5d − mkt_ret_5d",
    compute: map2((own, topix) => own - topix),
  }),
  market("sect_rel_vol_20d", {
    ...sector,
    inputs: ["sect_vol_20d", "mkt_vol_20d"],
    lookback: 1,
    formula: "sect_vol_20d / mkt_vol_20d",
    compute: map2(ratio),
  }),
];

/** Value less growth, large less small, Prime less Standard and Growth, sector and REIT pairs. */
const pairs = [
  "8100-8200", "0028-002D", "0500-0501", "0500-0502", "0084-0083", "0088-0085", "0089-0081",
  "0082-0087", "008E-008F", "008C-008D", "008B-008A", "8501-8502", "8501-8503", "8502-8503",
  "002A-002B", "002E-002F", "002C-002F", "0029-002B", "812C-822C", "812D-822D",
].map((pair) => pair.split("-")); // prettier-ignore

const spreads = pairs.map(([left, right]) =>
  market(`spread_${left.toLowerCase()}_${right.toLowerCase()}`, {
    inputs: [`index_${left}_close`, `index_${right}_close`],
    lookback: 6,
    normalisation: "time_series",
    unit: "ratio",
    formula: `5-session return of index ${left} less that of index ${right}`,
    compute: ([a, b], out) => {
      const other = pctChange(b, 5);
      pctChange(a, 5, out);
      for (let i = 0; i < out.length; i += 1) out[i] -= other[i];
    },
  }),
);

const sector33Indices = codesFrom(0x40, 33);
const sector17Indices = codesFrom(0x80, 17);

export const indices: Family = defineFamily(
  "indices",
  { source: "/indices/bars/daily", plan: "standard" },
  [
    ...sectorIndex,
    ...spreads,
    breadth("breadth_sector_gt_ma50", sector33Indices, "33 sector"),
    breadth("breadth_t17_gt_ma50", sector17Indices, "TOPIX-17"),
  ],
);

function rangeVolatility(
  name: string,
  words: string,
  term: (open: number, high: number, low: number, close: number) => number,
): MarketFeature {
  return market(name, {
    ...sector,
    inputs: bars,
    lookback: 20,
    formula: `${words}, root of the mean over 20 sessions of the sector index × √252`,
    compute: ([open, high, low, close], out) => {
      const terms = open.map((value, i) => term(value, high[i], low[i], close[i]));
      rollingMean(terms, 20, out);
      for (let i = 0; i < out.length; i += 1) out[i] = annual * Math.sqrt(Math.max(0, out[i]));
    },
  });
}

function breadth(name: string, codes: readonly string[], words: string): MarketFeature {
  return market(name, {
    inputs: codes.map((code) => `index_${code}_close`),
    lookback: 50,
    normalisation: "raw",
    unit: "0 to 1",
    formula: `share of the ${words} indices above their mean of 50 closes`,
    compute: shareAboveMean,
  });
}

function shareAboveMean(series: readonly Float64Array[], out: Float64Array): void {
  const known = new Float64Array(out.length);
  const above = new Float64Array(out.length);
  for (const close of series) {
    const average = rollingMean(close, 50);
    for (let i = 0; i < out.length; i += 1) {
      if (average[i] !== average[i] || close[i] !== close[i]) continue;
      known[i] += 1;
      if (close[i] > average[i]) above[i] += 1;
    }
  }
  for (let i = 0; i < out.length; i += 1) out[i] = ratio(above[i], known[i]);
}

function codesFrom(first: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) =>
    (first + i).toString(16).toUpperCase().padStart(4, "0"),
  );
}
