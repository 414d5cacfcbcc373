// Stages of models: none, staging, production, archived. One model is in production; every move is kept with who, when and why.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import { ArtifactError, ConfigError } from "../errors.ts";
import { acquireLock } from "../lake/lock.ts";
import { publishFile } from "../publish.ts";
import { readModel, verifyModel } from "../runs/index.ts";

export const modelStages = ["none", "staging", "production", "archived"] as const;

export type ModelStage = (typeof modelStages)[number];

/** What one gate looked for and found when a model was to be promoted. */
export interface GateResult {
  readonly gate: string;
  readonly passed: boolean;
  readonly expected: string;
  readonly found: string;
  /** What to do when it did not pass. */
  readonly wayOut: string;
}

export interface StageMove {
  readonly model: string;
  readonly from: ModelStage;
  readonly to: ModelStage;
  /** Instant of the move, ISO 8601. */
  readonly at: string;
  /** Login name of who moved it. */
  readonly who: string;
  readonly reason: string;
  /** True when a gate had refused and the mover went on. */
  readonly forced: boolean;
  /** Empty for moves without gates: rollback, archive. */
  readonly gates: readonly GateResult[];
}

/** Who moves a model, why, and by which clock. */
export interface MoveOptions {
  readonly who: string;
  readonly reason: string;
  readonly clock: Clock;
  readonly forced?: boolean;
  readonly gates?: readonly GateResult[];
}

const moveSchema: z.ZodType<StageMove> = z.strictObject({
  model: z.string(),
  from: z.enum(modelStages),
  to: z.enum(modelStages),
  at: z.string(),
  who: z.string(),
  reason: z.string(),
  forced: z.boolean(),
  gates: z.array(
    z.strictObject({
      gate: z.string(),
      passed: z.boolean(),
      expected: z.string(),
      found: z.string(),
      wayOut: z.string(),
    }),
  ),
});

/** All moves, oldest first. Throws ArtifactError for a file that is not ours. */
export function readMoves(home: string): StageMove[] {
  const file = stagesFile(home);
  if (!existsSync(file)) return [];
  const parsed = z.array(moveSchema).safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (parsed.success) return parsed.data;
  throw new ArtifactError(`${file}: ${z.prettifyError(parsed.error)}`);
}

/** The stage of a model; "none" for one that never moved. */
export function stageOf(moves: readonly StageMove[], model: string): ModelStage {
  return moves.findLast((move) => move.model === model)?.to ?? "none";
}

/** The model in production, or undefined. */
export function productionModel(moves: readonly StageMove[]): string | undefined {
  return moves
    .filter(({ to }) => to === "production")
    .map(({ model }) => model)
    .findLast((model) => stageOf(moves, model) === "production");
}

/** The model in production. Throws ConfigError that says how to put one there when there is none. */
export function requireProductionModel(home: string): string {
  const id = productionModel(readMoves(home));
  if (id !== undefined) return id;
  throw new ConfigError(
    "models: expected a model in production, found none; `gogooku3 models list` shows what is trained, " +
      "`gogooku3 models promote ID --to production` puts one there",
  );
}

/**
 * Moves a model; the one it replaces in production is archived in the same step. One writer at a time; the history is replaced
 * by a rename, so a reader sees all of a move or none. Throws ConfigError when the model is there already.
 */
export async function moveModel(
  home: string,
  model: string,
  to: ModelStage,
  options: MoveOptions,
): Promise<StageMove[]> {
  const lock = await acquireLock(join(home, "models"), `move ${model} to ${to}`);
  try {
    const all = withMove(readMoves(home), model, to, options);
    await publishFile(stagesFile(home), `${JSON.stringify(all, null, 1)}\n`);
    return all;
  } finally {
    await lock.release();
  }
}

/**
 * Puts the model that was in production before the present one back, after its files are verified. Throws ConfigError when there
 * was none.
 */
export async function rollback(
  home: string,
  { who, clock, reason }: { readonly who: string; readonly clock: Clock; readonly reason?: string },
): Promise<StageMove[]> {
  const moves = readMoves(home);
  const present = productionModel(moves);
  const before = moves
    .filter(({ to, model }) => to === "production" && model !== present)
    .at(-1)?.model;
  if (present === undefined || before === undefined) {
    throw new ConfigError(
      `models rollback: expected an earlier production model, found ${present ?? "none in production"} and nothing before it`,
    );
  }
  await verifyModel(home, await readModel(home, before));
  const because = `rollback from ${present}${reason === undefined ? "" : `: ${reason}`}`;
  return moveModel(home, before, "production", { reason: because, who, clock });
}

function withMove(
  moves: readonly StageMove[],
  model: string,
  to: ModelStage,
  { who, reason, clock, forced = false, gates = [] }: MoveOptions,
): StageMove[] {
  const from = stageOf(moves, model);
  if (from === to) throw new ConfigError(`models: ${model} is in stage ${to} already`);
  const at = Temporal.Instant.fromEpochMilliseconds(clock.nowMs()).toString();
  const incumbent = productionModel(moves);
  const added: StageMove[] = [{ model, from, to, at, who, reason, forced, gates }];
  if (to === "production" && incumbent !== undefined) {
    added.unshift({
      model: incumbent,
      from: "production",
      to: "archived",
      at,
      who,
      reason: `replaced by ${model}`,
      forced: false,
      gates: [],
    });
  }
  return [...moves, ...added];
}

function stagesFile(home: string): string {
  return join(home, "models", "stages.json");
}
