// When a session closes, and the session a disclosure counts for: the one rule that every join on published data follows.

import { SchemaError } from "../errors.ts";
import type { Calendar } from "./calendar.ts";
import { epochDay, isoDate, jstInstantMs, timeOfDayMs } from "./days.ts";

interface SessionHours {
  /** First day on which these hours hold. */
  readonly from: number;
  readonly close: string;
  readonly halfDayClose: string;
}

/** Close of the Tokyo Stock Exchange's cash equity session by regime, in JST. Newest first. */
const sessionHours: readonly SessionHours[] = [
  { from: epochDay("2024-11-05"), close: "15:30", halfDayClose: "11:30" },
  { from: epochDay("1970-01-01"), close: "15:00", halfDayClose: "11:30" },
];

/** First session that closed at 15:30 instead of 15:00. */
export const closeExtensionDay: number = sessionHours[0].from;

/** The close of a session, `HH:MM` in JST. Throws SchemaError when `day` is not a session. */
export function closeTime(calendar: Calendar, day: number): string {
  if (!calendar.isSession(day)) {
    throw new SchemaError(`closeTime: expected a session, found ${isoDate(day)}, a closed day`);
  }
  const hours = sessionHours.find(({ from }) => day >= from) ?? sessionHours[0];
  return calendar.isHalfDay(day) ? hours.halfDayClose : hours.close;
}

/** Epoch milliseconds of a session's close. Throws SchemaError when `day` is not a session. */
export function closeInstantMs(calendar: Calendar, day: number): number {
  return jstInstantMs(day, closeTime(calendar, day));
}

/**
 * The session from which a disclosure of `day` at `timeOfDay` (JST, `HH:MM` or `HH:MM:SS`) may be used: the same day when it
 * came strictly before that day's close, else the next session. A missing time (null or "") counts as after the close.
 */
export function effectiveSession(
  calendar: Calendar,
  day: number,
  timeOfDay: string | null,
): number {
  if (!calendar.isSession(day) || timeOfDay === null || timeOfDay === "") return calendar.next(day);
  const isBeforeClose = timeOfDayMs(timeOfDay) < timeOfDayMs(closeTime(calendar, day));
  return isBeforeClose ? day : calendar.next(day);
}
