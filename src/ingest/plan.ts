// From what the lake holds and what is asked to the cheapest set of requests. Nothing here asks the service anything.

import { civilOfDay, epochDay, isoDate, jstDay, type Calendar } from "../calendar/index.ts";
import {
  allows,
  bucketLimit,
  planWindow,
  type Bucket,
  type Endpoint,
  type Plan,
} from "../jquants/index.ts";
import type { DayCoverage } from "../lake/index.ts";
import type {
  Batch,
  BucketCost,
  IngestPlan,
  PlanRequest,
  Skipped,
  Wanted,
  Way,
} from "./plan-types.ts";
import { cheapestWay, storedBytes } from "./ways.ts";
import { dueDays, firstServedMs, lastPublicationMs, reachOf } from "./due-days.ts";

/** Sessions that are asked for again after each publication, because corrections come within days. */
const correctionSessions = 5;
/** Weekly flows are corrected for weeks, and widening their one range costs nothing. */
const flowCorrectionSessions = 40;

/** The window's first day moves on at midnight: a run that may last over it leaves out what would then be refused. */
const longRunMs = 6 * 3_600_000;

/** The cheapest plan, per endpoint by minutes of its bucket. Newest months come first. */
export function planIngest(request: PlanRequest): IngestPlan {
  const skipped: Skipped[] = [];
  const ways: { endpoint: Endpoint; way: Way }[] = [];
  for (const endpoint of request.endpoints) {
    const wanted = missingDays(endpoint, request, skipped);
    const way = wanted.missing.length === 0 ? undefined : cheapestWay(endpoint, wanted, request);
    if (way !== undefined) ways.push({ endpoint, way });
  }
  const buckets = bucketCosts(ways, request.plan);
  return {
    batches: ways
      .flatMap(({ endpoint, way }) =>
        way.batches.map((batch) => ({ ...batch, endpoint, way: way.name })),
      )
      .toSorted((left, right) => newestDay(right) - newestDay(left)),
    skipped,
    endpoints: ways.map(({ endpoint, way }) => ({
      path: endpoint.path,
      way: way.name,
      days: way.days,
      requests: way.requests + way.lists,
      bytes: way.bytes,
      storedBytes: storedBytes(endpoint, way.days, request.plan),
    })),
    buckets,
    requests: buckets.reduce((sum, { requests }) => sum + requests, 0),
    minutes: Math.max(0, ...buckets.map(({ minutes }) => minutes)),
    toList: ways
      .filter(({ endpoint, way }) => way.lists > 0 && request.files?.has(endpoint.path) !== true)
      .map(({ endpoint }) => endpoint),
  };
}

/** The newest day that a batch brings; batches run from the newest on, so that data are useful early. */
function newestDay({ tasks, jointDays }: Batch): number {
  return Math.max(...jointDays, ...tasks.map(({ days }) => days.at(-1) ?? 0));
}

function missingDays(endpoint: Endpoint, request: PlanRequest, skipped: Skipped[]): Wanted {
  const { plan, calendar, nowMs } = request;
  const reach = reachOf(endpoint);
  const skip = (reason: string): Wanted => {
    skipped.push({ path: endpoint.path, reason });
    return nothing;
  };
  if (reach === "none") return skip("not stored; ask for it with the raw client");
  if (!allows(plan, endpoint)) return skip(`needs the ${endpoint.plan} plan, yours is ${plan}`);
  if (endpoint.addon !== null && request.addons?.includes(endpoint.addon) !== true) {
    return skip(
      `needs the ${endpoint.addon} add-on; say --addons ${endpoint.addon} when you have it`,
    );
  }
  const today = jstDay(nowMs);
  if (reach === "snapshot") {
    const missing = snapshotDay(endpoint, request, today);
    return { due: missing, missing, missingIn: () => missing };
  }
  const window = planWindow(plan, today, endpoint.addon);
  const { fromDay } = planWindow(plan, jstDay(nowMs + longRunMs), endpoint.addon);
  const first = Math.max(fromDay, historyStart(endpoint));
  const last = Math.min(window.toDay ?? Infinity, lastAskable(endpoint, today, calendar));
  if (request.from < window.fromDay) {
    skip(`days before ${isoDate(window.fromDay)} lie outside the ${plan} plan's window`);
  }
  if (window.toDay !== null && request.to > window.toDay) {
    skip(`days after ${isoDate(window.toDay)} lie outside the ${plan} plan's window`);
  }
  const dueIn = (from: number, to: number): number[] =>
    dueDays(endpoint, calendar, Math.max(from, first), Math.min(to, last));
  const missingOf = (days: readonly number[]): number[] =>
    days.filter((day) => isMissing(endpoint, day, request));
  const due = dueIn(request.from, request.to);
  return { due, missing: missingOf(due), missingIn: (from, to) => missingOf(dueIn(from, to)) };
}

