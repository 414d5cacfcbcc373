// Which days an endpoint should have rows for, and from when and until when its answer for a day can still change.

import {
  dayOfWeek,
  epochDay,
  isoDate,
  jstDay,
  jstInstantMs,
  type Calendar,
} from "../calendar/index.ts";
import { servedAtMs, type Endpoint, type Plan } from "../jquants/index.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Update times are targets, not promises: a day counts as final an hour after them. */
const marginMs = hourMs;
/** A session always has prices: an empty answer is believed only after so many days. */
const denseGraceMs = 3 * dayMs;
/** From this application date on, margin balances come daily; before, for the last session of a week. */
const dailyMarginDay = epochDay("2026-09-25");

const derivatives = "/derivatives/";
const neverEmpty = new Set(["close", "margin"]);

/** How an endpoint's history can be asked for: by day, as today's snapshot only, or not at all. */
export type Reach = "history" | "snapshot" | "none";

export function reachOf(endpoint: Endpoint): Reach {
  if (endpoint.dateField === null || endpoint.publication === null) return "none";
  // Ticks exist in bulk files only and are too many for a table by month.
  if (endpoint.path === "/equities/trades") return "none";
  return endpoint.historyStart === null && endpoint.addon === null ? "snapshot" : "history";
}

/** Days in [from, to] for which the endpoint is due to have an answer worth keeping. */
export function dueDays(
  endpoint: Endpoint,
  calendar: Calendar,
  from: number,
  to: number,
): number[] {
  const first = Math.max(from, calendar.firstDay);
  const last = Math.min(to, calendar.lastDay);
  const days: number[] = [];
  for (let day = first; day <= last; day += 1) if (isDue(endpoint, calendar, day)) days.push(day);
  return days;
}

/** Epoch milliseconds from which asking for `day` can give rows. */
export function firstServedMs(
  endpoint: Endpoint,
  day: number,
  calendar: Calendar,
  plan: Plan,
): number {
  const { publication } = endpoint;
  if (publication?.kind === "year-ahead") return Number.NEGATIVE_INFINITY;
  if (publication?.kind !== "disclosed") return servedOn(endpoint, day, calendar, plan);
  if (publication.served === "hourly") return jstInstantMs(day, "12:00");
  const isLate = publication.served === "evening" && plan !== "premium";
  return jstInstantMs(day, isLate ? "18:00" : "00:00");
}

/** Epoch milliseconds from which the answer for `day` is final, save for corrections. */
export function finalMs(endpoint: Endpoint, day: number, calendar: Calendar, plan: Plan): number {
  const { publication } = endpoint;
  switch (publication?.kind) {
    case "disclosed":
      return publication.served === "hourly"
        ? jstInstantMs(day, "19:00") + marginMs
        : jstInstantMs(day + 1, "00:30") + marginMs;
    case "eve":
      // Refreshed at 08:00 on the day itself.
      return jstInstantMs(day, "08:00") + marginMs;
    case "year-ahead":
      return jstInstantMs(day + 1, "00:00");
    default:
      return servedOn(endpoint, day, calendar, plan) + marginMs;
  }
}

/** As finalMs, for an answer without rows. */
export function emptyFinalMs(
  endpoint: Endpoint,
  day: number,
  calendar: Calendar,
  plan: Plan,
): number {
  const isDense =
    neverEmpty.has(endpoint.publication?.kind ?? "") ||
    endpoint.path === "/equities/master" ||
    endpoint.path.startsWith(derivatives);
  return finalMs(endpoint, day, calendar, plan) + (isDense ? denseGraceMs : 0);
}

/** The latest instant up to `nowMs` at which the endpoint published a session; answers from before it may be corrected. */
export function lastPublicationMs(
  endpoint: Endpoint,
  nowMs: number,
  calendar: Calendar,
  plan: Plan,
): number {
  let day = jstDay(nowMs);
  for (let steps = 0; steps < 30; steps += 1) {
    if (calendar.isSession(day)) {
      const served = firstServedMs(endpoint, day, calendar, plan);
      if (served <= nowMs) return served;
    }
    day -= 1;
  }
  return Number.NEGATIVE_INFINITY;
}

function servedOn(endpoint: Endpoint, day: number, calendar: Calendar, plan: Plan): number {
  const row = {
    [endpoint.dateField ?? "Date"]: isoDate(day),
    ...publishedFor(endpoint, day, calendar),
  };
  return servedAtMs(endpoint, row, calendar, plan);
}

/** Balances of the daily regime are published on the next session. */
function publishedFor(
  { publication }: Endpoint,
  day: number,
  calendar: Calendar,
): Record<string, string> {
  if (publication?.kind !== "margin" || day < dailyMarginDay) return {};
  return { [publication.published]: isoDate(calendar.next(day)) };
}

function isDue({ path, publication }: Endpoint, calendar: Calendar, day: number): boolean {
  if (publication?.kind === "year-ahead") return true;
  if (path.startsWith(derivatives)) return calendar.holidayDivision(day) !== 0;
  if (!calendar.isSession(day)) return false;
  return publication?.kind !== "margin" || day >= dailyMarginDay || isLastOfWeek(calendar, day);
}

function isLastOfWeek(calendar: Calendar, day: number): boolean {
  const sunday = day + 7 - dayOfWeek(day);
  for (let later = day + 1; later <= sunday; later += 1) {
    if (calendar.covers(later) && calendar.isSession(later)) return false;
  }
  return true;
}
