// Index futures: the night session, the day, basis, carry and open interest of the central contract. prior-system.md 1.18.

import { rollingZscore } from "../../stats/index.ts";
import { defineFamily, event, market } from "../define.ts";
import { flag, map1, map2, map3, mapN, ratio } from "../elementwise.ts";
import type { EventSource } from "../event-sources.ts";
import type { EventKernel, Family, Feature } from "../feature.ts";

interface Category {
  readonly suffix: string;
  /** ProdCat. */
  readonly product: string;
  /** The index that the contract is on; undefined where the API does not serve it. */
  readonly spot: Spot | undefined;
}

interface Spot {
  readonly name: string;
  readonly table: string;
  /** SQL giving "Date" and spot, the close of the day. */
  readonly sql: string;
}

const categories: readonly Category[] = [
  {
    suffix: "topixf",
    product: "TOPIXF",
    spot: {
      name: "TOPIX",
      table: "indices_bars_daily_topix",
      sql: `SELECT "Date", "C" AS spot FROM indices_bars_daily_topix`,
    },
  },
  {
    suffix: "nk225f",
    product: "NK225F",
    spot: {
      name: "the Nikkei 225, as option prices name it",
      table: "derivatives_bars_daily_options_225",
      sql: `SELECT "Date", max("UnderPx") AS spot FROM derivatives_bars_daily_options_225 GROUP BY "Date"`,
    },
  },
  { suffix: "jn400f", product: "JN400F", spot: undefined },
  {
    suffix: "reitf",
    product: "REITF",
    spot: {
      name: "the TSE REIT index",
      table: "indices_bars_daily",
      sql: `SELECT "Date", "C" AS spot FROM indices_bars_daily WHERE "Code" = '0075'`,
    },
  },
];

const noSpot = `SELECT CAST(NULL AS DATE) AS "Date", CAST(NULL AS DOUBLE) AS spot WHERE false`;

/** The central contract's row of each day, beside the same contract's row before. */
function sourceOf({ product, suffix, spot }: Category): EventSource {
  return {
    name: `futures_${suffix}`,
    tables: ["derivatives_bars_daily_futures", ...(spot === undefined ? [] : [spot.table])],
    by: "market",
    fields: [
      { name: "day_close", meaning: "AC" },
      { name: "day_before", meaning: "AC of the same contract the trading day before" },
      { name: "night_high", meaning: "EH" },
      { name: "night_low", meaning: "EL" },
      { name: "night_close", meaning: "EC" },
      { name: "whole_open", meaning: "O" },
      { name: "whole_close", meaning: "C" },
      { name: "whole_before", meaning: "C of the same contract the trading day before" },
      { name: "oi", meaning: "OI" },
      { name: "oi_before", meaning: "OI of the same contract the trading day before" },
      { name: "volume", meaning: "Vo" },
      { name: "days_left", meaning: "SQD − Date" },
      { name: "spot", meaning: "close of the index" },
      { name: "emergency", meaning: "1 when an emergency margin snapshot exists" },
      { name: "contract", meaning: "contract month, in months" },
    ],
    sql: `WITH settled AS (SELECT *, max(CASE WHEN "EmMrgnTrgDiv" = '001' THEN 1 ELSE 0 END) OVER (PARTITION BY "Date", "Code") AS emergency
        FROM derivatives_bars_daily_futures WHERE "ProdCat" = '${product}'
        QUALIFY row_number() OVER (PARTITION BY "Date", "Code" ORDER BY "EmMrgnTrgDiv" DESC) = 1),
      chained AS (SELECT *, lag("AC") OVER contract AS day_before, lag("C") OVER contract AS whole_before,
        lag("OI") OVER contract AS oi_before FROM settled WINDOW contract AS (PARTITION BY "Code" ORDER BY "Date"))
      SELECT f.available_at, f."Date" AS day, nullif(f."AC", 0) AS day_close, nullif(f.day_before, 0) AS day_before,
      TRY_CAST(f."EH" AS DOUBLE) AS night_high, TRY_CAST(f."EL" AS DOUBLE) AS night_low, TRY_CAST(f."EC" AS DOUBLE) AS night_close,
      nullif(f."O", 0) AS whole_open, nullif(f."C", 0) AS whole_close, nullif(f.whole_before, 0) AS whole_before, f."OI" AS oi, f.oi_before,
      f."Vo" AS volume, f."SQD" - f."Date" AS days_left, s.spot, f.emergency,
      TRY_CAST(left(f."CM", 4) AS DOUBLE) * 12 + TRY_CAST(right(f."CM", 2) AS DOUBLE) AS contract
      FROM chained f LEFT JOIN (${spot?.sql ?? noSpot}) s ON f."Date" = s."Date" WHERE f."CCMFlag" = '1'`,
  };
}

export const futuresEvents: readonly EventSource[] = categories.map(sourceOf);

const lateNight =
  "from the session after the night's trade date, when the API first serves it, not on that date";

const returnOf: EventKernel = map2((to, from) => ratio(to, from) - 1);

interface Named {
  readonly event: (
    name: string,
    rest: Omit<Parameters<typeof event>[1], "events" | "by" | "maxAge">,
  ) => Feature;
  readonly score: (name: string, input: string, window: number) => Feature;
  readonly valid: (name: string, input: string) => Feature;
}

const series = { normalisation: "time_series", unit: "ratio" } as const;
const raw = { normalisation: "raw", unit: "flag" } as const;
const contracts = { normalisation: "log", unit: "contracts" } as const;

