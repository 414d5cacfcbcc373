// Series from abroad that the user supplies: changes, volatility and level of VIX, the dollar, US stocks and US yields.
// prior-system.md 1.19.

import { rollingStd, rollingZscore } from "../../stats/index.ts";
import { defineFamily, event } from "../define.ts";
import type { EventSource } from "../event-sources.ts";
import type { EventKernel, Family, Feature } from "../feature.ts";

interface Macro {
  readonly name: string;
  readonly what: string;
  /** Changes are of the logarithm, or of the value itself where it may be 0 or less. */
  readonly change: "log" | "difference";
}

const series: readonly Macro[] = [
  { name: "vix", what: "VIX", change: "log" },
  { name: "usdjpy", what: "yen for a dollar", change: "log" },
  { name: "sp500", what: "S&P 500", change: "log" },
  { name: "us10y", what: "ten-year US yield", change: "difference" },
];

export const macroEvents: readonly EventSource[] = series.map(({ name, what }) => ({
  name: `macro_${name}`,
  tables: ["user_series"],
  by: "market",
  fields: [{ name: "value", meaning: what }],
  sql: `SELECT available_at, "Date" AS day, "Value" AS value FROM user_series WHERE "Series" = '${name}'`,
}));

const windows = { change: [1, 5, 20], volatility: 20, score: 252 } as const;

export const macro: Family = defineFamily(
  "macro",
  { source: "a file of the user's: import series", plan: "light" },
  series.flatMap((one) => featuresOf(one)),
);

function featuresOf({ name, what, change }: Macro): readonly Feature[] {
  const shared = {
    events: `macro_${name}`,
    by: "market",
    inputs: ["value"],
    maxAge: 5,
    normalisation: "time_series",
  } as const;
  const level = change === "log" ? `ln ${what}` : what;
  const scaled = (values: Float64Array): Float64Array =>
    change === "log"
      ? values.map((value) => (value > 0 ? Math.log(value) : Number.NaN))
      : values.slice();
  const over = (length: number): EventKernel => {
    return ([values], out) => changeOver(scaled(values), length, out);
  };
  return [
    ...windows.change.map((length) =>
      event(`macro_${name}_change_${length}d`, {
        ...shared,
        lookback: length + 1,
        unit: change === "log" ? "log ratio" : "points",
        formula: `${level} − ${level} ${length} of its own day${length > 1 ? "s" : ""} before`,
        compute: over(length),
      }),
    ),
    event(`macro_${name}_vol_20d`, {
      ...shared,
      lookback: windows.volatility + 1,
      unit: change === "log" ? "ratio a year" : "points a year",
      formula: `standard deviation of the last ${windows.volatility} changes × √252`,
      compute: ([values], out) => {
        changeOver(scaled(values), 1, out);
        rollingStd(out.slice(), windows.volatility, out);
        for (let i = 0; i < out.length; i += 1) out[i] *= Math.sqrt(252);
      },
    }),
    event(`macro_${name}_z_252`, {
      ...shared,
      lookback: windows.score,
      unit: "standard deviations",
      formula: `(${level} − mean of ${windows.score} days) / standard deviation of ${windows.score} days`,
      compute: ([values], out) => rollingZscore(scaled(values), windows.score, out),
    }),
  ];
}

function changeOver(level: Float64Array, length: number, out: Float64Array): void {
  for (let i = 0; i < out.length; i += 1) {
    out[i] = i < length ? Number.NaN : level[i] - level[i - length];
  }
}