const nothing: Wanted = { due: [], missing: [], missingIn: () => [] };

function isMissing(endpoint: Endpoint, day: number, request: PlanRequest): boolean {
  const { plan, calendar, nowMs, stale } = request;
  if (firstServedMs(endpoint, day, calendar, plan) > nowMs) return false;
  if (stale?.get(endpoint.path)?.has(day) === true) return true;
  const held = request.coverage(endpoint.table)[isoDate(day)];
  if (held === undefined || held.source.startsWith("import")) return true;
  if (addsColumns(endpoint, held.plan, plan)) return true;
  if (endpoint.publication?.kind === "year-ahead") return isOldCalendar(held, day, nowMs);
  if (held.state === "open") return true;
  return (
    day >= firstCorrectable(endpoint, request) &&
    instantOf(held.fetchedAt) < lastPublicationMs(endpoint, nowMs, calendar, plan)
  );
}

/** The future part of the calendar may change: it is asked for again after a week. */
function isOldCalendar(held: DayCoverage, day: number, nowMs: number): boolean {
  return day > jstDay(nowMs) && instantOf(held.fetchedAt) < nowMs - 7 * 86_400_000;
}

/** True when the asked plan serves columns that the plan of the stored day did not. */
function addsColumns(endpoint: Endpoint, held: string | undefined, plan: Plan): boolean {
  if (held === undefined || held === plan || plan !== "premium") return false;
  return [...endpoint.fields.values()].some((field) => field.plan === "premium");
}

function firstCorrectable(endpoint: Endpoint, { calendar, nowMs }: PlanRequest): number {
  const back = endpoint.path.endsWith("/investor-types")
    ? flowCorrectionSessions
    : correctionSessions;
  const today = jstDay(nowMs);
  const latest = calendar.isSession(today) ? today : calendar.previous(today);
  return calendar.add(latest, -back);
}

function snapshotDay(endpoint: Endpoint, request: PlanRequest, today: number): number[] {
  const { calendar, nowMs, plan } = request;
  const isEve = endpoint.publication?.kind === "eve";
  const day = isEve ? calendar.next(today) : today;
  if (request.to < today || !calendar.isSession(day)) return [];
  if (firstServedMs(endpoint, day, calendar, plan) > nowMs) return [];
  const held = request.coverage(endpoint.table)[isoDate(day)];
  return held === undefined || held.state === "open" ? [day] : [];
}

function historyStart({ historyStart: start }: Endpoint): number {
  return start === null ? Number.NEGATIVE_INFINITY : epochDay(start);
}

/** Calendar days are known ahead, a master list on the eve; everything else at the earliest today. */
function lastAskable(endpoint: Endpoint, today: number, calendar: Calendar): number {
  if (endpoint.publication?.kind === "year-ahead") return endOfNextYear(today, calendar);
  return endpoint.publication?.kind === "eve" ? calendar.next(today) : today;
}

function endOfNextYear(today: number, calendar: Calendar): number {
  return Math.min(calendar.lastDay, epochDay(`${civilOfDay(today).year + 1}-12-31`));
}

function bucketCosts(ways: readonly { endpoint: Endpoint; way: Way }[], plan: Plan): BucketCost[] {
  const costs = new Map<Bucket, { requests: number; bytes: number }>();
  for (const { way } of ways) {
    for (const [bucket, count, bytes] of [
      [way.bucket, way.requests, way.bytes],
      ["plan", way.lists, 0],
    ] as const) {
      const held = costs.get(bucket) ?? { requests: 0, bytes: 0 };
      costs.set(bucket, { requests: held.requests + count, bytes: held.bytes + bytes });
    }
  }
  return [...costs]
    .filter(([, { requests }]) => requests > 0)
    .map(([bucket, { requests, bytes }]) => ({
      bucket,
      requests,
      minutes: requests / bucketLimit(plan, bucket),
      bytes,
    }));
}

function instantOf(text: string): number {
  return Temporal.Instant.from(text).epochMilliseconds;
}
