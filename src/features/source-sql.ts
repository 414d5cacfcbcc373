// Pieces of SQL that event sources share: the price basis as of a day, and sessions counted by the calendar.

/** Product of the adjustment factors up to each split: the loader's table, so that bars are searched for splits once a load. */
export const splitsSql = `SELECT "Code", split_day, basis FROM feature_splits`;

/** Every calendar day with the number of sessions up to it, and when the day was known to be one. */
export const sessionNumbersSql = `SELECT "Date", available_at,
CAST(count(*) FILTER ("HolDiv" IN ('1', '2')) OVER (ORDER BY "Date") AS DOUBLE) AS number FROM markets_calendar`;

/** A text flag as 1 or 0, null where there is none. */
export function flagSql(column: string): string {
  return `CASE lower("${column}") WHEN 'true' THEN 1 WHEN '1' THEN 1 WHEN 'false' THEN 0 WHEN '0' THEN 0 END`;
}

/** A number column whose wire type is a text in some endpoints. */
export function numberSql(column: string): string {
  return `TRY_CAST("${column}" AS DOUBLE)`;
}
