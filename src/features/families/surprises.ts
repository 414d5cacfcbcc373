// What a filing said beyond what was known, fading by half-life: post-earnings-announcement drift (Bernard and Thomas 1989).

import { defineFamily, event, stock } from "../define.ts";
import { map2, ratio } from "../elementwise.ts";
import type { EventKernel, EventRecords, Family } from "../feature.ts";
import { forFields } from "../for-fields.ts";
import { fieldNames, readStatements, type Statements } from "./statement-records.ts";

const halfLives = [5, 10, 20] as const;

/** A surprise of more than the whole forecast, or after a loss near 0, says no more than ±1. */
const largest = 1;

/** Each record's surprise; 0 where it says nothing new of operating profit, NaN never. */
const surprisesOf = forFields(readSurprises);

function readSurprises(fields: readonly Float64Array[], records: EventRecords): Float64Array {
  const state = readStatements(fields, records);
  const told = new Set<string>();
  return Float64Array.from({ length: records.count }, (_, i) => surpriseOf(state, fields, i, told));
}

function surpriseOf(
  state: Statements,
  fields: readonly Float64Array[],
  i: number,
  told: Set<string>,
): number {
  const [release, quarter, period, year] = [0, 1, 2, 3].map((field) => fields[field][i]);
  const before = state.forecastOf(year, "operating");
  state.take(i);
  const isFirstFullYear = release === 1 && quarter === 4 && !told.has(`${period}`);
  if (release === 1 && quarter === 4) told.add(`${period}`);
  const actual = fields[fieldNames.indexOf("operating")][i];
  const after = isFirstFullYear ? actual : state.forecastOf(year, "operating");
  const surprise = ratio(after - before, Math.abs(before));
  return surprise === surprise ? Math.max(-largest, Math.min(largest, surprise)) : 0;
}

/** Surprises of the last ten half-lives, faded to the record's own session; those of the first session are of unknown age. */
function fadedTo(halfLife: number): EventKernel {
  return (fields, out, records) => {
    const surprises = surprisesOf(fields, records);
    const { session } = records;
    for (let i = 0; i < out.length; i += 1) {
      out[i] = 0;
      for (let j = i; j >= 0 && session[j] > Math.max(0, session[i] - 10 * halfLife); j -= 1) {
        out[i] += surprises[j] * 0.5 ** ((session[i] - session[j]) / halfLife);
      }
    }
  };
}

const shared = {
  events: "statements",
  maxAge: 180,
  inputs: fieldNames,
  lookback: Infinity,
  normalisation: "cross_sectional",
  unit: "ratio",
} as const;

export const surprises: Family = defineFamily(
  "surprises",
  { source: "/fins/summary", plan: "light" },
  [
    event("surprise_op", {
      ...shared,
      formula:
        "last filing's surprise, within ±1: (full-year operating profit − last forecast of it) / |that forecast|, or the year's new forecast in place of the profit; 0 for a filing that says neither",
      deviation: "a correction of a released year is no surprise",
      compute: (fields, out, records) => out.set(surprisesOf(fields, records)),
    }),
    ...halfLives.flatMap((halfLife) => [
      event(`surprise_op_at_filing_hl${halfLife}`, {
        ...shared,
        internal: true,
        formula: `Σ surprise · 0.5^(sessions before the last filing / ${halfLife})`,
        compute: fadedTo(halfLife),
      }),
      stock(`surprise_op_hl${halfLife}`, {
        inputs: [`surprise_op_at_filing_hl${halfLife}`, "stmt_days_since_statement"],
        lookback: 1,
        normalisation: "cross_sectional",
        unit: "ratio",
        formula: `Σ surprise · 0.5^(sessions since / ${halfLife}) over the filings of ${10 * halfLife} sessions before the last one`,
        deviation: "filings known by the lake's first session count 0: how old they are is unknown",
        compute: map2((value, age) => value * 0.5 ** (age / halfLife)),
      }),
    ]),
  ],
);
