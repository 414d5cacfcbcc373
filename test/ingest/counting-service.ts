// A J-Quants service in memory that counts what it is asked: any endpoint of the registry over given rows, bulk files included.

import { gzipSync } from "node:zlib";
import { epochDay, isoDate, jstDay, jpxCalendar, type Calendar } from "../../src/calendar/index.ts";
import type { Clock } from "../../src/clock.ts";
import { endpointOf, servedAtMs, type Endpoint } from "../../src/jquants/index.ts";
import type { RawRow } from "../../src/lake/index.ts";

export interface ServiceCall {
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface ServiceOptions {
  readonly clock: Clock;
  readonly rows: ReadonlyMap<string, readonly RawRow[]>;
  readonly pageRows?: number;
  /** Answers instead of the service, or undefined to let it answer. */
  readonly fault?: (call: ServiceCall, count: number) => Response | Promise<Response> | undefined;
  readonly key?: string;
}

export interface CountingService {
  readonly fetch: typeof fetch;
  readonly calls: ServiceCall[];
  readonly baseUrl: string;
}

export function countingService(options: ServiceOptions): CountingService {
  const calls: ServiceCall[] = [];
  const calendar = jpxCalendar();
  const answer = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const url = new URL(input instanceof Request ? input.url : String(input));
    const call = {
      path: url.pathname.replace(/^\/v2/u, ""),
      parameters: Object.fromEntries(url.searchParams),
    };
    calls.push(call);
    init?.signal?.throwIfAborted();
    const broken = await options.fault?.(call, calls.length);
    if (broken !== undefined) return broken;
    if (call.path.startsWith("/file/")) return file(call.path.slice(6), options, calendar);
    const headers = new Headers(init?.headers);
    if (headers.get("x-api-key") !== (options.key ?? "key")) {
      return message(403, "The incoming api key is invalid or expired.");
    }
    if (call.path === "/bulk/list") return bulkList(call, options, calendar);
    if (call.path === "/bulk/get") {
      return Response.json({ url: `${url.origin}/file/${call.parameters["key"]}` });
    }
    return rowsOf(call, options, calendar);
  };
  return { fetch: answer, calls, baseUrl: "http://service.test/v2" };
}

export function message(status: number, text: string): Response {
  return Response.json({ message: text }, { status });
}

function published(
  endpoint: Endpoint,
  { rows, clock }: ServiceOptions,
  calendar: Calendar,
): RawRow[] {
  return (rows.get(endpoint.path) ?? []).filter(
    (row) => servedAtMs(endpoint, row, calendar) <= clock.nowMs(),
  );
}

function rowsOf(
  { path, parameters }: ServiceCall,
  options: ServiceOptions,
  calendar: Calendar,
): Response {
  const endpoint = endpointOf(path);
  const matching = published(endpoint, options, calendar).filter((row) =>
    Object.entries(parameters).every(([name, value]) => {
      const parameter = endpoint.parameters.get(name);
      if (parameter === undefined || parameter.field === null) return true;
      const found = String(row[parameter.field]);
      if (parameter.kind === "from") return found >= value;
      if (parameter.kind === "to") return found <= value;
      return found === value;
    }),
  );
  const size = options.pageRows ?? 1_000_000;
  const offset = Number(parameters["pagination_key"] ?? 0);
  const next = offset + size < matching.length ? { pagination_key: String(offset + size) } : {};
  return Response.json({ data: matching.slice(offset, offset + size), ...next });
}

function bulkList(call: ServiceCall, options: ServiceOptions, calendar: Calendar): Response {
  const endpoint = endpointOf(call.parameters["endpoint"] ?? "");
  const keys = new Set(
    published(endpoint, options, calendar).map((row) => keyOf(endpoint, row, options)),
  );
  const data = [...keys].toSorted().map((Key) => ({
    Key,
    LastModified: "2024-01-01T00:00:00Z",
    Size: csvOf(Key, options, calendar).length,
  }));
  return Response.json({ data });
}

function file(key: string, options: ServiceOptions, calendar: Calendar): Response {
  return new Response(new Uint8Array(csvOf(key, options, calendar)));
}

function keyOf(endpoint: Endpoint, row: RawRow, { clock }: ServiceOptions): string {
  const day = String(row[endpoint.dateField ?? "Date"]);
  const stem = endpoint.path.slice(1).replaceAll("/", "_");
  const today = jstDay(clock.nowMs());
  const isLive = isoMonth(epochDay(day)) === isoMonth(today);
  const stamp = isLive ? day.replaceAll("-", "") : day.slice(0, 7).replace("-", "");
  const folder = isLive ? "live" : `historical/${day.slice(0, 4)}`;
  return `${endpoint.path.slice(1)}/${folder}/${stem}_${stamp}.csv.gz`;
}

function csvOf(key: string, options: ServiceOptions, calendar: Calendar): Buffer {
  const path = `/${key.replace(/\/(?:historical|live)\/.*$/u, "")}`;
  const endpoint = endpointOf(path);
  const rows = published(endpoint, options, calendar).filter(
    (row) => keyOf(endpoint, row, options) === key,
  );
  const columns = columnsOf(endpoint, rows);
  const lines = rows.map((row) => columns.map((name) => cell(row[name])).join(","));
  return gzipSync(`${[columns.join(","), ...lines].join("\n")}\n`);
}

/** A file has the columns that one of its rows has: known ones in their order, then others. */
function columnsOf(endpoint: Endpoint, rows: readonly RawRow[]): string[] {
  const present = new Set(rows.flatMap((row) => Object.keys(row)));
  const others = [...present].filter((name) => !endpoint.fields.has(name));
  return [...endpoint.bulkColumns.filter((name) => present.has(name)), ...others];
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return /[",\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function isoMonth(day: number): string {
  return isoDate(day).slice(0, 7);
}