/** Declares features under the category's suffix. */
function namedFor(suffix: string): Named {
  const named = (name: string): string => `${name}_${suffix}`;
  return {
    event: (name, rest) =>
      event(named(name), { events: `futures_${suffix}`, by: "market", maxAge: 5, ...rest }),
    score: (name, input, window) =>
      market(named(name), {
        normalisation: "time_series",
        unit: "standard deviations",
        inputs: [named(input)],
        lookback: window,
        formula: `${input} against its ${window} sessions`,
        compute: ([values], out) => rollingZscore(values, window, out),
      }),
    valid: (name, input) =>
      market(named(name), {
        ...raw,
        inputs: [named(input)],
        lookback: 1,
        formula: `1 when ${input} is there, at most 5 sessions old`,
        compute: map1((value) => Number(value === value)),
      }),
  };
}

function nightOf({ suffix }: Category): readonly Feature[] {
  const own = namedFor(suffix);
  return [
    own.event("fut_on_ret", {
      ...series,
      inputs: ["night_close", "day_before"],
      formula: "close of the night session / the same contract's day close before it − 1",
      deviation: lateNight,
      compute: returnOf,
    }),
    own.event("fut_on_range", {
      ...series,
      inputs: ["night_high", "night_low"],
      formula: "ln(high / low) of the night session",
      deviation: lateNight,
      compute: map2((high, low) => Math.log(ratio(high, low))),
    }),
    own.score("fut_on_z", "fut_on_ret", 60),
    own.valid("is_fut_on_valid", "fut_on_ret"),
    own.event("fut_emergency_flag", {
      ...raw,
      inputs: ["emergency"],
      formula: "1 when the day had an emergency margin snapshot",
    }),
  ];
}

function basisOf({ suffix, spot }: Category): readonly Feature[] {
  if (spot === undefined) return [];
  const own = namedFor(suffix);
  return [
    own.event("basis_close", {
      ...series,
      inputs: ["day_close", "spot"],
      formula: `day close / close of ${spot.name}, of the same day − 1`,
      compute: returnOf,
    }),
    own.score("basis_close_z252", "basis_close", 252),
    own.event("carry_per_day", {
      ...series,
      unit: "ratio a day",
      inputs: ["day_close", "spot", "days_left"],
      formula: "basis_close / calendar days to the special quotation, at least 1",
      compute: map3((close, index, left) => (ratio(close, index) - 1) / Math.max(left, 1)),
    }),
  ];
}

function dayOf({ suffix }: Category): readonly Feature[] {
  const own = namedFor(suffix);
  return [
    own.event("fut_day_ret", {
      ...series,
      inputs: ["day_close", "night_close"],
      formula: "close of the day session / close of the night session − 1",
      compute: returnOf,
    }),
    own.event("fut_whole_ret", {
      ...series,
      inputs: ["whole_close", "whole_open"],
      formula: "close / open of the whole trading day, night session first, − 1",
      compute: returnOf,
    }),
    own.event("ttm_days", {
      ...raw,
      unit: "calendar days",
      inputs: ["days_left"],
      formula: "calendar days to the special quotation",
    }),
    own.valid("is_fut_eod_valid", "fut_whole_ret"),
    own.event("fut_roll_flag", {
      ...raw,
      inputs: ["contract"],
      lookback: 2,
      formula: "1 when the central contract is another one than the trading day before",
      compute: ([contract], out) => {
        out[0] = Number.NaN;
        for (let i = 1; i < out.length; i += 1) out[i] = Number(contract[i] !== contract[i - 1]);
      },
    }),
    own.event("fut_whole_ret_cont", {
      ...series,
      inputs: ["whole_close", "whole_before"],
      formula: "close / the same contract's close the trading day before − 1: no gap at the roll",
      deviation:
        "the earlier link factor compared the new contract with the old one of the day before",
      compute: returnOf,
    }),
  ];
}

const quadrants = [
  ["price_up_oi_up", 1, 1],
  ["price_up_oi_dn", 1, -1],
  ["price_dn_oi_up", -1, 1],
  ["price_dn_oi_dn", -1, -1],
] as const;

function interestOf({ suffix }: Category): readonly Feature[] {
  const own = namedFor(suffix);
  return [
    own.event("fut_oi", {
      ...contracts,
      inputs: ["oi"],
      formula: "open interest of the central contract",
    }),
    own.event("fut_oi_delta", {
      ...contracts,
      normalisation: "time_series",
      inputs: ["oi", "oi_before"],
      formula: "change of the contract's open interest to the trading day before",
      compute: map2((now, before) => now - before),
    }),
    own.event("fut_vol", {
      ...contracts,
      inputs: ["volume"],
      formula: "contracts traded, central contract",
    }),
    own.score("fut_oi_z252", "fut_oi", 252),
    own.score("fut_vol_z252", "fut_vol", 252),
    ...quadrants.map(([name, price, interest]) =>
      own.event(name, {
        ...raw,
        inputs: ["whole_close", "whole_before", "oi", "oi_before"],
        formula: `1 when the contract's close went ${price > 0 ? "up" : "down"} and its open interest ${interest > 0 ? "up" : "down"}`,
        compute: mapN((close, before, oi, oiBefore) => {
          const [move, flow] = [close - before, oi - oiBefore];
          return flag(move * price > 0 && flow * interest > 0, move, flow);
        }),
      }),
    ),
  ];
}

export const futures: Family = defineFamily(
  "futures",
  { source: "/derivatives/bars/daily/futures", plan: "premium" },
  [nightOf, basisOf, dayOf, interestOf].flatMap((featuresOf) => categories.flatMap(featuresOf)),
);
