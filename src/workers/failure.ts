// Errors on their way out of a worker thread: structured clones forget classes, exit codes hang on them.

import {
  ArtifactError,
  ConfigError,
  LeakageError,
  PipelineError,
  SchemaError,
  ShapeError,
} from "../errors.ts";

/** An error as plain data. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: Failure | undefined;
}

/** What a worker sends back for one block; `lacksShared` asks for the pool's shared value. */
export type Outcome<Result = unknown> =
  { readonly value: Result } | { readonly failure: Failure } | { readonly lacksShared: true };

type ErrorClass = new (message: string, options?: ErrorOptions) => Error;

const classes: ReadonlyMap<string, ErrorClass> = new Map<string, ErrorClass>([
  ["ArtifactError", ArtifactError],
  ["ConfigError", ConfigError],
  ["LeakageError", LeakageError],
  ["SchemaError", SchemaError],
  ["ShapeError", ShapeError],
  ["RangeError", RangeError],
  ["TypeError", TypeError],
]);

/** Of an error and its causes. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) {
    return { name: "Error", message: String(error), stack: undefined, cause: undefined };
  }
  const { name, message, stack, cause } = error;
  return { name, message, stack, cause: cause === undefined ? undefined : failureOf(cause) };
}

/** The error that was thrown, of its own class where that is one of gogooku3's. */
export function errorOf({ name, message, stack, cause }: Failure): Error {
  const Kind = classes.get(name) ?? Error;
  const error = new Kind(message, cause === undefined ? {} : { cause: errorOf(cause) });
  if (stack !== undefined) error.stack = stack;
  return error;
}

/** `message` as an error of the cause's class, or a PipelineError: leakage in a worker is leakage. */
export function wrapped(message: string, cause: unknown): Error {
  const Kind = cause instanceof PipelineError ? classes.get(cause.name) : undefined;
  return new (Kind ?? PipelineError)(message, { cause });
}
