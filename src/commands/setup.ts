// `setup lightgbm`: provisions the native gradient boosting library.

import { Command, Option } from "commander";
import { provisionLibrary, type ProvisionSource } from "../model/lightgbm/index.ts";
import { action } from "./context.ts";

interface SetupOptions {
  readonly from?: ProvisionSource;
  readonly force?: boolean;
}

export function setupCommand(): Command {
  const command = new Command("setup").description("install what npm cannot");
  command
    .command("lightgbm")
    .description("find LightGBM's native library, or download or compile it into the cache")
    .addOption(
      new Option("--from <source>", "only this way: pip's wheel, or the C++ source").choices([
        "wheel",
        "source",
      ]),
    )
    .option("--force", "provision it even where a library is found")
    .addHelpText(
      "after",
      "\nLooked up in order: LIGHTGBM_LIB, Python packages, the system, ~/.cache/gogooku3.",
    )
    .action(
      action<[], SetupOptions>(async (context, { from, force = false }) => {
        const library = await provisionLibrary({
          explicit: force ? undefined : context.environment.LIGHTGBM_LIB,
          userHome: context.environment.HOME,
          onProgress: context.onProgress,
          signal: context.signal,
          ...(from === undefined ? {} : { sources: [from] }),
          force: force || from !== undefined,
        });
        context.result(library, ({ path, origin }) => `LightGBM (${origin}): ${path}`);
      }),
    );
  return command;
}
