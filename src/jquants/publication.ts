// When a row became known. Two instants: when the fact was public (what a feature may use), and when J-Quants serves it.

import {
  civilOfDay,
  closeInstantMs,
  dayOfCivil,
  effectiveSession,
  epochDay,
  jstDay,
  jstInstantMs,
  jstTimeOfDay,
  timeOfDayMs,
  type Calendar,
} from "../calendar/index.ts";
import { SchemaError } from "../errors.ts";
import type { Endpoint, Plan, Publication } from "./schema.ts";

export type SourceRow = Readonly<Record<string, unknown>>;

/** A disclosure without a time counts as of the evening run, after every close. */
const untimed = "18:00";

/**
 * Epoch milliseconds at which the row's fact was public. Prices are public at their session's close, so they may be used in that
 * session; everything else may be used in a session only when it was public strictly before the close: see `usableSession`.
 * Throws SchemaError when a field that the rule reads is missing or not a date, and for endpoints without dated rows.
 */
export function availableAtMs(endpoint: Endpoint, row: SourceRow, calendar: Calendar): number {
  const rule = ruleOf(endpoint);
  const day = dayOf(endpoint, row, rule.date);
  switch (rule.kind) {
    case "close":
      return closeInstantMs(calendar, day);
    case "served":
      return jstInstantMs(day + (rule.daysLater ?? 0), rule.at);
    case "eve":
      return jstInstantMs(calendar.previous(day), rule.at);
    case "disclosed":
      return jstInstantMs(day, textOf(row, rule.time) ?? untimed);
    case "margin":
      return textOf(row, rule.published) === undefined
        ? jstInstantMs(calendar.add(day, 2), "16:30")
        : jstInstantMs(dayOf(endpoint, row, rule.published), "16:00");
    case "year-ahead":
      return jstInstantMs(dayOfCivil(civilOfDay(day).year - 1, 4, 1), "00:00");
  }
}

/** Epoch milliseconds at which J-Quants begins to serve the row to a subscriber of `plan`. Throws as `availableAtMs`. */
export function servedAtMs(
  endpoint: Endpoint,
  row: SourceRow,
  calendar: Calendar,
  plan: Plan = "standard",
): number {
  const rule = ruleOf(endpoint);
  if (rule.kind === "close") return jstInstantMs(dayOf(endpoint, row, rule.date), rule.served);
  const known = availableAtMs(endpoint, row, calendar);
  if (rule.kind !== "disclosed") return known;
  if (rule.served === "hourly") return nextHourlyRun(known, calendar);
  return rule.served === "evening" && plan !== "premium" ? nextEveningRun(known) : known;
}

/**
 * The first session whose decision, taken at its close, may use the row: the row's own session for prices, otherwise the first
 * session that closes strictly after the row was public.
 */
export function usableSession(endpoint: Endpoint, row: SourceRow, calendar: Calendar): number {
  const rule = ruleOf(endpoint);
  if (rule.kind === "close") return dayOf(endpoint, row, rule.date);
  const known = availableAtMs(endpoint, row, calendar);
  return effectiveSession(calendar, jstDay(known), jstTimeOfDay(known));
}

/** Fields that the rule of `endpoint` reads. */
export function publicationFields({ publication }: Endpoint): readonly string[] {
  if (publication === null) return [];
  if (publication.kind === "disclosed") return [publication.date, publication.time];
  if (publication.kind === "margin") return [publication.date, publication.published];
  return [publication.date];
}

function ruleOf({ path, publication }: Endpoint): Publication {
  if (publication !== null) return publication;
  throw new SchemaError(
    `${path}: its answer has no dated rows, so no instant at which they were known`,
  );
}

function dayOf({ path }: Endpoint, row: SourceRow, field: string): number {
  const text = textOf(row, field);
  if (text !== undefined) return epochDay(text);
  throw new SchemaError(
    `${path}: expected a date in ${field}, found ${JSON.stringify(row[field])}`,
  );
}

function textOf(row: SourceRow, field: string): string | undefined {
  const value = row[field];
  return typeof value === "string" && value !== "" && value !== "-" ? value : undefined;
}

/** Preliminary figures at 18:00, the rest at 24:30. */
function nextEveningRun(knownMs: number): number {
  const day = jstDay(knownMs);
  const preliminary = jstInstantMs(day, "18:00");
  return knownMs <= preliminary ? preliminary : jstInstantMs(day + 1, "00:30");
}

function nextHourlyRun(knownMs: number, calendar: Calendar): number {
  const day = jstDay(knownMs);
  const sinceMidnight = timeOfDayMs(jstTimeOfDay(knownMs));
  const hour = Math.max(12, Math.ceil(sinceMidnight / 3_600_000));
  if (!calendar.isSession(day) || hour > 19) return jstInstantMs(calendar.next(day), "12:00");
  return jstInstantMs(day, `${hour}:00`);
}
