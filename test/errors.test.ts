import { expect, test } from "vitest";
import {
  ArtifactError,
  ConfigError,
  exitCodeOf,
  LeakageError,
  PipelineError,
  SchemaError,
  ShapeError,
  SourceError,
} from "../src/errors.ts";

test.each([
  [new ConfigError("no key"), 2],
  [new SourceError("down", { endpoint: "/fins/summary" }), 3],
  [new SchemaError("no column"), 4],
  [new LeakageError("from the future"), 4],
  [new ArtifactError("other hash"), 4],
  [new ShapeError("lengths"), 1],
  [new PipelineError("other"), 1],
  [new TypeError("a bug"), 1],
  ["thrown text", 1],
  [undefined, 1],
] as const)("%s ends the process with %i", (error, code) => {
  expect(exitCodeOf(error)).toBe(code);
});

test("every class is a PipelineError under its own name and passes its cause on", () => {
  const cause = new Error("the reason");
  const errors = [ConfigError, SchemaError, ShapeError, LeakageError, ArtifactError].map(
    (Class) => new Class("where: expected, found", { cause }),
  );
  for (const error of errors) {
    expect(error).toBeInstanceOf(PipelineError);
    expect(error.name).toBe(error.constructor.name);
    expect(error.cause).toBe(cause);
    expect(String(error)).toBe(`${error.name}: where: expected, found`);
  }
});

test("a source error says which endpoint, status and attempt failed, and whether trying again helps", () => {
  const cause = new Error("socket");
  const error = new SourceError(
    "too many requests",
    { endpoint: "/equities/bars/daily", status: 429, attempt: 3, retryable: true },
    { cause },
  );
  expect(error).toMatchObject({
    endpoint: "/equities/bars/daily",
    status: 429,
    attempt: 3,
    retryable: true,
  });
  expect(error.cause).toBe(cause);
  const plain = new SourceError("no answer", { endpoint: "/fins/summary" });
  expect([plain.status, plain.attempt, plain.retryable]).toEqual([undefined, 1, false]);
});
