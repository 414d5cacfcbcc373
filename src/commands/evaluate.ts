// `evaluate RUN`, `evaluate factor COLUMN`: figures on the terminal, a factor's page on disk.

import { join } from "node:path";
import { Command } from "commander";
import { publishFile } from "../publish.ts";
import { createRng } from "../rng.ts";
import { action, numberList } from "./context.ts";

interface EvaluateFlags {
  readonly costBps?: number;
}

interface FactorFlags extends EvaluateFlags {
  readonly horizons: readonly number[];
  readonly dataset: string;
  readonly run?: string;
}

export function evaluateCommand(): Command {
  const command = new Command("evaluate")
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
  command.addCommand(factorCommand());
  return command;
}

function factorCommand(): Command {
  return new Command("factor")
    .description("judge a feature column as if it were a prediction, and write its page")
    .argument("<column>", "a feature of the dataset")
    .option("--dataset <id>", "a dataset", "latest")
    .option("--horizons <list>", "sessions ahead, comma separated", numberList, [1, 5, 10, 20])
    .option("--cost-bps <n>", "one-way cost of a unit of turnover, in basis points", Number, 10)
    .option("--run <id>", "judge only on the test sessions of this run, to stand beside it")
    .addHelpText("after", "\nExample:\n  gogooku3 evaluate factor returns_5d --horizons 1,5,10,20")
    .action(
      action<[string], FactorFlags>(async (context, flags, column) => {
        const { evaluateFactor, evaluationText, renderFactorReport } =
          await import("../evaluate/index.ts");
        const { openDataset } = await import("../dataset/index.ts");
        const { dataset, horizons, costBps = 10, run } = flags;
        const rng = createRng(`factor ${column}`);
        const { home } = context;
        const days = run === undefined ? undefined : await testDays(home, run);
        const report = evaluateFactor(column, { home, dataset, horizons, costBps, rng, days });
        const { synthetic } = openDataset(home, dataset).manifest;
        const path = join(home, "reports", `factor-${column}.html`);
        await publishFile(path, renderFactorReport(report, synthetic));
        const { evaluation, predictions: _rows, ...rest } = report;
        const figures = evaluation.horizons.map((entry) => ({ ...entry, daily: undefined }));
        context.result(
          { ...rest, horizons: figures, report: path },
          () => `${evaluationText(evaluation)}\n${path}`,
        );
      }),
    );
}

async function testDays(home: string, run: string): Promise<ReadonlySet<number>> {
  const { readPredictions, readRun, runFolder } = await import("../runs/index.ts");
  const { id } = await readRun(home, run);
  return new Set((await readPredictions(runFolder(home, id))).dates);
}
