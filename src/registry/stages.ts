// Stages of models: none, staging, production, archived. One model is in production; every move is kept with its reason.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import { ArtifactError, ConfigError } from "../errors.ts";
import { publishFile } from "../publish.ts";

export const modelStages = ["none", "staging", "production", "archived"] as const;

export type ModelStage = (typeof modelStages)[number];

export interface StageMove {
  readonly model: string;
  readonly from: ModelStage;
  readonly to: ModelStage;
  /** Instant of the move, ISO 8601. */
  readonly at: string;
  readonly reason: string;
}

const moveSchema: z.ZodType<StageMove> = z.strictObject({
  model: z.string(),
  from: z.enum(modelStages),
  to: z.enum(modelStages),
  at: z.string(),
  reason: z.string(),
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

/** Moves a model; the one it replaces in production is archived in the same step. */
export async function moveModel(
  home: string,
  model: string,
  to: ModelStage,
  { reason, clock }: { readonly reason: string; readonly clock: Clock },
): Promise<StageMove[]> {
  const moves = readMoves(home);
  const at = Temporal.Instant.fromEpochMilliseconds(clock.nowMs()).toString();
  const incumbent = productionModel(moves);
  const added: StageMove[] = [{ model, from: stageOf(moves, model), to, at, reason }];
  if (to === "production" && incumbent !== undefined && incumbent !== model) {
    const because = `replaced by ${model}`;
    added.unshift({ model: incumbent, from: "production", to: "archived", at, reason: because });
  }
  const all = [...moves, ...added];
  await publishFile(stagesFile(home), `${JSON.stringify(all, null, 1)}\n`);
  return all;
}

/** Puts the model that was in production before the present one back. Throws ConfigError when there was none. */
export async function rollback(home: string, clock: Clock): Promise<StageMove[]> {
  const moves = readMoves(home);
  const present = productionModel(moves);
  const before = moves
    .filter(({ to, model }) => to === "production" && model !== present)
    .at(-1)?.model;
  if (present === undefined || before === undefined) {
    throw new ConfigError(
      `registry rollback: expected an earlier production model, found ${present ?? "none in production"} and nothing before it`,
    );
  }
  return moveModel(home, before, "production", { reason: `rollback from ${present}`, clock });
}

function stagesFile(home: string): string {
  return join(home, "models", "stages.json");
}
