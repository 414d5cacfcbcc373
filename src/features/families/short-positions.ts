// Short interest of each stock from the reports of holders of 0.5% and more. prior-system.md 1.12.

import { diff, rank, rollingMean, rollingQuantile, rollingZscore } from "../../stats/index.ts";
import { crossSection, defineFamily, event, stock } from "../define.ts";
import { flag, map1, map2, ratio } from "../elementwise.ts";
import type { EventSource } from "../event-sources.ts";
import type { Family } from "../feature.ts";
import { onePass } from "../for-fields.ts";
import { splitsSql } from "../source-sql.ts";

export const shortPositionEvents: EventSource = {
  name: "short_positions",
  tables: ["markets_short_sale_report", "equities_bars_daily"],
  by: "stock",
  fields: [
    { name: "calculated", meaning: "CalcDate as epoch day" },
    { name: "holder", meaning: "number that stands for SSName, DICName and FundName together" },
    { name: "position", meaning: "ShrtPosToSO, of the shares outstanding" },
    { name: "shares", meaning: "ShrtPosShares × the product of adjustment factors" },
  ],
  sql: `WITH splits AS (${splitsSql}) SELECT r."Code" AS key, r.available_at, r."DiscDate" AS day,
    r."CalcDate" - DATE '1970-01-01' AS calculated,
    CAST(hash(concat_ws('|', r."SSName", r."DICName", r."FundName")) >> 12 AS DOUBLE) AS holder,
    r."ShrtPosToSO" AS position, r."ShrtPosShares" * COALESCE(s.basis, 1) AS shares
    FROM markets_short_sale_report r ASOF LEFT JOIN splits s ON r."Code" = s."Code" AND r."CalcDate" >= s.split_day`,
  keepable: { table: "markets_short_sale_report", splitsTo: "calculated" },
};

/** Below this share of the shares outstanding a holder stops reporting. */
const reportingThreshold = 0.005;

interface Position {
  readonly calculated: number;
  readonly position: number;
  readonly shares: number;
}

/** What the holders say together: how many there are, their positions' sum and largest, their shares. */
const [reporters, total, largest, totalShares] = onePass(
  4,
  ([calculated, holder, position, shares], outs) => {
    const [count, sum, top, sumOfShares] = outs;
    const book = new Map<number, Position>();
    for (let i = 0; i < count.length; i += 1) {
      const known = book.get(holder[i]);
      if (known === undefined || known.calculated <= calculated[i]) {
        book.set(holder[i], {
          calculated: calculated[i],
          position: position[i],
          shares: shares[i],
        });
      }
      for (const held of book.values()) {
        if (!(held.position >= reportingThreshold)) continue;
        count[i] += 1;
        sum[i] += held.position;
        top[i] = Math.max(top[i], held.position);
        sumOfShares[i] += held.shares;
      }
    }
  },
);

const shared = {
  events: "short_positions",
  maxAge: 250,
  inputs: ["calculated", "holder", "position", "shares"],
  lookback: Infinity,
} as const;

const crossSectional = { normalisation: "cross_sectional", unit: "ratio" } as const;

export const shortPositions: Family = defineFamily(
  "short-positions",
  { source: "/markets/short-sale-report", plan: "standard" },
  [
    event("ss_reporters", {
      ...shared,
      normalisation: "cross_sectional",
      unit: "holders",
      formula: "holders whose last report shows 0.5% of the shares or more",
      deviation: "the earlier block read a per-stock daily ratio that the API does not have",
      compute: reporters,
    }),
    event("ss_ratio", {
      ...shared,
      ...crossSectional,
      formula: "sum of the last reported positions of 0.5% and more, of the shares outstanding",
      compute: total,
    }),
    event("ss_ratio_max", {
      ...shared,
      ...crossSectional,
      formula: "largest of those positions; 0 when all have gone below 0.5%",
      compute: largest,
    }),
    event("ss_base_shares", {
      ...shared,
      internal: true,
      normalisation: "log",
      unit: "shares",
      formula: "sum of those positions in shares, on the forward basis",
      compute: totalShares,
    }),
    event("ss_impulse", {
      ...shared,
      inputs: ["position"],
      lookback: 1,
      join: "impulse",
      normalisation: "raw",
      unit: "flag",
      formula: "1 on the session that first knows a report",
    }),
    event("ss_days_since", {
      ...shared,
      inputs: ["position"],
      lookback: 1,
      join: "since",
      normalisation: "raw",
      unit: "sessions",
      formula: "sessions since a report on the stock came out",
    }),
    ...[1, 5, 10, 20].map((h) =>
      stock(`ss_ratio_d${h}`, {
        ...crossSectional,
        inputs: ["ss_ratio"],
        lookback: h + 1,
        formula: `ss_ratio − its value ${h} own sessions before`,
        compute: ([values], out) => diff(values, h, out),
      }),
    ),
    ...[5, 20].map((window) =>
      stock(`ss_ratio_ma${window}`, {
        ...crossSectional,
        inputs: ["ss_ratio"],
        lookback: window,
        formula: `mean of ss_ratio over ${window} sessions`,
        compute: ([values], out) => rollingMean(values, window, out),
      }),
    ),
    stock("ss_ratio_z252", {
      ...crossSectional,
      unit: "standard deviations",
      inputs: ["ss_ratio"],
      lookback: 252,
      formula: "ss_ratio against its 252 sessions, at least 60 of them known",
      deviation: "named for its 252 sessions; it was called z52",
      compute: ([values], out) => rollingZscore(values, 252, out, { minPeriods: 60 }),
    }),
    stock("ss_extreme_high", {
      normalisation: "raw",
      unit: "flag",
      inputs: ["ss_ratio"],
      lookback: 252,
      isSelfContained: true,
      formula: "1 when ss_ratio is above the 95% quantile of its 252 sessions, at least 60 known",
      deviation: "a trailing quantile; it was one of the whole sample",
      compute: ([values], out) => {
        rollingQuantile(values, 252, 0.95, out, { minPeriods: 60 });
        for (let i = 0; i < out.length; i += 1)
          out[i] = flag(values[i] > out[i], values[i], out[i]);
      },
    }),
    crossSection("ss_ratio_rank", {
      normalisation: "raw",
      unit: "0 to 1",
      inputs: ["ss_ratio"],
      lookback: 1,
      formula: "rank of ss_ratio among the session's stocks with reports, as a share",
      compute: ([values], out) => rank(values, out, { pct: true }),
    }),
    stock("ss_shares_to_adv20", {
      ...crossSectional,
      inputs: ["ss_base_shares", "volume_base_20"],
      lookback: 1,
      formula: "shares in those positions / mean volume of 20 sessions",
      compute: map2(ratio),
    }),
    stock("is_ss_valid", {
      inputs: ["ss_ratio"],
      lookback: 1,
      normalisation: "raw",
      unit: "flag",
      formula: "1 when there is a report, at most 250 sessions old",
      compute: map1((value) => Number(value === value)),
    }),
  ],
);
