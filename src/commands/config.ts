// `config show`: the resolved tree of a configuration and its hash.

import { Command } from "commander";
import { stringify } from "yaml";
import { configHash, resolveRuns } from "../config.ts";
import { action } from "./context.ts";

interface ShowOptions {
  readonly config?: string;
}

export function configCommand(): Command {
  const command = new Command("config").description("look at the configuration");
  command
    .command("show")
    .description("print the resolved tree of one or more runs, with its hash")
    .argument("[overrides...]", "key.nested=value; a comma list means one run a value")
    .option("-c, --config <file>", "a YAML file laid over the defaults")
    .addHelpText(
      "after",
      "\nExamples:\n  gogooku3 config show\n  gogooku3 config show seed=1,2 simulate.stocks=500",
    )
    .action(
      action<[string[]], ShowOptions>((context, options, overrides) => {
        const runs = resolveRuns({ file: options.config, overrides }).map((config) => ({
          hash: configHash(config),
          config,
        }));
        context.result(runs, (values) =>
          values
            .map(({ hash, config }) => `# ${hash}\n${stringify(config)}`)
            .join("---\n")
            .trimEnd(),
        );
      }),
    );
  return command;
}
