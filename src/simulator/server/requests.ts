// One request from its first check to its answer: route, key, rate, plan, parameters, window, data.

import { allows, endpoints, type Endpoint } from "../../jquants/index.ts";
import {
  bearerToken,
  endedVersion,
  keyInvalid,
  keyRequired,
  planTooLow,
  tooManyRequests,
  unknownEndpoint,
  type Refusal,
} from "./bodies.ts";
import { answerBulkGet, answerBulkList, hasAddon } from "./bulk-answer.ts";
import type { SimulatorContext } from "./context.ts";
import { answerRows, type Answer } from "./data-answer.ts";
import { answerDisclosureFiles, answerDisclosureIndex } from "./disclosure-answer.ts";
import { checkQuery, isRefusal, type Query, type RawQuery } from "./parameters.ts";

export interface ApiRequest {
  readonly method: string;
  /** Path with its version, `/v2/equities/master`. */
  readonly path: string;
  readonly query: RawQuery;
  readonly apiKey: string | undefined;
  readonly authorization: string | undefined;
  /** Where the client reached the server, `http://127.0.0.1:8788`. */
  readonly origin: string;
}

/** The endpoint of a path under /v2, if it can be asked for; ticks come in bulk files only. */
export function routeOf({
  method,
  path,
}: Pick<ApiRequest, "method" | "path">): Endpoint | undefined {
  if (method !== "GET" || !path.startsWith("/v2/")) return undefined;
  const endpoint = endpoints.get(path.slice("/v2".length));
  return endpoint?.path === "/equities/trades" ? undefined : endpoint;
}

/** The answer of the API to a request. */
export function answerRequest(context: SimulatorContext, request: ApiRequest): Answer | Refusal {
  if (request.path === "/v1" || request.path.startsWith("/v1/")) return endedVersion;
  const endpoint = routeOf(request);
  if (endpoint === undefined) return unknownEndpoint;
  const denied = checkKey(context, request) ?? checkRate(context, endpoint);
  if (denied !== undefined) return denied;
  if (!isOnPlan(context, endpoint, request.query)) return planTooLow;
  const query = checkQuery(endpoint, request.query);
  if (isRefusal(query)) return query;
  return answerQuery(context, query, request);
}

function checkKey(
  { apiKey: valid }: SimulatorContext,
  { apiKey, authorization }: ApiRequest,
): Refusal | undefined {
  if (apiKey === undefined || apiKey === "") {
    return authorization === undefined ? keyRequired : bearerToken;
  }
  const isValid = valid === undefined ? apiKey !== "invalid" : apiKey === valid;
  return isValid ? undefined : keyInvalid;
}

function checkRate({ limiter }: SimulatorContext, { bucket }: Endpoint): Refusal | undefined {
  return limiter === undefined || limiter.admit(bucket) ? undefined : tooManyRequests;
}

/** The bulk endpoints answer Free too: about the calendar's file. */
function isOnPlan(
  { plan, addons }: SimulatorContext,
  endpoint: Endpoint,
  query: RawQuery,
): boolean {
  if (!hasAddon(addons, endpoint)) return false;
  if (plan !== "free" || !endpoint.path.startsWith("/bulk/")) return allows(plan, endpoint);
  return [query.get("endpoint"), query.get("key")].some((value) =>
    value?.replace(/^\//, "").startsWith("markets/calendar"),
  );
}

function answerQuery(
  context: SimulatorContext,
  query: Query,
  { query: raw, origin }: ApiRequest,
): Answer | Refusal {
  switch (query.endpoint.path) {
    case "/bulk/list":
      return answerBulkList(context, query);
    case "/bulk/get":
      return answerBulkGet(context, query, origin);
    case "/td/files":
      return answerDisclosureFiles(context, query, origin);
    case "/td/bulk":
      return answerDisclosureIndex(context, origin);
    default:
      return answerRows(context, query, raw);
  }
}
