// The query of a request against the registry: which parameters count, what they mean, and the 400 when they do not.

import { epochDay } from "../../calendar/index.ts";
import { SchemaError } from "../../errors.ts";
import type { Endpoint, Parameter } from "../../jquants/index.ts";
import {
  codeLength,
  exclusiveParameters,
  fromAfterTo,
  malformedDate,
  parameterRequired,
  type Refusal,
} from "./bodies.ts";

/** A query as the client sent it: texts by name, empty ones left out. */
export type RawQuery = ReadonlyMap<string, string>;

/** Days of a date parameter; a month stands for its first to its last day. */
export interface DaySpan {
  readonly fromDay: number;
  readonly toDay: number;
}

/** A checked query: known parameters only. */
export interface Query {
  readonly endpoint: Endpoint;
  readonly texts: ReadonlyMap<string, string>;
  readonly spans: ReadonlyMap<string, DaySpan>;
}

/** The parameters of a URL. Empty values count as not given, and of a repeated name the last one. */
export function readQuery(query: unknown): RawQuery {
  const texts = new Map<string, string>();
  if (typeof query !== "object" || query === null) return texts;
  for (const [name, value] of Object.entries(query)) {
    const last: unknown = Array.isArray(value) ? value.at(-1) : value;
    if (typeof last === "string" && last !== "") texts.set(name, last);
  }
  return texts;
}

/** Checks a query in the server's order: required, exclusive, lengths, dates. Unknown parameters are ignored. */
export function checkQuery(endpoint: Endpoint, raw: RawQuery): Query | Refusal {
  const { requires, exclusive, combinations } = endpoint;
  if (requires.length > 0 && !requires.some((name) => raw.has(name))) {
    return parameterRequired(requires);
  }
  const clash = exclusive.find((names) => names.filter((name) => raw.has(name)).length > 1);
  if (clash !== undefined) return exclusiveParameters(clash);
  const isComplete = combinations.some(({ required }) => required.every((name) => raw.has(name)));
  if (!isComplete) return parameterRequired(combinations[0].required);
  return parseValues(endpoint, raw);
}

/** True for an answer that ends the request. */
export function isRefusal(value: object): value is Refusal {
  return "status" in value;
}

/** The ordinary share of a 4-character code, or the 5-character code itself. */
export function fullCode(code: string): string {
  return code.length === 4 ? `${code}0` : code;
}

function parseValues(endpoint: Endpoint, raw: RawQuery): Query | Refusal {
  const texts = new Map<string, string>();
  const spans = new Map<string, DaySpan>();
  for (const parameter of endpoint.parameters.values()) {
    const text = raw.get(parameter.name);
    if (text === undefined) continue;
    if (isCode(parameter) && text.length !== 4 && text.length !== 5) return codeLength;
    texts.set(parameter.name, isCode(parameter) ? fullCode(text) : text);
    if (!isDate(parameter)) continue;
    const span = parseDays(text, parameter.kind === "period");
    if (span === undefined) return malformedDate(parameter.name);
    spans.set(parameter.name, span);
  }
  return isReversed(endpoint, spans) ? fromAfterTo : { endpoint, texts, spans };
}

function isCode({ kind }: Parameter): boolean {
  return kind === "code" || kind === "underlying";
}

function isDate({ kind }: Parameter): boolean {
  return kind === "day" || kind === "from" || kind === "to" || kind === "period";
}

function isReversed(endpoint: Endpoint, spans: ReadonlyMap<string, DaySpan>): boolean {
  let from = Number.NEGATIVE_INFINITY;
  let to = Number.POSITIVE_INFINITY;
  for (const [name, span] of spans) {
    const kind = endpoint.parameters.get(name)?.kind;
    if (kind === "from" || name === "from") from = span.fromDay;
    if (kind === "to" || name === "to") to = span.toDay;
  }
  return from > to;
}

/** `YYYYMMDD` or `YYYY-MM-DD`; months as `YYYYMM` or `YYYY-MM` where they are allowed. Undefined for anything else. */
export function parseDays(text: string, allowsMonths = false): DaySpan | undefined {
  const match = /^(\d{4})-?(\d{2})(?:-?(\d{2}))?$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day] = match;
  if (day !== undefined) return daySpan(`${year}-${month}-${day}`);
  const first = allowsMonths ? daySpan(`${year}-${month}-01`) : undefined;
  if (first === undefined) return undefined;
  const isDecember = month === "12";
  const next = isDecember
    ? `${Number(year) + 1}-01-01`
    : `${year}-${String(Number(month) + 1).padStart(2, "0")}-01`;
  return { fromDay: first.fromDay, toDay: epochDay(next) - 1 };
}

function daySpan(date: string): DaySpan | undefined {
  try {
    const day = epochDay(date);
    return { fromDay: day, toDay: day };
  } catch (error) {
    if (error instanceof SchemaError) return undefined;
    throw error;
  }
}
