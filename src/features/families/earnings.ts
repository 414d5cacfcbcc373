// Distance to the next scheduled earnings release and from the last one. prior-system.md 1.15.

import { defineFamily, event, stock } from "../define.ts";
import { flag, map1, map2 } from "../elementwise.ts";
import type { EventSource } from "../event-sources.ts";
import type { EventKernel, Family } from "../feature.ts";
import { sessionNumbersSql } from "../source-sql.ts";

/** A date that is undecided ("") takes the schedule of its quarter back. */
export const scheduleEvents: EventSource = {
  name: "earnings_schedule",
  tables: ["fins_earnings_date", "markets_calendar"],
  by: "stock",
  fields: [
    { name: "known", meaning: "sessions of the calendar up to the publication" },
    { name: "quarter", meaning: "number that stands for FYE and FQName together" },
    { name: "scheduled", meaning: "sessions of the calendar up to SchDate" },
  ],
  sql: `WITH days AS (${sessionNumbersSql}) SELECT e."Code" AS key,
    greatest(e.available_at, coalesce(s.available_at, e.available_at)) AS available_at, e."PubDate" AS day, p.number AS known,
    CAST(hash(concat_ws('|', e."FYE", e."FQName")) >> 12 AS DOUBLE) AS quarter, s.number AS scheduled
    FROM fins_earnings_date e JOIN days p ON e."PubDate" = p."Date" LEFT JOIN days s ON e."SchDate" = s."Date"`,
  keepable: { table: "fins_earnings_date" },
};

export const releaseEvents: EventSource = {
  name: "earnings_releases",
  tables: ["fins_summary"],
  by: "stock",
  fields: [{ name: "period", meaning: "end of the period as epoch day" }],
  sql: `SELECT "Code" AS key, available_at, "DiscDate" AS day, "CurPerEn" - DATE '1970-01-01' AS period
    FROM fins_summary WHERE "DocType" LIKE '%FinancialStatements%'`,
  keepable: { table: "fins_summary" },
};

/** The next scheduled session, of all quarters not yet past when the record came. */
const nextScheduled: EventKernel = ([known, quarter, scheduled], out) => {
  const schedule = new Map<number, number>();
  for (let i = 0; i < out.length; i += 1) {
    schedule.set(quarter[i], scheduled[i]);
    const ahead = [...schedule.values()].filter((number) => number >= known[i]);
    out[i] = ahead.length > 0 ? Math.min(...ahead) : Number.NaN;
  }
};

const flags = { lookback: 1, normalisation: "raw", unit: "flag" } as const;

export const earnings: Family = defineFamily(
  "earnings",
  { source: "/fins/earnings-date, /fins/summary", plan: "light" },
  [
    event("e_next_number", {
      events: "earnings_schedule",
      inputs: ["known", "quarter", "scheduled"],
      lookback: Infinity,
      maxAge: 130,
      internal: true,
      normalisation: "raw",
      unit: "sessions",
      formula: "number of the session on which the next release is scheduled",
      compute: nextScheduled,
    }),
    stock("e_days_to", {
      inputs: ["e_next_number", "session_number"],
      lookback: 1,
      normalisation: "raw",
      unit: "sessions",
      formula: "sessions to the next scheduled earnings release, 0 on its day",
      deviation: "null when none is scheduled or the scheduled day is past",
      compute: map2((next, today) => (next >= today ? next - today : Number.NaN)),
    }),
    event("e_days_since", {
      events: "earnings_releases",
      inputs: ["period"],
      join: "since",
      maxAge: 130,
      normalisation: "raw",
      unit: "sessions",
      formula: "sessions since the last earnings release became known",
    }),
    stock("e_is_E0", {
      ...flags,
      inputs: ["e_days_to"],
      formula: "1 on the session of a scheduled release",
      compute: map1((distance) => Number(distance === 0)),
    }),
    ...[1, 3, 5].flatMap((days) => [
      stock(`e_win_pre${days}`, {
        ...flags,
        inputs: ["e_days_to"],
        formula: `1 when the next release is scheduled within 1 to ${days} sessions`,
        compute: map1((distance) => Number(distance >= 1 && distance <= days)),
      }),
      stock(`e_win_post${days}`, {
        ...flags,
        inputs: ["e_days_since"],
        formula: `1 on the first ${days} sessions that know a release`,
        compute: map1((age) => Number(age < days)),
      }),
    ]),
    stock("is_earnings_valid", {
      ...flags,
      inputs: ["e_days_to", "e_days_since"],
      formula: "1 when a release is scheduled or at most 130 sessions past",
      compute: map2((to, since) => flag(to === to || since === since)),
    }),
  ],
);
