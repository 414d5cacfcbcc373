// Every error class of gogooku3. A message says where, what was expected, what was found and the way out.

/** Base of all errors that gogooku3 raises on purpose. */
export class PipelineError extends Error {
  override readonly name: string = "PipelineError";
}

/** The user can fix it: a flag, a config key, an argument, a credential that is not set. */
export class ConfigError extends PipelineError {
  override readonly name: string = "ConfigError";
}

export interface SourceErrorDetails {
  readonly endpoint: string;
  readonly status?: number;
  readonly attempt?: number;
  readonly retryable?: boolean;
}

/** A data source answered with an error, or not at all. */
export class SourceError extends PipelineError {
  override readonly name: string = "SourceError";
  readonly endpoint: string;
  readonly status: number | undefined;
  readonly attempt: number;
  readonly retryable: boolean;

  constructor(message: string, details: SourceErrorDetails, options?: ErrorOptions) {
    super(message, options);
    this.endpoint = details.endpoint;
    this.status = details.status;
    this.attempt = details.attempt ?? 1;
    this.retryable = details.retryable ?? false;
  }
}

/** A column, field or value is missing or has another type than its schema says. */
export class SchemaError extends PipelineError {
  override readonly name: string = "SchemaError";
}

/** Lengths or shapes disagree: the message gives what was expected and what was found. */
export class ShapeError extends PipelineError {
  override readonly name: string = "ShapeError";
}

/** Training data meets test data, or a value is used before the instant it became known. */
export class LeakageError extends PipelineError {
  override readonly name: string = "LeakageError";
}

/** A file on disk is not what its manifest, hash, version or config says. */
export class ArtifactError extends PipelineError {
  override readonly name: string = "ArtifactError";
}

/** What went wrong in training. */
export type Degeneracy =
  "not-finite" | "constant-predictions" | "exploding-loss" | "no-labels" | "out-of-memory";

/** Training cannot go on; the last checkpoint is from before it went wrong. */
export class DegenerateTrainingError extends PipelineError {
  override readonly name: string = "DegenerateTrainingError";
  readonly degeneracy: Degeneracy;

  constructor(degeneracy: Degeneracy, message: string, options?: ErrorOptions) {
    super(`train: ${degeneracy}: ${message}`, options);
    this.degeneracy = degeneracy;
  }
}

/** Exit codes of the command line. */
export const exitCodes = { done: 0, failed: 1, usage: 2, source: 3, check: 4 } as const;

/** The exit code a failure ends the process with: 2 usage, 3 source, 4 data or leakage, else 1. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof ConfigError) return exitCodes.usage;
  if (error instanceof SourceError) return exitCodes.source;
  if (
    error instanceof SchemaError ||
    error instanceof LeakageError ||
    error instanceof ArtifactError
  ) {
    return exitCodes.check;
  }
  return exitCodes.failed;
}
