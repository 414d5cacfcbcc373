#!/usr/bin/env node
// The command line: one program, its commands in groups, and the one place where an error becomes an exit code.

import { Command, CommanderError } from "commander";
import { exitCodeOf, exitCodes, PipelineError } from "./errors.ts";

type Load = () => Promise<Command>;

/** Commands by group and name; each is loaded when it is asked for: a start then costs what the command needs. */
const groups: ReadonlyMap<string, ReadonlyMap<string, Load>> = new Map([
  [
    "Start here:",
    new Map<string, Load>([
      ["demo", async () => (await import("./commands/demo.ts")).demoCommand()],
    ]),
  ],
  [
    "Data:",
    new Map<string, Load>([
      ["simulate", async () => (await import("./commands/simulate.ts")).simulateCommand()],
      ["ingest", async () => (await import("./commands/ingest.ts")).ingestCommand()],
      ["import", async () => (await import("./commands/import.ts")).importCommand()],
      ["lake", async () => (await import("./commands/lake.ts")).lakeCommand()],
      ["sql", async () => (await import("./commands/sql.ts")).sqlCommand()],
      ["dataset", async () => (await import("./commands/dataset.ts")).datasetCommand()],
    ]),
  ],
  [
    "Models:",
    new Map<string, Load>([
      ["baseline", async () => (await import("./commands/baseline.ts")).baselineCommand()],
      ["train", async () => (await import("./commands/train.ts")).trainCommand()],
      ["predict", async () => (await import("./commands/predict.ts")).predictCommand()],
      ["model", async () => (await import("./commands/model.ts")).modelCommand()],
      ["models", async () => (await import("./commands/models.ts")).modelsCommand()],
      ["nightly", async () => (await import("./commands/nightly.ts")).nightlyCommand()],
    ]),
  ],
  [
    "Evaluation:",
    new Map<string, Load>([
      ["evaluate", async () => (await import("./commands/evaluate.ts")).evaluateCommand()],
      ["report", async () => (await import("./commands/report.ts")).reportCommand()],
      ["control", async () => (await import("./commands/control.ts")).controlCommand()],
      ["lineage", async () => (await import("./commands/lineage.ts")).lineageCommand()],
    ]),
  ],
  [
    "Setup:",
    new Map<string, Load>([
      ["config", async () => (await import("./commands/config.ts")).configCommand()],
      ["setup", async () => (await import("./commands/setup.ts")).setupCommand()],
      ["doctor", async () => (await import("./commands/doctor.ts")).doctorCommand()],
    ]),
  ],
]);

/** Builds the program with all commands, or with the one that is named. Every command here works; one that does not is not listed. */
export async function createProgram(only?: string): Promise<Command> {
  const program = new Command("gogooku3")
    .description("Leakage-safe daily return predictions for Japanese equities.")
    .option("--home <dir>", "folder of all data and results (default: GOGOOKU3_HOME or output)")
    .option("--json", "one JSON document on standard output, for machines")
    .showHelpAfterError("(add --help for usage)")
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  for (const [group, commands] of groups) {
    program.commandsGroup(group);
    for (const [name, load] of commands) {
      if (only === undefined || name === only) program.addCommand(await load());
    }
  }
  for (const command of allCommands(program))
    command.exitOverride().showHelpAfterError("(add --help for usage)");
  return program;
}

/** Runs one command line; returns the exit code. */
export async function runCli(argv: readonly string[]): Promise<number> {
  try {
    const program = await createProgram(commandIn(argv));
    await program.parseAsync(argv, { from: "user" });
    return exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    reportFailure(error, argv.includes("--json"));
    return exitCodeOf(error);
  }
}

/** The command that a command line names; undefined when it names none that is known, as for `--help`. */
function commandIn(argv: readonly string[]): string | undefined {
  const word = argv.find((argument, i) => !argument.startsWith("-") && argv[i - 1] !== "--home");
  const isKnown = [...groups.values()].some((commands) => commands.has(word ?? ""));
  return isKnown ? word : undefined;
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
