// From a checked query to rows: ranges over the dating field, equality on everything else, and the endpoints with rules of their own.

import { isoDate, jstDay, jstInstantMs } from "../../calendar/index.ts";
import type { Endpoint } from "../../jquants/index.ts";
import type { FieldValue, MarketRow, PublishedRow, RowRange } from "../market/types.ts";
import { isRefusal, type DaySpan, type Query } from "./parameters.ts";
import { noMorningBars, outsideWindow, type Refusal } from "./bodies.ts";
import type { RowStore, Subscription } from "./served-market.ts";

const firstDay = -100_000;
const lastDay = 100_000;

/** How many days around a date of another field a row's own date can lie. */
const nearbyDays = 31;
const scheduleDays = 400;

/** The rows that a query is answered with, in the endpoint's order, or the refusal. */
export function selectRows(
  store: RowStore,
  query: Query,
  subscription: Subscription,
): readonly PublishedRow[] | Refusal {
  const refusal = checkWindow(query, subscription);
  if (refusal !== undefined) return refusal;
  const special = specialSelections.get(query.endpoint.path);
  return special === undefined
    ? selectPlain(store, query, subscription)
    : special(store, query, subscription);
}

type Selection = (
  store: RowStore,
  query: Query,
  subscription: Subscription,
) => readonly PublishedRow[] | Refusal;

const specialSelections: ReadonlyMap<string, Selection> = new Map<string, Selection>([
  ["/equities/master", selectMaster],
  ["/equities/bars/daily/am", selectMorning],
  ["/equities/earnings-calendar", selectEarningsCalendar],
  ["/fins/earnings-date", selectEarningsDates],
  ["/edinet/major-shareholders", selectFilings],
  ["/edinet/cross-shareholdings", selectFilings],
  ["/edinet/large-volume-shareholders", selectFilings],
]);

/** Endpoints with history refuse dates before the plan's window; Free refuses those after it too. */
function checkWindow(
  { endpoint, spans }: Query,
  { window, plan }: Subscription,
): Refusal | undefined {
  if (endpoint.path === "/equities/master" && plan === "premium") return undefined;
  for (const { fromDay, toDay } of spans.values()) {
    const isTooEarly = toDay < window.fromDay;
    const isTooLate = window.toDay !== null && fromDay > window.toDay;
    if (isTooEarly || isTooLate) return outsideWindow(window);
  }
  return undefined;
}

function selectPlain(
  store: RowStore,
  query: Query,
  subscription: Subscription,
): readonly PublishedRow[] {
  const { endpoint } = query;
  const matches = matcher(query);
  return store
    .served(endpoint.path, rangeOf(query), subscription)
    .filter(({ row }) => matches(row));
}

/** A single day wins over from and to; a day of another field widens to the days around it. */
function rangeOf(query: Query): RowRange {
  const { endpoint } = query;
  const code = codeOf(query);
  const range = { fromDay: firstDay, toDay: lastDay, ...(code === undefined ? {} : { code }) };
  let isSingleDay = false;
  for (const [name, span] of query.spans) {
    const parameter = endpoint.parameters.get(name);
    if (parameter?.kind === "day") {
      isSingleDay = true;
      const isDating = parameter.field === endpoint.dateField;
      Object.assign(range, isDating ? span : around(span));
    } else if (!isSingleDay && parameter?.kind === "from") range.fromDay = span.fromDay;
    else if (!isSingleDay && parameter?.kind === "to") range.toDay = span.toDay;
  }
  return range;
}

function around({ fromDay, toDay }: DaySpan): DaySpan {
  return { fromDay: fromDay - nearbyDays, toDay: toDay + nearbyDays };
}

/** The value that markets know as `code`: an issue, an industry or a section. */
function codeOf({ texts }: Query): string | undefined {
  return texts.get("code") ?? texts.get("s33") ?? texts.get("section");
}

/** Equality of every text and day parameter with its field. `from`, `to`, `cursor` and paging play no part. */
function matcher({ endpoint, texts, spans }: Query): (row: MarketRow) => boolean {
  const wanted: (readonly [field: string, matches: (value: FieldValue) => boolean])[] = [];
  for (const { name, kind, field } of endpoint.parameters.values()) {
    const text = texts.get(name);
    if (text === undefined || field === null || kind === "from" || kind === "to") continue;
    const span = spans.get(name);
    if (kind === "list") wanted.push([field, containsAll(text.split(","))]);
    else if (span === undefined) wanted.push([field, (value) => value === text]);
    else wanted.push([field, isDay(span)]);
  }
  return (row) => wanted.every(([field, matches]) => matches(row[field]));
}

