// Faults on demand: what goes wrong, for which endpoint, how often.

import { z } from "zod";
import { ConfigError } from "../../errors.ts";
import type { FieldValue, MarketRow } from "../market/types.ts";
import type { RowFaults } from "./served-market.ts";

/** What faults call the storage behind signed URLs; downloads are struck by faults of this path only. */
export const storagePath = "/__storage";

/** Faults that strike single answers; `expired` strikes downloads only. */
export const answerFaultKinds = [
  "rate-limit",
  "server-error",
  "bad-gateway",
  "unavailable",
  "empty-429",
  "too-large",
  "drop",
  "truncate",
  "short",
  "slow",
  "expired",
  "duplicate-page",
  "empty-page",
] as const;

export type AnswerFaultKind = (typeof answerFaultKinds)[number];

export interface AnswerFault {
  readonly kind: AnswerFaultKind;
  /** Path without /v2, or `/__storage` for downloads; all endpoints when left out. */
  readonly path?: string | undefined;
  /** How many answers it strikes; default 1. */
  readonly count?: number | undefined;
  /** Strikes every n-th matching answer; default every one. */
  readonly every?: number | undefined;
  /** Milliseconds that `slow` takes; default 40,000. */
  readonly ms?: number | undefined;
}

/** Rows of a path come later. */
export interface LateFault {
  readonly kind: "late";
  readonly path: string;
  readonly minutes: number;
}

/** Rows whose fields equal `where` have the values of `set` from now on. */
export interface CorrectFault {
  readonly kind: "correct";
  readonly path: string;
  readonly where: Readonly<Record<string, string | number | null>>;
  readonly set: Readonly<Record<string, string | number | null>>;
}

export type Fault = AnswerFault | LateFault | CorrectFault;

const cell = z.union([z.string(), z.number(), z.null()]);

const faultSchema: z.ZodType<Fault> = z.union([
  z.strictObject({
    kind: z.enum(answerFaultKinds),
    path: z.string().optional(),
    count: z.int().min(1).optional(),
    every: z.int().min(1).optional(),
    ms: z.int().min(0).optional(),
  }),
  z.strictObject({ kind: z.literal("late"), path: z.string(), minutes: z.number() }),
  z.strictObject({
    kind: z.literal("correct"),
    path: z.string(),
    where: z.record(z.string(), cell),
    set: z.record(z.string(), cell),
  }),
]);

/** Parses faults that came from outside: one or a list. Throws ConfigError. */
export function parseFaults(value: unknown): readonly Fault[] {
  const parsed = z.array(faultSchema).safeParse(Array.isArray(value) ? value : [value]);
  if (parsed.success) return parsed.data;
  throw new ConfigError(`faults: ${z.prettifyError(parsed.error)}`);
}

/** Faults of a command line: JSON, or `kind=count` separated by commas, as in `rate-limit=5,drop=1`. */
export function parseFaultList(text: string): readonly Fault[] {
  if (/^\s*[[{]/.test(text)) return parseFaults(parseJson(text));
  return parseFaults(
    text.split(",").map((item) => {
      const [kind, count] = item.trim().split("=");
      return count === undefined ? { kind } : { kind, count: Number(count) };
    }),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigError("faults: the value is not JSON", { cause: error });
  }
}

interface Armed {
  readonly fault: AnswerFault;
  left: number;
  seen: number;
}

/** The faults in force; answers take theirs, rows look up theirs. */
export class Faults implements RowFaults {
  #armed: Armed[] = [];
  readonly #delays = new Map<string, number>();
  #corrections: CorrectFault[] = [];
  readonly #correctedAtMs = new Map<string, number>();
  /** Grows with every change to rows, so that what was made of them before can be told apart. */
  revision = 0;

  /** `nowMs` is the virtual instant from which corrections hold. */
  add(faults: readonly Fault[], nowMs: number): void {
    for (const fault of faults) {
      if (fault.kind === "late") this.#delays.set(fault.path, fault.minutes * 60_000);
      else if (fault.kind === "correct") this.#addCorrection(fault, nowMs);
      else this.#armed.push({ fault, left: fault.count ?? 1, seen: 0 });
      this.revision += 1;
    }
  }

  clear(): void {
    this.#armed = [];
    this.#delays.clear();
    this.#corrections = [];
    this.#correctedAtMs.clear();
    this.revision += 1;
  }

  /** The fault that strikes this answer, if any; it is then used up by one. */
  take(path: string, kinds: readonly AnswerFaultKind[]): AnswerFault | undefined {
    for (const armed of this.#armed) {
      const { fault } = armed;
      if (armed.left === 0 || !kinds.includes(fault.kind)) continue;
      if (fault.path === undefined ? path === storagePath : fault.path !== path) continue;
      armed.seen += 1;
      if (armed.seen % (fault.every ?? 1) !== 0) continue;
      armed.left -= 1;
      return fault;
    }
    return undefined;
  }

  delayMs(path: string): number {
    return this.#delays.get(path) ?? 0;
  }

  correctedAtMs(path: string): number {
    return this.#correctedAtMs.get(path) ?? Number.NEGATIVE_INFINITY;
  }

  #addCorrection(fault: CorrectFault, nowMs: number): void {
    this.#corrections.push(fault);
    this.#correctedAtMs.set(fault.path, nowMs);
  }

  hasCorrections(path: string): boolean {
    return this.#corrections.some((correction) => correction.path === path);
  }

  correct(path: string, row: MarketRow): MarketRow {
    let corrected = row;
    for (const { path: ofPath, where, set } of this.#corrections) {
      if (ofPath === path && matches(row, where)) corrected = { ...corrected, ...set };
    }
    return corrected;
  }
}

function matches(row: MarketRow, where: CorrectFault["where"]): boolean {
  return Object.entries(where).every(
    ([field, value]: [string, FieldValue]) => row[field] === value,
  );
}
