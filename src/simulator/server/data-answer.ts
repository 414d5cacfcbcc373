// The answer of an endpoint that serves rows: a page of them, the key of the next, and a cursor where there is one.

import { jstDay } from "../../calendar/index.ts";
import type { Plan } from "../../jquants/index.ts";
import type { PublishedRow } from "../market/types.ts";
import { planTooLow, type Refusal } from "./bodies.ts";
import { subscriptionTo, type SimulatorContext } from "./context.ts";
import { rowWriter, type RowWriter } from "./json-rows.ts";
import { pageKey, pageStart, writePage } from "./paging.ts";
import type { Query, RawQuery } from "./parameters.ts";
import { hasCursor, isRows, selectRows } from "./selection.ts";

/** A body that is ready to be sent. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

const writers = new Map<string, RowWriter>();

/** Selects, pages and writes the rows of a checked query. */
export function answerRows(
  context: SimulatorContext,
  query: Query,
  raw: RawQuery,
): Answer | Refusal {
  const { endpoint } = query;
  const subscription = subscriptionTo(context, endpoint);
  if (query.texts.has("cursor") && !mayPoll(context.plan, query)) return planTooLow;
  const start = pageStart(endpoint.path, raw);
  if (typeof start !== "number") return start;
  const selected = selectRows(context.store, query, subscription);
  if (!isRows(selected)) return selected;
  const rows = sinceCursor(selected, query.texts.get("cursor"));
  if (rows === undefined) return { status: 400, body: '{"message":"\'cursor\' is invalid."}' };
  const write = writerOf(query, context.plan);
  const page = writePage(rows, start, ({ row }) => write(row), context.pageBytes);
  const next = nextKey(context, endpoint.path, raw, { start, next: page.next });
  if (next.isEmptyPage) return { status: 200, body: `{"data":[],"pagination_key":"${next.key}"}` };
  const tail =
    next.key === undefined ? cursorTail(query, context) : `,"pagination_key":"${next.key}"`;
  return { status: 200, body: `{"data":[${page.rows}]${tail}}` };
}

/** Cursors are for Premium, and for timely disclosures with their add-on. */
function mayPoll(plan: Plan, { endpoint }: Query): boolean {
  return endpoint.addon !== null || plan === "premium";
}

function writerOf({ endpoint }: Query, plan: Plan): RowWriter {
  const key = `${plan}${endpoint.path}`;
  const known = writers.get(key) ?? rowWriter(endpoint, plan);
  writers.set(key, known);
  return known;
}

/** Rows that were published after the instant that the cursor names; undefined when it names none. */
function sinceCursor(
  rows: readonly PublishedRow[],
  cursor: string | undefined,
): readonly PublishedRow[] | undefined {
  if (cursor === undefined) return rows;
  const sinceMs = Number(Buffer.from(cursor, "base64url").toString());
  if (!Number.isSafeInteger(sinceMs) || sinceMs <= 0) return undefined;
  return rows.filter(({ availableAtMs }) => availableAtMs > sinceMs);
}

/** A cursor comes on the last page only, and only for today. */
function cursorTail(query: Query, { clock, plan }: SimulatorContext): string {
  const { endpoint, spans } = query;
  if (!hasCursor(endpoint) || !mayPoll(plan, query)) return "";
  const nowMs = clock.nowMs();
  if (spans.get("date")?.fromDay !== jstDay(nowMs)) return "";
  return `,"cursor":"${Buffer.from(String(nowMs)).toString("base64url")}"`;
}

interface NextKey {
  readonly key: string | undefined;
  readonly isEmptyPage: boolean;
}

/** Where the next page begins, unless a fault repeats this one or puts an empty one before it. */
function nextKey(
  { faults }: SimulatorContext,
  path: string,
  raw: RawQuery,
  page: { readonly start: number; readonly next: number | null },
): NextKey {
  const again = pageKey(path, raw, page.start, raw.get("pagination_key")?.slice(-6) ?? "again");
  if (faults.take(path, ["empty-page"])) return { key: again, isEmptyPage: true };
  if (faults.take(path, ["duplicate-page"])) return { key: again, isEmptyPage: false };
  const key = page.next === null ? undefined : pageKey(path, raw, page.next);
  return { key, isEmptyPage: false };
}
