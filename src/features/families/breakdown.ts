// Who sold and who bought each stock, by kind of order, from the session after. prior-system.md 1.19.

import { rollingMean, rollingZscore } from "../../stats/index.ts";
import { defineFamily, event, stock } from "../define.ts";
import { map1, map2, mapN, ratio } from "../elementwise.ts";
import type { EventSource } from "../event-sources.ts";
import type { Family, SeriesKernel } from "../feature.ts";

const columns = [
  ["sell_cash", "LongSellVa"],
  ["sell_short", "ShrtNoMrgnVa"],
  ["sell_new", "MrgnSellNewVa"],
  ["sell_close", "MrgnSellCloseVa"],
  ["buy_cash", "LongBuyVa"],
  ["buy_new", "MrgnBuyNewVa"],
  ["buy_close", "MrgnBuyCloseVa"],
] as const;

const sells = ["sell_cash", "sell_short", "sell_new", "sell_close"] as const;
const buys = ["buy_cash", "buy_new", "buy_close"] as const;

export const breakdownEvents: EventSource = {
  name: "breakdown",
  tables: ["markets_breakdown"],
  by: "stock",
  fields: columns.map(([name, column]) => ({ name, meaning: `${column}, JPY` })),
  sql: `SELECT "Code" AS key, available_at, "Date" AS day, ${columns
    .map(([name, column]) => `"${column}" AS ${name}`)
    .join(", ")} FROM markets_breakdown`,
  keepable: { table: "markets_breakdown" },
};

const shared = { events: "breakdown", maxAge: 5 } as const;
const yen = { ...shared, normalisation: "log", unit: "JPY" } as const;
const net = { ...shared, normalisation: "cross_sectional", unit: "JPY" } as const;
const share = { ...shared, normalisation: "cross_sectional", unit: "ratio" } as const;

/** Sessions of the scores, and the fewest that must be known. */
const window = 260;
const fewest = 20;

const sum: SeriesKernel = (inputs, out) => {
  out.fill(0);
  for (const values of inputs) for (let i = 0; i < out.length; i += 1) out[i] += values[i];
};

export const breakdown: Family = defineFamily(
  "breakdown",
  { source: "/markets/breakdown", plan: "premium" },
  [
    event("bd_total_buy", {
      ...yen,
      inputs: buys,
      formula: "JPY bought: for cash, on new margin, to close margin shorts",
      compute: sum,
    }),
    event("bd_total_sell", {
      ...yen,
      inputs: sells,
      formula: "JPY sold: held shares, short, on new margin, to close margin longs",
      compute: sum,
    }),
    event("bd_credit_new_net", {
      ...net,
      inputs: ["buy_new", "sell_new"],
      formula: "JPY bought on new margin − sold on new margin",
      compute: map2((buy, sell) => buy - sell),
    }),
    event("bd_credit_close_net", {
      ...net,
      inputs: ["buy_close", "sell_close"],
      formula: "JPY bought to close shorts − sold to close longs",
      compute: map2((buy, sell) => buy - sell),
    }),
    event("bd_net_value", {
      ...net,
      inputs: ["buy_cash", "sell_cash"],
      formula: "JPY bought for cash − sold out of holdings",
      deviation: "cash orders alone: all purchases less all sales is 0 by construction",
      compute: map2((buy, sell) => buy - sell),
    }),
    event("bd_net_ratio", {
      ...share,
      inputs: ["buy_cash", "sell_cash"],
      formula: "(cash purchases − sales out of holdings) / their sum",
      compute: map2((buy, sell) => ratio(buy - sell, buy + sell)),
    }),
    event("bd_short_share", {
      ...share,
      inputs: sells,
      formula: "(short sales + new margin sales) / all sales",
      compute: mapN((cash, short, opened, closed) =>
        ratio(short + opened, cash + short + opened + closed),
      ),
    }),
    ...(
      [
        ["bd_net_z_52", "bd_net_ratio"],
        ["bd_short_z_52", "bd_short_share"],
      ] as const
    ).map(([name, input]) =>
      stock(name, {
        inputs: [input],
        lookback: window,
        normalisation: "cross_sectional",
        unit: "standard deviations",
        formula: `${input} against its ${window} own sessions (52 weeks), at least ${fewest} of them known`,
        compute: ([values], out) => rollingZscore(values, window, out, { minPeriods: fewest }),
      }),
    ),
    stock("bd_activity_ratio", {
      inputs: ["bd_total_sell"],
      lookback: 20,
      normalisation: "cross_sectional",
      unit: "ratio",
      formula: "bd_total_sell / its mean of 20 own sessions",
      compute: ([total], out) => {
        rollingMean(total, 20, out);
        for (let i = 0; i < out.length; i += 1) out[i] = ratio(total[i], out[i]);
      },
    }),
    stock("is_bd_valid", {
      inputs: ["bd_total_sell"],
      lookback: 1,
      normalisation: "raw",
      unit: "flag",
      formula: "1 when there is a breakdown, at most 5 sessions old",
      compute: map1((value) => Number(value === value)),
    }),
  ],
);