function containsAll(items: readonly string[]): (value: FieldValue) => boolean {
  return (value) => Array.isArray(value) && items.every((item) => value.includes(item));
}

function isDay({ fromDay }: DaySpan): (value: FieldValue) => boolean {
  const date = isoDate(fromDay);
  return (value) => value === date;
}

/** A snapshot: of the day asked for or the next session after it, and never of one that is not out yet. */
function selectMaster(
  store: RowStore,
  query: Query,
  subscription: Subscription,
): readonly PublishedRow[] {
  const { calendar } = store;
  const { window, nowMs } = subscription;
  const today = Math.min(jstDay(nowMs), window.toDay ?? lastDay);
  const asked = query.spans.get("date")?.fromDay ?? today;
  const clamped = Math.max(asked, window.fromDay, calendar.firstDay);
  const code = query.texts.get("code");
  let day = calendar.onOrAfter(Math.min(clamped, calendar.onOrAfter(today + 1)));
  for (let tries = 0; tries < 15; tries += 1) {
    const all = store.served(
      "/equities/master",
      { fromDay: day, toDay: day },
      openEnd(subscription),
    );
    if (all.length > 0) {
      return code === undefined ? all : all.filter(({ row }) => row["Code"] === code);
    }
    day = calendar.previous(day);
  }
  return [];
}

/** Rolling forward may leave Free's window by a few days. */
function openEnd(subscription: Subscription): Subscription {
  const { window } = subscription;
  return { ...subscription, window: { ...window, fromDay: firstDay, toDay: null } };
}

/** Today's morning from noon; yesterday's until six in the morning. */
function selectMorning(
  store: RowStore,
  query: Query,
  subscription: Subscription,
): readonly PublishedRow[] | Refusal {
  const today = jstDay(subscription.nowMs);
  const day = subscription.nowMs < jstInstantMs(today, "06:00") ? today - 1 : today;
  const code = query.texts.get("code");
  const range = { fromDay: day, toDay: day, ...(code === undefined ? {} : { code }) };
  const rows = store.served(query.endpoint.path, range, subscription);
  return rows.length === 0 ? noMorningBars : rows;
}

/** The latest list: the next session's from 19:00 on the session before it. */
function selectEarningsCalendar(
  store: RowStore,
  query: Query,
  subscription: Subscription,
): readonly PublishedRow[] {
  const today = jstDay(subscription.nowMs);
  const next = store.calendar.next(today);
  for (const day of [next, today]) {
    const range = { fromDay: day, toDay: day };
    const rows = store.served(query.endpoint.path, range, subscription);
    if (rows.length > 0) return rows;
  }
  return [];
}

/** `scheduled_date` looks for schedules that stand: the latest row of each company and period. */
function selectEarningsDates(
  store: RowStore,
  query: Query,
  subscription: Subscription,
): readonly PublishedRow[] {
  const scheduled = query.spans.get("scheduled_date");
  if (scheduled === undefined) return selectPlain(store, query, subscription);
  const range = { fromDay: scheduled.fromDay - scheduleDays, toDay: scheduled.toDay };
  const standing = new Map<string, PublishedRow>();
  for (const published of store.served(query.endpoint.path, range, subscription)) {
    const { Code: code, FYE: fiscalYearEnd, FQName: quarter } = published.row;
    standing.set(JSON.stringify([code, fiscalYearEnd, quarter]), published);
  }
  const matches = isDay(scheduled);
  return [...standing.values()].filter(({ row }) => matches(row["SchDate"]));
}

/** Without any parameter: what was filed today. */
function selectFilings(
  store: RowStore,
  query: Query,
  subscription: Subscription,
): readonly PublishedRow[] {
  if (query.texts.size > 0) return selectPlain(store, query, subscription);
  const today = jstDay(subscription.nowMs);
  return store.served(query.endpoint.path, { fromDay: today, toDay: today }, subscription);
}

/** True when a selection is rows. */
export function isRows(
  selection: readonly PublishedRow[] | Refusal,
): selection is readonly PublishedRow[] {
  return !isRefusal(selection);
}

/** The endpoints that a cursor may poll. */
export function hasCursor(endpoint: Endpoint): boolean {
  return endpoint.parameters.has("cursor");
}
