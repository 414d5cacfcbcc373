import fc from "fast-check";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SchemaError } from "../src/errors.ts";
import { canonicalJson, hashBytes, hashFile, hashValue } from "../src/hash.ts";
import { createRng } from "../src/rng.ts";

test("hashBytes is SHA-256: the vectors of FIPS 180-2", () => {
  expect(hashBytes("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(hashBytes("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  expect(hashBytes(new TextEncoder().encode("abc"))).toBe(hashBytes("abc"));
});

test("a file's hash is that of its bytes, also when it is read in several pieces", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hash-"));
  const rng = createRng(1);
  const bytes = Uint8Array.from({ length: 2_500_000 }, () => rng.uint32());
  writeFileSync(join(folder, "bytes"), bytes);
  expect(await hashFile(join(folder, "bytes"))).toBe(hashBytes(bytes));
  await expect(hashFile(join(folder, "none"))).rejects.toThrow("ENOENT");
  rmSync(folder, { recursive: true });
});

function reversedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversedKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, field]) => [key, reversedKeys(field)]),
  );
}

const plain = fc.jsonValue({ maxDepth: 4 });

test("the order of keys does not change a value's hash", () => {
  fc.assert(
    fc.property(plain, (value) => {
      expect(hashValue(reversedKeys(value))).toBe(hashValue(value));
    }),
  );
});

test("canonical JSON parses back to the value, so different values have different texts", () => {
  fc.assert(
    fc.property(plain, (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("keys are sorted at every depth, nothing is spaced, and an undefined field is as if absent", () => {
  expect(canonicalJson({ b: [1, { d: 2, c: null }], a: "x" })).toBe(
    '{"a":"x","b":[1,{"c":null,"d":2}]}',
  );
  expect(hashValue({ a: 1, b: undefined })).toBe(hashValue({ a: 1 }));
});

test("a one in a list, a text or another order of a list changes the hash", () => {
  const values = [[1, 2], [2, 1], [1, "2"], ["1", 2], [[1], 2], { 0: 1, 1: 2 }, null];
  expect(new Set(values.map(hashValue)).size).toBe(values.length);
});

test.each([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["a function", () => 1],
  ["undefined in a list", [undefined]],
  ["a bigint", 1n],
] as const)("%s has no canonical text", (_, value) => {
  expect(() => canonicalJson({ value })).toThrow(SchemaError);
});

test("class instances have no canonical JSON, so that two of them never share a hash", () => {
  expect(() => hashValue({ a: new Map([[1, 2]]) })).toThrow("found Map");
  expect(() => hashValue([new Set([1])])).toThrow(SchemaError);
});
