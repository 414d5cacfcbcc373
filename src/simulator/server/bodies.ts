// The answers that are not data: exact statuses and texts of J-Quants API V2.

import { isoDate } from "../../calendar/index.ts";
import type { PlanWindow } from "../../jquants/index.ts";

/** An answer that ends a request before data: status and JSON body. */
export interface Refusal {
  readonly status: number;
  readonly body: { readonly message: string };
}

const morePlans =
  "If you want more data, please check other plans:https://jpx-jquants.com/#dataset";

export const keyRequired: Refusal = refusal(403, "The api key is required.");

export const keyInvalid: Refusal = refusal(403, "The incoming api key is invalid or expired.");

/** What the gateway says to a Bearer token without an API key. */
export const bearerToken: Refusal = refusal(
  403,
  "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
);

export const planTooLow: Refusal = refusal(
  403,
  `This API is not available on your subscription.  ${morePlans}`,
);

export const unknownEndpoint: Refusal = refusal(
  403,
  "The requested endpoint does not exist. Please check the URL, HTTP method, and API version:https://jpx-jquants.com/spec/",
);

/** Every path of V1, which ended on 2026-06-01. */
export const endedVersion: Refusal = refusal(403, "Forbidden");

export const tooManyRequests: Refusal = refusal(
  429,
  "Rate limit exceeded. Please try again later.",
);

export const serverError: Refusal = refusal(500, "Unexpected error. Please try again later.");

/** Documented, and rare since answers have pages: only a fault gives it here. */
export const responseTooLarge: Refusal = refusal(
  413,
  "Response data is too large. Specify parameters to reduce the acquired data range.",
);

export const noMorningBars: Refusal = refusal(
  210,
  "No content due to outside the target time or a stock code does not exist.",
);

export const codeLength: Refusal = refusal(400, "'code' must be 4 or 5 characters.");

export const notInBulk: Refusal = refusal(400, "This endpoint is not available for csv download");

export const fromAfterTo: Refusal = refusal(400, "'from' must be older than 'to'");

/** No parameter of `names` was given. */
export function parameterRequired(names: readonly string[]): Refusal {
  const list = names.map((name) => `'${name}'`).join(",");
  return refusal(400, `This API requires at least 1 parameter as follows; ${list}.`);
}

export function outsideWindow({ fromDay, toDay }: PlanWindow): Refusal {
  const end = toDay === null ? "" : isoDate(toDay);
  return refusal(
    400,
    `Your subscription covers the following dates: ${isoDate(fromDay)} ~ ${end}. ${morePlans}`,
  );
}

// The texts of the next three are not published; the status is.

export function malformedDate(name: string): Refusal {
  return refusal(400, `'${name}' must be a date as YYYYMMDD or YYYY-MM-DD.`);
}

export function exclusiveParameters(names: readonly string[]): Refusal {
  const list = names.map((name) => `'${name}'`).join(",");
  return refusal(400, `These parameters cannot be used together; ${list}.`);
}

export function invalidValue(name: string): Refusal {
  return refusal(400, `'${name}' is invalid.`);
}

function refusal(status: number, message: string): Refusal {
  return { status, body: { message } };
}
