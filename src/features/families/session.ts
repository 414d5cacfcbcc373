// The session itself: gaps and how they closed, the morning (Premium), the calendar. prior-system.md 1.3 and 1.19.

import { civilOfDay, dayOfWeek } from "../../calendar/index.ts";
import { rollingMean } from "../../stats/index.ts";
import { defineFamily, market, stock } from "../define.ts";
import { flag, map1, map2, map3, ratio } from "../elementwise.ts";
import type { Family, MarketFeature, StockFeature } from "../feature.ts";

const crossSectional = { normalisation: "cross_sectional", unit: "ratio" } as const;

const gapBase = { ...crossSectional, lookback: 1, lag: 1 } as const;

const gapFeatures: readonly StockFeature[] = [
  stock("gap_ov_prev1", {
    ...gapBase,
    inputs: ["ret_overnight"],
    formula: "ret_overnight of the session before",
    compute: ([gap], out) => out.set(gap),
  }),
  stock("gap_id_prev1", {
    ...gapBase,
    inputs: ["ret_intraday"],
    formula: "ret_intraday of the session before",
    compute: ([body], out) => out.set(body),
  }),
  stock("gap_amplify_ratio_prev1", {
    ...gapBase,
    inputs: ["ret_overnight", "ret_intraday"],
    formula: "ret_intraday / |ret_overnight| of the session before, within ±10",
    compute: map2((gap, body) => Math.min(10, Math.max(-10, ratio(body, Math.abs(gap))))),
  }),
  stock("gap_sign_concord_prev1", {
    ...gapBase,
    normalisation: "raw",
    unit: "flag",
    inputs: ["ret_overnight", "ret_intraday"],
    formula: "1 when ret_overnight and ret_intraday of the session before have the same sign",
    compute: map2((gap, body) => flag(Math.sign(gap) === Math.sign(body), gap, body)),
  }),
  stock("gap_fill_today", {
    ...crossSectional,
    internal: true,
    inputs: ["open", "high", "low", "close"],
    lookback: 2,
    formula: "share of the opening gap that the session's range came back over, 0 to 1",
    compute: ([open, high, low, close], out) => {
      for (let i = 0; i < out.length; i += 1) {
        const gap = i === 0 ? Number.NaN : open[i] - close[i - 1];
        const back = gap > 0 ? open[i] - low[i] : high[i] - open[i];
        out[i] = Math.min(1, ratio(back, Math.abs(gap)));
      }
    },
  }),
  stock("gap_fill_ratio_prev1", {
    ...gapBase,
    normalisation: "raw",
    unit: "0 to 1",
    inputs: ["gap_fill_today"],
    formula: "share of the opening gap of the session before that its range came back over",
    compute: ([fill], out) => out.set(fill),
  }),
  stock("gap_filled_prev1_flag", {
    ...gapBase,
    normalisation: "raw",
    unit: "flag",
    inputs: ["gap_fill_today"],
    formula: "1 when the opening gap of the session before was closed within it",
    compute: map1((fill) => flag(fill >= 1, fill)),
  }),
];

export const gaps: Family = defineFamily(
  "gaps",
  { source: "/equities/bars/daily", plan: "light" },
  gapFeatures,
);

const morningBars = { ...crossSectional, lookback: 1 } as const;

export const morning: Family = defineFamily(
  "morning",
  { source: "/equities/bars/daily (M* columns)", plan: "premium" },
  [
    stock("am_gap_prev_close", {
      ...morningBars,
      inputs: ["am_open", "close"],
      lookback: 2,
      formula: "morning open / close of the session before − 1",
      compute: ([open, close], out) => {
        for (let i = 0; i < out.length; i += 1) {
          out[i] = i === 0 ? Number.NaN : ratio(open[i], close[i - 1]) - 1;
        }
      },
    }),
    stock("am_body", {
      ...morningBars,
      inputs: ["am_open", "am_close"],
      formula: "morning close / morning open − 1",
      compute: map2((open, close) => ratio(close, open) - 1),
    }),
    stock("am_range", {
      ...morningBars,
      inputs: ["am_high", "am_low"],
      formula: "morning high / morning low − 1",
      compute: map2((high, low) => ratio(high, low) - 1),
    }),
    stock("am_vol_ratio_20", {
      ...morningBars,
      inputs: ["am_volume"],
      lookback: 20,
      formula: "morning volume / mean of the last 20 morning volumes",
      compute: ([volume], out) => {
        rollingMean(volume, 20, out);
        for (let i = 0; i < out.length; i += 1) out[i] = ratio(volume[i], out[i]);
      },
    }),
    stock("am_pos_in_am_range", {
      ...morningBars,
      normalisation: "raw",
      unit: "0 to 1",
      inputs: ["am_high", "am_low", "am_close"],
      formula: "(morning close − morning low) / (morning high − morning low)",
      compute: map3((high, low, close) => ratio(close - low, high - low)),
    }),
    stock("am_to_full_range", {
      ...morningBars,
      normalisation: "raw",
      unit: "0 to 1",
      inputs: ["am_high", "am_low", "high", "low"],
      formula: "morning range / range of the whole session",
      compute: ([amHigh, amLow, high, low], out) => {
        for (let i = 0; i < out.length; i += 1) {
          out[i] = ratio(amHigh[i] - amLow[i], high[i] - low[i]);
        }
      },
    }),
    stock("am_volume_share", {
      ...morningBars,
      normalisation: "raw",
      unit: "0 to 1",
      inputs: ["am_volume", "volume"],
      formula: "morning volume / volume of the session",
      compute: map2(ratio),
    }),
    stock("is_am_valid", {
      inputs: ["am_close"],
      lookback: 1,
      normalisation: "raw",
      unit: "flag",
      formula: "1 when the stock traded in the morning",
      compute: map1((close) => Number(close === close)),
    }),
  ],
);

const weekdays = ["mon", "tue", "wed", "thu", "fri"].map((name, index) =>
  market(`is_${name}`, {
    inputs: ["session_day"],
    lookback: 1,
    normalisation: "raw",
    unit: "flag",
    formula: `1 on a session of day ${index + 1} of the week, Monday 1`,
    compute: map1((day) => Number(dayOfWeek(day) === index + 1)),
  }),
);

const months: readonly MarketFeature[] = [
  market("month", {
    inputs: ["session_day"],
    lookback: 1,
    normalisation: "raw",
    unit: "1 to 12",
    formula: "month of the session",
    compute: map1((day) => civilOfDay(day).month),
  }),
  market("month_start_flag", {
    inputs: ["session_day"],
    lookback: 6,
    normalisation: "raw",
    unit: "flag",
    formula: "1 on the first 5 sessions of a month",
    compute: ([days], out) => {
      for (let i = 0; i < out.length; i += 1) {
        const { month } = civilOfDay(days[i]);
        out[i] = i >= 5 && civilOfDay(days[i - 5]).month === month ? 0 : 1;
      }
    },
  }),
  market("month_end_flag", {
    inputs: ["sessions_left_in_month"],
    lookback: 1,
    normalisation: "raw",
    unit: "flag",
    formula: "1 on the last 5 sessions of a month, by the calendar",
    compute: map1((left) => flag(left < 5, left)),
  }),
];

export const calendarFamily: Family = defineFamily(
  "calendar",
  { source: "/markets/calendar", plan: "light" },
  [...weekdays, ...months],
);
