// The ways to bring a set of days of one endpoint: bulk files, day by day, one span, or code by code; each with its cost.

import { isoDate } from "../calendar/index.ts";
import {
  allows,
  bucketLimit,
  endpointOf,
  plans,
  type Endpoint,
  type Field,
  type Plan,
} from "../jquants/index.ts";
import { monthDays, usualFiles, type BulkFile } from "./bulk-files.ts";
import { codesOf } from "./code-axes.ts";
import type { PlanRequest, Wanted, Way, WayBatch } from "./plan-types.ts";

/** A page is cut at about this many bytes of JSON. */
const pageBytes = 5_000_000;
/** CSV as gzip against JSON of the same rows: about 0.3 MB for a month of daily bars of 1.5 MB a day. */
const bulkShare = 0.1;

/** Parquet of the lake against JSON of the same rows: 20 bytes a bar of 18 fields in the simulator's market. */
const parquetShare = 0.06;

/** What `days` of an endpoint are expected to take in the lake, bytes. */
export function storedBytes(endpoint: Endpoint, days: number, plan: Plan): number {
  return days * dayBytes(endpoint, plan) * parquetShare;
}

/** The way that needs the fewest minutes; of equal ones the one that brings fewest days again. */
export function cheapestWay(
  endpoint: Endpoint,
  wanted: Wanted,
  request: PlanRequest,
): Way | undefined {
  const { missing, due } = wanted;
  const spans = spansOf(missing, due);
  const ways = [
    snapshot(endpoint, missing, request.plan),
    range(endpoint, spans, request.plan),
    byDate(endpoint, missing, request.plan),
    bulk(endpoint, wanted, request),
    byCode(endpoint, spans, request.plan),
  ].filter((way) => way !== undefined);
  const minutes = (way: Way): number =>
    way.requests / bucketLimit(request.plan, way.bucket) +
    way.lists / bucketLimit(request.plan, "plan");
  return ways.toSorted((left, right) => minutes(left) - minutes(right))[0];
}

function snapshot(endpoint: Endpoint, missing: readonly number[], plan: Plan): Way | undefined {
  if (endpoint.historyStart !== null || endpoint.addon !== null) return undefined;
  return {
    name: "snapshot",
    batches: [{ tasks: [{ kind: "query", parameters: {}, days: missing }], jointDays: [] }],
    bucket: endpoint.bucket,
    requests: 1,
    lists: 0,
    days: missing.length,
    bytes: dayBytes(endpoint, plan),
  };
}

/** One request for a span of days, where the endpoint takes from and to without a code. */
function range(
  endpoint: Endpoint,
  spans: readonly (readonly number[])[],
  plan: Plan,
): Way | undefined {
  const free = endpoint.combinations.some(
    ({ required, optional }) =>
      required.length === 0 && optional.includes("from") && optional.includes("to"),
  );
  if (!free) return undefined;
  const days = spans.reduce((sum, span) => sum + span.length, 0);
  return {
    name: "range",
    batches: spans.map((span) => ({
      tasks: [{ kind: "query", parameters: fromTo(span), days: span }],
      jointDays: [],
    })),
    bucket: endpoint.bucket,
    requests: spans.reduce((sum, span) => sum + pagesFor(endpoint, span.length, plan), 0),
    lists: 0,
    days,
    bytes: days * dayBytes(endpoint, plan),
  };
}

/** Missing days with no other due day between them form one span: closed days are bridged, stored ones never. */
function spansOf(missing: readonly number[], due: readonly number[]): number[][] {
  const position = new Map(due.map((day, at) => [day, at]));
  const spans: number[][] = [];
  for (const day of missing) {
    const last = spans.at(-1);
    const before = last?.at(-1);
    const isNext = before !== undefined && position.get(day) === (position.get(before) ?? -2) + 1;
    if (last !== undefined && isNext) last.push(day);
    else spans.push([day]);
  }
  return spans;
}

