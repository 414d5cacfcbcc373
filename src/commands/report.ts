// `evaluate RUN`, `report RUN`, `report compare A B`: figures on the terminal, the page on disk.

import { Command } from "commander";
import { action } from "./context.ts";

interface EvaluateFlags {
  readonly costBps?: number;
}

export function evaluateCommand(): Command {
  return new Command("evaluate")
    .description("judge a run's out-of-sample predictions: RankIC, spread, intervals")
    .argument("<run>", "id of a run, as its command printed it")
    .option("--cost-bps <n>", "one-way cost of a unit of turnover, in basis points", Number, 10)
    .addHelpText("after", "\nExample:\n  gogooku3 evaluate lightgbm-0123456789ab")
    .action(
      action<[string], EvaluateFlags>(async (context, { costBps = 10 }, id) => {
        const { evaluateRun, evaluationText } = await import("../evaluate/index.ts");
        const { evaluation } = await evaluateRun(context.home, id, { costBps });
        const figures = evaluation.horizons.map((entry) => ({ ...entry, daily: undefined }));
        context.result({ run: id, ...evaluation, horizons: figures }, () =>
          evaluationText(evaluation),
        );
      }),
    );
}

export function reportCommand(): Command {
  const command = new Command("report")
    .description("write a run's report as one HTML page, or compare two runs")
    .argument("<run>", "id of a run, as its command printed it")
    .action(
      action<[string], object>(async (context, _options, id) => {
        const { evaluateRun, publishReport } = await import("../evaluate/index.ts");
        const path = await publishReport(context.home, await evaluateRun(context.home, id));
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
        const { comparisonText } = await import("../evaluate/index.ts");
        const comparisons = await compareById(context.home, left, right);
        context.result({ left, right, comparisons }, () => comparisonText(comparisons));
      }),
    );
  return command;
}

async function compareById(home: string, left: string, right: string) {
  const { compareRuns, evaluateRun } = await import("../evaluate/index.ts");
  const { createRng } = await import("../rng.ts");
  const [a, b] = [await evaluateRun(home, left), await evaluateRun(home, right)];
  const rng = createRng(`${left} ${right}`);
  return a.evaluation.horizons.flatMap((horizon) => {
    const other = b.evaluation.horizons.find((entry) => entry.horizon === horizon.horizon);
    return other === undefined ? [] : [compareRuns(horizon, other, rng.split(horizon.horizon))];
  });
}
