// What a training run tells about itself while it goes on: status.json, read by `train status`, written by the run alone.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { publishFile } from "../publish.ts";

export interface RunState {
  readonly run: string;
  readonly state: "running" | "done" | "stopped" | "failed";
  readonly pid: number;
  readonly fold: number;
  readonly folds: number;
  readonly phase: string;
  /** Epochs done in the fold, and at most to do. */
  readonly epoch: number;
  readonly epochs: number;
  readonly loss: number | null;
  readonly score: number | null;
  readonly samplesPerSecond: number | null;
  /** Seconds left for the fold if no phase ends early; null before the first epoch. */
  readonly secondsLeft: number | null;
  /** Why it failed. */
  readonly message: string;
}

const schema: z.ZodType<RunState> = z.strictObject({
  run: z.string(),
  state: z.enum(["running", "done", "stopped", "failed"]),
  pid: z.int(),
  fold: z.int(),
  folds: z.int(),
  phase: z.string(),
  epoch: z.int(),
  epochs: z.int(),
  loss: z.number().nullable(),
  score: z.number().nullable(),
  samplesPerSecond: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  message: z.string(),
});

const fileName = "status.json";

export async function writeRunState(folder: string, state: RunState): Promise<void> {
  await publishFile(join(folder, fileName), `${JSON.stringify(state, null, 1)}\n`);
}

/** The state of a run, or undefined where none was ever started in `folder`. */
export function readRunState(folder: string): RunState | undefined {
  const path = join(folder, fileName);
  return existsSync(path) ? schema.parse(JSON.parse(readFileSync(path, "utf8"))) : undefined;
}
