// `models`: the registry of trained models: what there is, who moved what and why, promotion past the gates, the way back.

import { userInfo } from "node:os";
import Table from "cli-table3";
import { Command, Option } from "commander";
import type { GateResult, StageMove } from "../registry/index.ts";
import type { ModelManifest } from "../runs/index.ts";
import { compact } from "./compact-table.ts";
import { action, type CommandContext } from "./context.ts";

export function modelsCommand(): Command {
  const command = new Command("models")
    .description("the model registry: stages none, staging, production, archived")
    .addHelpText(
      "after",
      "\nGates before production: a passed shuffled-label and null-market control of the same pipeline, code and features; RankIC\n" +
        "within the plausibility ceiling; better than the incumbent by a paired test; quality checks, leak audit, checks of the run.",
    );
  for (const part of [list, show, register, promote, archive, rollBack]) command.addCommand(part());
  return command;
}

interface Listed {
  readonly id: string;
  readonly kind: string;
  readonly stage: string;
  readonly trainedThrough: string;
  readonly features: number;
  readonly horizons: readonly number[];
  readonly dataset: string;
  readonly synthetic: boolean;
}

function list(): Command {
  return new Command("list").description("every trained model with its stage").action(
    action<[], object>(async (context) => {
      const { listModels, readModel } = await import("../runs/index.ts");
      const { readMoves, stageOf } = await import("../registry/index.ts");
      const { home } = context;
      const moves = readMoves(home);
      const manifests = await Promise.all(
        (await listModels(home)).map((id) => readModel(home, id)),
      );
      const models = manifests.map((manifest): Listed => {
        const { id, kind, trainedThrough, features, horizons, dataset, synthetic } = manifest;
        const stage = stageOf(moves, id);
        const rest = { kind, stage, trainedThrough, dataset, synthetic };
        return { id, ...rest, features: features.length, horizons };
      });
      context.result(models, renderList);
    }),
  );
}

function renderList(models: readonly Listed[]): string {
  if (models.length === 0)
    return "no model yet: `gogooku3 train` makes one, `gogooku3 models register RUN` takes a baseline";
  const table = new Table({
    head: ["model", "stage", "trained through", "features", "horizons", "data"],
    ...compact,
  });
  for (const { id, stage, trainedThrough, features, horizons, synthetic } of models) {
    const data = synthetic ? "simulated" : "real";
    table.push([id, stage, trainedThrough, features, horizons.join(", "), data]);
  }
  return table.toString();
}

function show(): Command {
  return new Command("show")
    .description("one model: what it was made from, what each gate says now, its history")
    .argument("<id>", "a model, or `production`")
    .action(
      action<[string], object>(async (context, _options, name) => {
        const { readModel } = await import("../runs/index.ts");
        const {
          incumbentGate,
          ownGates,
          productionModel,
          readMoves,
          requireProductionModel,
          stageOf,
        } = await import("../registry/index.ts");
        const { home } = context;
        const moves = readMoves(home);
        const id = name === "production" ? requireProductionModel(home) : name;
        const model = await readModel(home, id);
        const gates = await ownGates(home, model);
        gates.push(await incumbentGate(home, model, productionModel(moves)));
        const history = moves.filter((move) => move.model === id);
        const shown = { ...model, stage: stageOf(moves, id), gates, history };
        context.result(shown, () => renderShow(model, shown.stage, gates, history));
      }),
    );
}

function renderShow(
  model: ModelManifest,
  stage: string,
  gates: readonly GateResult[],
  history: readonly StageMove[],
): string {
  return [
    `${model.id} (${model.kind}, ${stage})`,
    `run ${model.run} on dataset ${model.dataset}${model.synthetic ? ", simulated data" : ""}`,
    `${model.features.length} features, horizons ${model.horizons.join(", ")}, trained through ${model.trainedThrough}`,
    renderGates(gates),
    ...history.map(moveText),
  ].join("\n");
}

function renderGates(gates: readonly GateResult[]): string {
  const table = new Table({
    head: ["gate", "", "found"],
    style: { head: [], border: [] },
    colWidths: [28, 6, 84],
    wordWrap: true,
  });
  for (const { gate, passed, found, wayOut } of gates) {
    table.push([gate, passed ? "yes" : "no", passed ? found : `${found}; ${wayOut}`]);
  }
  return table.toString();
}

function moveText({ model, from, to, at, who, reason, forced }: StageMove): string {
  return `${at} ${who}: ${model} ${from} → ${to}${forced ? ", forced" : ""} (${reason})`;
}

function register(): Command {
  return new Command("register")
    .description("enter a finished LightGBM run as a model; networks are entered when trained")
    .argument("<run>", "id of a run, as baseline printed it")
    .action(
      action<[string], object>(async (context, _options, run) => {
        const { registerTrees } = await import("../pipeline/trees/index.ts");
        context.result(
          await registerTrees(context.home, run),
          ({ id, trainedThrough, features }) =>
            `${id}: ${features.length} features, trained through ${trainedThrough}; next: models promote ${id} --to staging`,
        );
      }),
    );
}

interface PromoteFlags {
  readonly to: "staging" | "production";
  readonly reason?: string;
  readonly force?: boolean;
}

function promote(): Command {
  return new Command("promote")
    .description("move a model to a stage, past its gates; exit 4 when one refuses")
    .argument("<id>", "a model, as train printed it")
    .addOption(
      new Option("--to <stage>", "where to")
        .choices(["staging", "production"])
        .makeOptionMandatory(),
    )
    .option("--reason <text>", "why; written into the history")
    .option("--force", "move it although a gate refuses; needs --reason")
    .addHelpText(
      "after",
      "\nExample:\n  gogooku3 models promote atft-0123456789ab --to production --reason 'longer history'",
    )
    .action(
      action<[string], PromoteFlags>(async (context, flags, id) => {
        const { promoteModel } = await import("../registry/index.ts");
        const { home, clock } = context;
        const promotion = await promoteModel(home, id, { ...flags, who: login(), clock });
        context.result(promotion, ({ move, gates, replaced }) =>
          [
            renderGates(gates),
            moveText(move),
            ...(replaced === undefined ? [] : [`${replaced} is archived; rollback brings it back`]),
          ].join("\n"),
        );
      }),
    );
}

function archive(): Command {
  return new Command("archive")
    .description("take a model out of use; one in production leaves nothing in production")
    .argument("<id>", "a model")
    .requiredOption("--reason <text>", "why; written into the history")
    .action(
      action<[string], { readonly reason: string }>(async (context, { reason }, id) => {
        const { readModel } = await import("../runs/index.ts");
        const { moveModel } = await import("../registry/index.ts");
        const { home, clock } = context;
        await readModel(home, id);
        const moves = await moveModel(home, id, "archived", { reason, who: login(), clock });
        resultOfMove(context, moves);
      }),
    );
}

function rollBack(): Command {
  return new Command("rollback")
    .description("put the production model before the present one back")
    .option("--reason <text>", "why; written into the history")
    .action(
      action<[], { readonly reason?: string }>(async (context, { reason }) => {
        const { rollback } = await import("../registry/index.ts");
        const { home, clock } = context;
        const why = reason === undefined ? {} : { reason };
        resultOfMove(context, await rollback(home, { who: login(), clock, ...why }));
      }),
    );
}

function resultOfMove(context: CommandContext, moves: readonly StageMove[]): void {
  const [move] = moves.slice(-1);
  context.result(move, moveText);
}

function login(): string {
  return userInfo().username;
}