function fromTo(span: readonly number[]): { from: string; to: string } {
  return { from: isoDate(span[0]), to: isoDate(span.at(-1) ?? span[0]) };
}

function byDate(endpoint: Endpoint, missing: readonly number[], plan: Plan): Way | undefined {
  const parameter = [...endpoint.parameters.values()].find(
    ({ name, kind, field }) =>
      kind === "day" &&
      field === endpoint.dateField &&
      endpoint.combinations.some(({ required, optional }) => standsAlone(name, required, optional)),
  );
  if (parameter === undefined) return undefined;
  return {
    name: "by-date",
    batches: byMonth(missing).map((days) => ({
      tasks: days.map((day) => ({
        kind: "query",
        parameters: { [parameter.name]: isoDate(day) },
        days: [day],
      })),
      jointDays: [],
    })),
    bucket: endpoint.bucket,
    requests: missing.length * pagesFor(endpoint, 1, plan),
    lists: 0,
    days: missing.length,
    bytes: missing.length * dayBytes(endpoint, plan),
  };
}

function standsAlone(
  name: string,
  required: readonly string[],
  optional: readonly string[],
): boolean {
  const others = required.filter((other) => other !== name);
  return others.length === 0 && (required.includes(name) || optional.includes(name));
}

/** One request a code and span, where the codes of the endpoint are a published list. */
function byCode(
  endpoint: Endpoint,
  spans: readonly (readonly number[])[],
  plan: Plan,
): Way | undefined {
  const axis = codesOf(endpoint);
  if (axis === undefined) return undefined;
  const days = spans.reduce((sum, span) => sum + span.length, 0);
  return {
    name: "by-code",
    batches: spans.map((span) => ({
      tasks: axis.codes.map((code) => ({
        kind: "query",
        parameters: { [axis.parameter]: code, ...fromTo(span) },
        days: [],
      })),
      jointDays: span,
    })),
    bucket: endpoint.bucket,
    requests: axis.codes.length * spans.length,
    lists: 0,
    days,
    bytes: days * dayBytes(endpoint, plan),
  };
}

/** Files for months of which two or more days are missing, single days by request where that costs no more. */
function bulk(
  endpoint: Endpoint,
  { missing, due, missingIn }: Wanted,
  request: PlanRequest,
): Way | undefined {
  if (!mayUseBulk(endpoint, request)) return undefined;
  const listed = request.files?.get(endpoint.path);
  const files = listed ?? usualFiles(endpoint, missing, request.nowMs);
  const { chosen, rest } = assignFiles(missing, files);
  if (chosen.size === 0) return undefined;
  const remainder = restOf(endpoint, rest, due, request.plan);
  if (remainder === undefined) return undefined;
  // What a file brings beside the days asked for counts as fetched too, so that no file is asked for twice.
  const taken = [...chosen.keys()].map((file) => [file, missingIn(file.from, file.to)] as const);
  return {
    name: "bulk",
    batches: [...filesByMonth(taken), ...remainder.batches],
    bucket: "plan",
    requests: taken.length + remainder.requests,
    lists: listed === undefined ? 1 : 0,
    days: taken.reduce((sum, [, days]) => sum + days.length, rest.length),
    bytes: taken.reduce(
      (sum, [file, days]) => sum + fileBytes(endpoint, file, days, request.plan),
      remainder.bytes,
    ),
  };
}

/** Daily files of one month are committed together. */
function filesByMonth(taken: readonly (readonly [BulkFile, readonly number[]])[]): WayBatch[] {
  const months = Map.groupBy(taken, ([{ from }]) => monthDays(from).first);
  return [...months.values()].map((files) => ({
    tasks: files.map(([file, days]) => ({ kind: "bulk", file, days })),
    jointDays: [],
  }));
}

