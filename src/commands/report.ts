// `report RUN`, `report compare A B`: the page on disk, the comparison on the terminal.

import { Command } from "commander";
import { action } from "./context.ts";

export function reportCommand(): Command {
  const command = new Command("report")
    .description("write a run's report as one HTML page, or compare two runs")
    .argument("<run>", "id of a run, as its command printed it")
    .action(
      action<[string], object>(async (context, _options, id) => {
        const { evaluateRun, publishReport } = await import("../evaluate/index.ts");
        const { explanationSections } = await import("../train/index.ts");
        const { runFolder } = await import("../runs/index.ts");
        const { home } = context;
        const extra = explanationSections(runFolder(home, id));
        const path = await publishReport(home, await evaluateRun(home, id), extra);
        context.result({ run: id, report: path }, ({ report }) => report);
      }),
    );
  command
    .command("compare")
    .description("paired tests of two runs on the sessions both have")
    .argument("<left>", "id of a run")
    .argument("<right>", "id of a run")
    .action(
      action<[string, string], object>(async (context, _options, left, right) => {
        const { compareEvaluated, comparisonText, evaluateRun } =
          await import("../evaluate/index.ts");
        const { home } = context;
        const comparisons = compareEvaluated(
          await evaluateRun(home, left),
          await evaluateRun(home, right),
        );
        context.result({ left, right, comparisons }, () => comparisonText(comparisons));
      }),
    );
  return command;
}
