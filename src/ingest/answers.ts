// What an answer of the API means: for each status and message the error, whether to try again, and the way out.

import { SourceError } from "../errors.ts";

export interface FailedAnswer {
  readonly endpoint: string;
  readonly status: number;
  readonly message: string;
  readonly attempt: number;
  readonly plan: string;
}

interface Rule {
  readonly status: number;
  readonly text: string;
  readonly wayOut: string;
}

// The service answers 403 for four different reasons; only the text tells them apart.
const rules: readonly Rule[] = [
  { status: 403, text: "api key is required", wayOut: "set JQUANTS_API_KEY" },
  {
    status: 403,
    text: "invalid or expired",
    wayOut:
      "copy the key again from https://jpx-jquants.com/dashboard/api-keys into JQUANTS_API_KEY",
  },
  {
    status: 403,
    text: "not available on your subscription",
    wayOut: "set JQUANTS_PLAN to the plan you have, or leave the endpoint out with --endpoints",
  },
  {
    status: 403,
    text: "endpoint does not exist",
    wayOut: "check JQUANTS_BASE_URL, it ends with /v2",
  },
  {
    status: 403,
    text: "forbidden",
    wayOut: "V1 was closed on 2026-06-01; let JQUANTS_BASE_URL end with /v2",
  },
  {
    status: 403,
    text: "no active subscription",
    wayOut: "choose a plan in the dashboard, the free one included",
  },
  {
    status: 400,
    text: "subscription covers",
    wayOut: "ask for dates inside that window, or set JQUANTS_PLAN to the plan you have",
  },
  { status: 400, text: "not available for csv", wayOut: "use --no-bulk for this endpoint" },
  { status: 413, text: "", wayOut: "ask for a shorter range" },
  {
    status: 429,
    text: "",
    wayOut: "wait five minutes, then run it again: it goes on where it stopped",
  },
];

/** True for answers after which the same request may succeed. */
export function isRetryable(status: number): boolean {
  return status === 429 || status === 500 || status === 502 || status === 503 || status === 504;
}

/** The error for an answer that is not a success. Its text never holds the key or a signed URL. */
export function answerError({
  endpoint,
  status,
  message,
  attempt,
  plan,
}: FailedAnswer): SourceError {
  const lower = message.toLowerCase();
  const rule = rules.find((entry) => entry.status === status && lower.includes(entry.text));
  const retryable = isRetryable(status);
  const wayOut =
    rule?.wayOut ?? (retryable ? "run it again later: it goes on where it stopped" : "");
  const said = message === "" ? "no message" : message;
  const text = `${endpoint}: the service answered ${status} on plan ${plan}: ${said}${wayOut === "" ? "" : `; way out: ${wayOut}`}`;
  return new SourceError(text, { endpoint, status, attempt, retryable });
}

/** The message of an error body: JSON `{"message": ...}`, XML of the storage, or plain text. */
export function messageOf(body: string): string {
  try {
    const tree: unknown = JSON.parse(body);
    if (typeof tree === "object" && tree !== null && "message" in tree) return String(tree.message);
  } catch {
    const xml = /<Message>([^<]*)<\/Message>/u.exec(body);
    if (xml !== null) return xml[1];
  }
  return body.trim().slice(0, 200);
}
