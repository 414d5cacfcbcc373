// /bulk/list and /bulk/get: which files a plan may fetch, and signed URLs to them.

import { jstDay } from "../../calendar/index.ts";
import {
  allows,
  endpoints,
  planWindow,
  type Addon,
  type Endpoint,
  type Plan,
} from "../../jquants/index.ts";
import { invalidValue, notInBulk, outsideWindow, planTooLow, type Refusal } from "./bodies.ts";
import type { BulkFile } from "./bulk-files.ts";
import { subscriptionTo, type SimulatorContext } from "./context.ts";
import type { Answer } from "./data-answer.ts";
import type { DaySpan, Query } from "./parameters.ts";

/** Signed URLs of bulk files work for five minutes. */
const lifetimeMs = 300_000;

const calendarPath = "/markets/calendar";

/** Lists the files of an endpoint, or of all data sets of the plan for a period. */
export function answerBulkList(context: SimulatorContext, query: Query): Answer | Refusal {
  const path = query.texts.get("endpoint");
  if (path === undefined) return listPeriod(context, query.spans.get("date"));
  const endpoint = readable(context, path);
  if ("status" in endpoint) return endpoint;
  const subscription = subscriptionTo(context, endpoint);
  const from = query.spans.get("from");
  const to = query.spans.get("to");
  const early = [from, to].some(
    (span) => span !== undefined && span.toDay < subscription.window.fromDay,
  );
  if (early) return outsideWindow(subscription.window);
  const span = {
    fromDay: from?.fromDay ?? Number.NEGATIVE_INFINITY,
    toDay: to?.toDay ?? Number.POSITIVE_INFINITY,
  };
  return listed(context.bulk.list(endpoint, span, subscription));
}

/** Gives a URL for one file. */
export function answerBulkGet(
  context: SimulatorContext,
  query: Query,
  origin: string,
): Answer | Refusal {
  const key = query.texts.get("key");
  return key === undefined ? getByDate(context, query, origin) : getByKey(context, key, origin);
}

/** Free may fetch the calendar's file only; bulk/list and bulk/get themselves are on its plan for that. */
export function mayUseBulk(plan: Plan, endpoint: Endpoint): boolean {
  return plan !== "free" || endpoint.path === calendarPath;
}

function listPeriod(context: SimulatorContext, span: DaySpan | undefined): Answer | Refusal {
  const window = planWindow(context.plan, jstDay(context.clock.nowMs()));
  if (span !== undefined && span.toDay < window.fromDay) return outsideWindow(window);
  const readables = [...endpoints.values()].filter(
    (endpoint) => endpoint.bulk && endpoint.path !== calendarPath && isReadable(context, endpoint),
  );
  const files = readables.flatMap((endpoint) =>
    context.bulk.list(endpoint, span, subscriptionTo(context, endpoint)),
  );
  return listed(files.sort((left, right) => (left.key < right.key ? -1 : 1)));
}

function getByKey(context: SimulatorContext, key: string, origin: string): Answer | Refusal {
  const path = [...endpoints.keys()]
    .filter((each) => key.startsWith(`${each.slice(1)}/`))
    .sort((left, right) => right.length - left.length)
    .find((each) => /^(?:historical|live|markets_calendar)/.test(key.slice(each.length)));
  if (path === undefined) return invalidValue("key");
  const endpoint = readable(context, path);
  if ("status" in endpoint) return endpoint;
  return signed(context, endpoint, key, origin) ?? invalidValue("key");
}

function getByDate(context: SimulatorContext, query: Query, origin: string): Answer | Refusal {
  const endpoint = readable(context, query.texts.get("endpoint") ?? "");
  if ("status" in endpoint) return endpoint;
  const subscription = subscriptionTo(context, endpoint);
  const span = query.spans.get("date");
  if (span !== undefined && span.toDay < subscription.window.fromDay) {
    return outsideWindow(subscription.window);
  }
  const file = context.bulk.list(endpoint, span, subscription).at(0);
  if (file === undefined) return invalidValue("date");
  return signed(context, endpoint, file.key, origin) ?? invalidValue("date");
}

/** The endpoint, or why its files are out of reach. */
function readable(context: SimulatorContext, path: string): Endpoint | Refusal {
  const endpoint = endpoints.get(path);
  if (endpoint === undefined || !endpoint.bulk) return notInBulk;
  return isReadable(context, endpoint) ? endpoint : planTooLow;
}

function isReadable({ plan, addons }: SimulatorContext, endpoint: Endpoint): boolean {
  return allows(plan, endpoint) && hasAddon(addons, endpoint) && mayUseBulk(plan, endpoint);
}

/** True when the endpoint needs no add-on or the subscriber has it. */
export function hasAddon(addons: readonly Addon[], { addon }: Endpoint): boolean {
  return addon === null || addons.includes(addon);
}

function signed(
  context: SimulatorContext,
  endpoint: Endpoint,
  key: string,
  origin: string,
): Answer | undefined {
  const bytes = context.bulk.read(endpoint, key, subscriptionTo(context, endpoint));
  if (bytes === undefined) return undefined;
  const load = (): { contentType: string; bytes: Buffer } => ({
    contentType: "application/gzip",
    bytes,
  });
  const url = `${origin}${context.storage.sign(key, lifetimeMs, load)}`;
  return { status: 200, body: JSON.stringify({ url }) };
}

function listed(files: readonly BulkFile[]): Answer {
  const data = files.map(({ key, lastModified, size }) => ({
    Key: key,
    LastModified: lastModified,
    Size: size,
  }));
  return { status: 200, body: JSON.stringify({ data }) };
}