function mayUseBulk(
  { bulk: exists }: Endpoint,
  { plan, bulk: wanted = true }: PlanRequest,
): boolean {
  return wanted && exists && allows(plan, endpointOf("/bulk/get"));
}

function fileBytes(
  endpoint: Endpoint,
  { size }: BulkFile,
  days: readonly number[],
  plan: Plan,
): number {
  return size ?? Math.round(days.length * dayBytesInBulk(endpoint, plan));
}

/** Days that no file brings, by query; undefined when the endpoint has no query for them. */
function restOf(
  endpoint: Endpoint,
  rest: readonly number[],
  due: readonly number[],
  plan: Plan,
): Pick<Way, "batches" | "requests" | "bytes"> | undefined {
  if (rest.length === 0) return { batches: [], requests: 0, bytes: 0 };
  const ascending = rest.toSorted((left, right) => left - right);
  return range(endpoint, spansOf(ascending, due), plan) ?? byDate(endpoint, ascending, plan);
}

/** The file of each missing day, and the days that no file brings at the price of a request. */
function assignFiles(
  missing: readonly number[],
  files: readonly BulkFile[],
): { chosen: Map<BulkFile, number[]>; rest: number[] } {
  const chosen = new Map<BulkFile, number[]>();
  const rest: number[] = [];
  for (const day of missing) {
    const file = files.find(({ from, to }) => from <= day && day <= to);
    if (file === undefined) rest.push(day);
    else chosen.set(file, [...(chosen.get(file) ?? []), day]);
  }
  for (const [file, days] of chosen) {
    // A month's file for one day would bring the other days again at the price of the day alone.
    if (days.length > 1 || file.from === file.to) continue;
    chosen.delete(file);
    rest.push(...days);
  }
  return { chosen, rest };
}

function byMonth(days: readonly number[]): number[][] {
  const months = new Map<number, number[]>();
  for (const day of days) {
    const { first } = monthDays(day);
    months.set(first, [...(months.get(first) ?? []), day]);
  }
  return [...months.values()];
}

// Rows a day of the live service in 2026, for estimates only.
const dailyRows = new Map([
  ["/equities/master", 4450],
  ["/equities/bars/daily", 4400],
  ["/equities/bars/daily/am", 4400],
  ["/equities/bars/minute", 450_000],
  ["/equities/valuation", 4400],
  ["/equities/investor-types", 1],
  ["/fins/summary", 80],
  ["/indices/bars/daily", 100],
  ["/indices/bars/daily/topix", 1],
  ["/markets/calendar", 1],
  ["/markets/margin-interest", 4260],
  ["/markets/short-ratio", 34],
  ["/markets/short-sale-report", 500],
  ["/markets/breakdown", 4200],
  ["/derivatives/bars/daily/options", 8000],
  ["/derivatives/bars/daily/options/225", 3500],
]);

const bytesPerField = 19;

/** JSON of a day's rows under a plan. */
function dayBytes(endpoint: Endpoint, plan: Plan): number {
  const served = [...endpoint.fields.values()].filter((field) => serves(plan, field));
  return rowsOfDay(endpoint) * served.length * bytesPerField;
}

/** A day's share of a bulk file, which leaves out some columns. */
function dayBytesInBulk(endpoint: Endpoint, plan: Plan): number {
  const columns = endpoint.bulkColumns.filter((name) => {
    const field = endpoint.fields.get(name.split(".", 1)[0]);
    return field !== undefined && serves(plan, field);
  });
  return rowsOfDay(endpoint) * columns.length * bytesPerField * bulkShare;
}

function serves(plan: Plan, field: Field): boolean {
  return plans.indexOf(plan) >= plans.indexOf(field.plan);
}

function rowsOfDay({ path }: Endpoint): number {
  return dailyRows.get(path) ?? 100;
}

function pagesFor(endpoint: Endpoint, days: number, plan: Plan): number {
  return Math.max(1, Math.ceil((days * dayBytes(endpoint, plan)) / pageBytes));
}
