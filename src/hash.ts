// Content hashes: of bytes, of files, and of plain values in one canonical order.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { SchemaError } from "./errors.ts";

/** SHA-256 of bytes or text, in hex. */
export function hashBytes(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}

/** SHA-256 of a file's content, in hex, without holding it in memory. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex");
}

/** SHA-256 of a plain value; equal values give equal hashes whatever the order of their keys. */
export function hashValue(value: unknown): string {
  return hashBytes(canonicalJson(value));
}

/**
 * JSON with sorted keys and no whitespace. Throws SchemaError for NaN, Infinity, functions, class
 * instances such as Map and Date, and undefined in lists.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") {
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    if (!Number.isFinite(value)) {
      throw new SchemaError(`canonicalJson: numbers must be finite, found ${value}`);
    }
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && isPlain(value)) {
    const entries = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`);
    return `{${entries.join(",")}}`;
  }
  const found = typeof value === "object" ? value.constructor.name : typeof value;
  throw new SchemaError(`canonicalJson: expected plain data, found ${found}`);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
