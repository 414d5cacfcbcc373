#!/usr/bin/env node
// The command line: one program, its commands in groups, and the one place where an error becomes an exit code.

import { Command, CommanderError } from "commander";
import { baselineCommand } from "./commands/baseline.ts";
import { configCommand } from "./commands/config.ts";
import { controlCommand } from "./commands/control.ts";
import { datasetCommand } from "./commands/dataset.ts";
import { importCommand } from "./commands/import.ts";
import { demoCommand } from "./commands/demo.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { ingestCommand } from "./commands/ingest.ts";
import { lakeCommand } from "./commands/lake.ts";
import { lineageCommand } from "./commands/lineage.ts";
import { modelCommand } from "./commands/model.ts";
import { modelsCommand } from "./commands/models.ts";
import { nightlyCommand } from "./commands/nightly.ts";
import { predictCommand } from "./commands/predict.ts";
import { evaluateCommand, reportCommand } from "./commands/report.ts";
import { setupCommand } from "./commands/setup.ts";
import { simulateCommand } from "./commands/simulate.ts";
import { sqlCommand } from "./commands/sql.ts";
import { trainCommand } from "./commands/train.ts";
import { exitCodeOf, exitCodes, PipelineError } from "./errors.ts";

/** Builds the program. Every command here works; one that does not is not listed. */
export function createProgram(): Command {
  const program = new Command("gogooku3")
    .description("Leakage-safe daily return predictions for Japanese equities.")
    .option("--home <dir>", "folder of all data and results (default: GOGOOKU3_HOME or output)")
    .option("--json", "one JSON document on standard output, for machines")
    .showHelpAfterError("(add --help for usage)")
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  program.commandsGroup("Start here:");
  program.addCommand(demoCommand());
  program.commandsGroup("Data:");
  program.addCommand(simulateCommand());
  program.addCommand(ingestCommand());
  program.addCommand(importCommand());
  program.addCommand(lakeCommand());
  program.addCommand(sqlCommand());
  program.addCommand(datasetCommand());
  program.commandsGroup("Models:");
  program.addCommand(baselineCommand());
  program.addCommand(trainCommand());
  program.addCommand(predictCommand());
  program.addCommand(modelCommand());
  program.addCommand(modelsCommand());
  program.addCommand(nightlyCommand());
  program.commandsGroup("Evaluation:");
  program.addCommand(evaluateCommand());
  program.addCommand(reportCommand());
  program.addCommand(controlCommand());
  program.addCommand(lineageCommand());
  program.commandsGroup("Setup:");
  program.addCommand(configCommand());
  program.addCommand(setupCommand());
  program.addCommand(doctorCommand());
  for (const command of allCommands(program))
    command.exitOverride().showHelpAfterError("(add --help for usage)");
  return program;
}

/** Runs one command line; returns the exit code. */
export async function runCli(argv: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(argv, { from: "user" });
    return exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    reportFailure(error, argv.includes("--json"));
    return exitCodeOf(error);
  }
}

function* allCommands(parent: Command): Generator<Command> {
  for (const command of parent.commands) {
    yield command;
    yield* allCommands(command);
  }
}

function reportFailure(error: unknown, json: boolean): void {
  const message = error instanceof Error ? error.message : String(error);
  const name = error instanceof Error ? error.name : "Error";
  if (!(error instanceof PipelineError) && error instanceof Error) {
    process.stderr.write(`${error.stack ?? message}\n`);
  }
  if (json) process.stdout.write(`${JSON.stringify({ error: { name, message } })}\n`);
  process.stderr.write(`gogooku3: ${message}\n`);
}

if (import.meta.main) process.exitCode = await runCli(process.argv.slice(2));
