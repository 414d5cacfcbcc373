// `lineage ID`: from a prediction, report, run, model or dataset back to the raw files, hashes verified on the way.

import { Command } from "commander";
import { ArtifactError } from "../errors.ts";
import { action } from "./context.ts";

export function lineageCommand(): Command {
  return new Command("lineage")
    .description("what something was made from, back to the raw files; exit 4 when one changed")
    .argument(
      "<id>",
      "a model, run or dataset; MODEL/DATE a forecast; DATE a night; FILE.html a report",
    )
    .addHelpText(
      "after",
      "\nA month of raw data that a later ingest replaced is superseded: its rows are still there, the bytes are not. That is no fault.\n" +
        "Examples:\n  gogooku3 lineage atft-0123456789ab/2024-12-30\n  gogooku3 lineage output/reports/lightgbm-0123456789ab.html",
    )
    .action(
      action<[string], object>(async (context, _options, id) => {
        const { brokenFiles, lineageText, traceLineage } =
          await import("../pipeline/lineage/index.ts");
        const tree = await traceLineage(context.home, id);
        context.result(tree, lineageText);
        const broken = brokenFiles(tree);
        const [first] = broken;
        if (first === undefined) return;
        throw new ArtifactError(
          `lineage ${id}: expected every file as it was written, found ${broken.length} changed or gone, first ${first.path} (${first.status}); ` +
            "restore it from a copy, or make again what comes from it",
        );
      }),
    );
}
