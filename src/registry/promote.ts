// Promotion: a model moves to staging or production when every gate lets it, or with a reason that stays in the history.

import { ArtifactError, ConfigError } from "../errors.ts";
import { readModel, verifyModel } from "../runs/index.ts";
import { incumbentGate, ownGates } from "./gates.ts";
import {
  type GateResult,
  moveModel,
  type MoveOptions,
  productionModel,
  readMoves,
  type StageMove,
  stageOf,
} from "./stages.ts";

export interface PromoteOptions extends Omit<MoveOptions, "forced" | "gates" | "reason"> {
  readonly to: "staging" | "production";
  readonly reason?: string | undefined;
  /** Move although a gate refuses; needs a reason. */
  readonly force?: boolean | undefined;
}

export interface Promotion {
  readonly move: StageMove;
  readonly gates: readonly GateResult[];
  /** Model that was archived in the same step. */
  readonly replaced: string | undefined;
}

/**
 * Moves a model past the gates: all of them for production, all but the incumbent for staging. Throws ArtifactError that names
 * each gate that refuses, ConfigError for `force` without a reason.
 */
export async function promoteModel(
  home: string,
  id: string,
  { to, reason, force = false, who, clock }: PromoteOptions,
): Promise<Promotion> {
  const why = reason?.trim() ?? "";
  if (force && why === "") {
    throw new ConfigError(
      "models promote: --force needs --reason, which is written into the history",
    );
  }
  const model = await readModel(home, id);
  await verifyModel(home, model);
  const moves = readMoves(home);
  if (stageOf(moves, id) === to) {
    throw new ConfigError(`models promote: ${id} is in ${to} already`);
  }
  const incumbent = productionModel(moves);
  const gates = await ownGates(home, model);
  if (to === "production") gates.push(await incumbentGate(home, model, incumbent));
  const refused = gates.filter(({ passed }) => !passed);
  if (refused.length > 0 && !force) throw new ArtifactError(refusal(id, to, refused));
  const forced = refused.length > 0;
  const [move] = (
    await moveModel(home, id, to, { who, clock, forced, gates, reason: why || "gates passed" })
  ).slice(-1);
  return { move, gates, replaced: to === "production" ? incumbent : undefined };
}

function refusal(id: string, to: string, refused: readonly GateResult[]): string {
  const lines = refused.map(
    ({ gate, expected, found, wayOut }) =>
      `  ${gate}: expected ${expected}, found ${found}; ${wayOut}`,
  );
  const gates = refused.length === 1 ? "1 gate refuses" : `${refused.length} gates refuse`;
  return `models promote: ${id} stays out of ${to}, ${gates}:\n${lines.join("\n")}`;
}
