// The number of each session by the calendar, for distances to sessions that have not come yet.

import { defineFamily, event } from "../define.ts";
import type { EventSource } from "../event-sources.ts";
import type { Family } from "../feature.ts";
import { sessionNumbersSql } from "../source-sql.ts";

export const sessionNumberEvents: EventSource = {
  name: "session_numbers",
  tables: ["markets_calendar"],
  by: "market",
  fields: [{ name: "number", meaning: "sessions of the calendar up to the day" }],
  sql: `WITH days AS (${sessionNumbersSql}) SELECT to_timestamp(("Date" - DATE '1970-01-01') * 86400 - 32400) AS available_at,
    "Date" AS day, number FROM days`,
};

export const sessionNumbers: Family = defineFamily(
  "session-numbers",
  { source: "/markets/calendar", plan: "light" },
  [
    event("session_number", {
      events: "session_numbers",
      by: "market",
      inputs: ["number"],
      maxAge: 1,
      internal: true,
      normalisation: "raw",
      unit: "sessions",
      formula: "sessions of the calendar up to today",
    }),
  ],
);
