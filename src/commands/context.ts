// What every command gets: home folder, output in text or JSON, progress, cancellation; and how a failure leaves the process.

import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { readEnvironment, type Environment } from "../config.ts";
import { systemClock, type Clock } from "../clock.ts";
import type { OnProgress } from "../progress.ts";
import { createProgress } from "./progress-bars.ts";

export interface CommandContext {
  /** Absolute path of the folder that holds lake, datasets, models, runs, reports and cache. */
  readonly home: string;
  /** True when the caller wants one JSON document on standard output. */
  readonly json: boolean;
  readonly environment: Environment;
  readonly clock: Clock;
  /** Aborted by the first Ctrl-C; long work stops at its next resumable point. */
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
  /** A line for people, on standard output; silent with --json. */
  say(line: string): void;
  /** The result: `value` as JSON with --json, else the text that `render` makes of it. */
  result<T>(value: T, render: (value: T) => string): void;
}

export interface GlobalOptions {
  readonly home?: string;
  readonly json?: boolean;
}

type Run<A extends readonly unknown[], O> = (
  context: CommandContext,
  options: O,
  ...operands: A
) => Promise<void> | void;

/**
 * Wraps a command's work for commander's `.action()`: builds the context, closes progress bars, hands errors on.
 * `run` receives the command's own options and then its operands.
 */
export function action<A extends readonly unknown[], O extends object>(
  run: Run<A, O>,
): (...parameters: [...A, O, Command]) => Promise<void> {
  return async (...parameters) => {
    const command = parameters.at(-1);
    if (!(command instanceof Command)) throw new TypeError("action: expected commander's command");
    const [operands, options] = splitParameters<A, O>(parameters);
    const progress = createProgress(process.stderr);
    const interrupt = listenForInterrupt();
    try {
      const context = createContext(command, progress.onProgress, interrupt.signal);
      await run(context, options, ...operands);
    } finally {
      interrupt.stop();
      progress.close();
    }
  };
}

/** commander's parser for a whole number of at least `minimum`. */
export function wholeNumber(minimum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= minimum) return value;
    throw new InvalidArgumentError(`expected a whole number of at least ${minimum}.`);
  };
}

/** commander's parser for a number above 0. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("expected a number above 0.");
}

/** commander's parser for YYYY-MM-DD. */
export function isoDay(text: string): string {
  try {
    return Temporal.PlainDate.from(text).toString();
  } catch {
    throw new InvalidArgumentError("expected a date as YYYY-MM-DD.");
  }
}

/** commander's parser for a comma list of names. */
export function nameList(text: string): string[] {
  return text.split(",").map((name) => name.trim());
}

/** commander's parser for a comma list of whole numbers of at least 1. */
export function numberList(text: string): number[] {
  return nameList(text).map(wholeNumber(1));
}

function splitParameters<A extends readonly unknown[], O>(parameters: [...A, O, Command]): [A, O] {
  const operands: unknown = parameters.slice(0, -2);
  const options: unknown = parameters.at(-2);
  return [operands as A, options as O];
}

function createContext(
  command: Command,
  onProgress: OnProgress,
  signal: AbortSignal,
): CommandContext {
  const globals = command.optsWithGlobals<GlobalOptions>();
  const environment = readEnvironment();
  const json = globals.json === true;
  return {
    home: resolve(globals.home ?? environment.GOGOOKU3_HOME ?? "output"),
    json,
    environment,
    clock: systemClock,
    signal,
    onProgress,
    say: (line) => {
      if (!json) process.stdout.write(`${line}\n`);
    },
    result: (value, render) => {
      process.stdout.write(`${json ? JSON.stringify(value) : render(value)}\n`);
    },
  };
}

function listenForInterrupt(): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController();
  const onInterrupt = (): void => {
    if (controller.signal.aborted) process.exit(130);
    process.stderr.write("stopping at the next safe point; press Ctrl-C again to stop at once\n");
    controller.abort();
  };
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onInterrupt);
  return {
    signal: controller.signal,
    stop: () => {
      process.off("SIGINT", onInterrupt);
      process.off("SIGTERM", onInterrupt);
    },
  };
}
