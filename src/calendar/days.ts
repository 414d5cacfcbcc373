// Epoch days, calendar dates and JST instants. Algorithm for civil dates: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".

import { SchemaError } from "../errors.ts";

const dayMs = 86_400_000;
const jstOffsetMs = 32_400_000;

/** Days since 1970-01-01 of `YYYY-MM-DD`. Throws SchemaError for anything that is not a date of the calendar. */
export function epochDay(date: string): number {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  if (match === null) throw notADate(date);
  const day = dayOfCivil(Number(match[1]), Number(match[2]), Number(match[3]));
  if (isoDate(day) !== date) throw notADate(date);
  return day;
}

/** `YYYY-MM-DD` of an epoch day. Years 0 to 9999. */
export function isoDate(day: number): string {
  const { year, month, dayOfMonth } = civilOfDay(day);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(dayOfMonth, 2)}`;
}

/** `YYYY-MM` of an epoch day. */
export function isoMonth(day: number): string {
  return isoDate(day).slice(0, "YYYY-MM".length);
}

export interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly dayOfMonth: number;
}

/** Year, month (1 to 12) and day of month of an epoch day. */
export function civilOfDay(day: number): CivilDate {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    dayOfMonth: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}

/** Day of the week of an epoch day: 1 Monday to 7 Sunday (ISO 8601). */
export function dayOfWeek(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1;
}

/** Milliseconds after midnight of `HH:MM` or `HH:MM:SS`. Throws SchemaError for anything else. */
export function timeOfDayMs(time: string): number {
  const match = /^(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?$/.exec(time);
  if (match === null) throw notATime(time);
  const [hours, minutes, seconds] = [match[1], match[2], match[3] ?? "0"].map(Number);
  if (hours > 23 || minutes > 59 || seconds > 59) throw notATime(time);
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + Number((match[4] ?? "0").padEnd(3, "0"));
}

/** Epoch milliseconds of a time of day in Japan (UTC+9, no daylight saving time). */
export function jstInstantMs(day: number, time: string): number {
  return day * dayMs + timeOfDayMs(time) - jstOffsetMs;
}

/** The epoch day that it is in Japan at an instant. */
export function jstDay(instantMs: number): number {
  return Math.floor((instantMs + jstOffsetMs) / dayMs);
}

/** The time of day that it is in Japan at an instant: `HH:MM:SS`. */
export function jstTimeOfDay(instantMs: number): string {
  const seconds = Math.floor((instantMs + jstOffsetMs - jstDay(instantMs) * dayMs) / 1000);
  return [seconds / 3600, (seconds / 60) % 60, seconds % 60]
    .map((part) => pad(Math.floor(part), 2))
    .join(":");
}

/** Epoch day of a year, month (1 to 12) and day of month. */
export function dayOfCivil(year: number, month: number, dayOfMonth: number): number {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const shiftedMonth = month > 2 ? month - 3 : month + 9;
  const dayOfYear = Math.floor((153 * shiftedMonth + 2) / 5) + dayOfMonth - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

function notADate(date: string): SchemaError {
  return new SchemaError(
    `date: expected YYYY-MM-DD of the calendar, found ${JSON.stringify(date)}`,
  );
}

function notATime(time: string): SchemaError {
  return new SchemaError(`time of day: expected HH:MM or HH:MM:SS, found ${JSON.stringify(time)}`);
}
