// Pages of at most five million bytes, and the opaque keys that lead from one to the next.

import { hashBytes } from "../../hash.ts";
import { invalidValue, type Refusal } from "./bodies.ts";
import type { RawQuery } from "./parameters.ts";

export const pageBytes = 5_000_000;

export interface Page {
  /** The rows' JSON, joined by commas. */
  readonly rows: string;
  /** Index of the first row of the next page; null on the last. */
  readonly next: number | null;
}

/** Writes rows from `start` on until the page is full. A page holds at least one row. */
export function writePage<T>(
  rows: readonly T[],
  start: number,
  write: (row: T) => string,
  limit: number = pageBytes,
): Page {
  const texts: string[] = [];
  let bytes = 0;
  for (let i = start; i < rows.length; i += 1) {
    const text = write(rows[i]);
    bytes += Buffer.byteLength(text) + 1;
    if (bytes > limit && texts.length > 0) return { rows: texts.join(","), next: i };
    texts.push(text);
  }
  return { rows: texts.join(","), next: null };
}

/** The key of the page that begins at row `start`, tied to path and query. `salt` tells two keys of one page apart. */
export function pageKey(path: string, query: RawQuery, start: number, salt = ""): string {
  return Buffer.from(`${start}.${fingerprint(path, query)}.${salt}`).toString("base64url");
}

/** Where the page of the query's `pagination_key` begins: 0 without one, a refusal for the key of another query. */
export function pageStart(path: string, query: RawQuery): number | Refusal {
  const key = query.get("pagination_key");
  if (key === undefined) return 0;
  const [start, tie] = Buffer.from(key, "base64url").toString().split(".");
  if (tie !== fingerprint(path, query) || !/^\d+$/.test(start)) {
    return invalidValue("pagination_key");
  }
  return Number(start);
}

function fingerprint(path: string, query: RawQuery): string {
  const parameters = [...query]
    .filter(([name]) => name !== "pagination_key")
    .map(([name, value]) => `${name}=${value}`)
    .sort((left, right) => (left < right ? -1 : 1));
  return hashBytes(JSON.stringify([path, parameters])).slice(0, 16);
}
