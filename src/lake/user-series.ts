// The one lake table that no endpoint fills: daily series of the user's own, each value with the instant it became known.

import type { LakeColumn, TableSchema } from "./table-schema.ts";

export const userSeriesPath = "/user/series";

const column = (name: string, type: LakeColumn["type"]): LakeColumn => ({
  name,
  type,
  missing: [],
});

/** `Series` names the series, `KnownAt` is an ISO instant with its offset. */
export const userSeries: TableSchema = {
  table: "user_series",
  path: userSeriesPath,
  columns: [
    column("Series", "VARCHAR"),
    column("Date", "DATE"),
    column("Value", "DOUBLE"),
    column("KnownAt", "VARCHAR"),
  ],
  key: ["Series", "Date"],
  day: "Date",
  dropped: new Set(),
  availabilityInputs: ["KnownAt"],
  availableAt: ({ KnownAt }) => Temporal.Instant.from(String(KnownAt)).epochMilliseconds,
};
