// `baseline`: LightGBM on a dataset, walk-forward, judged out of sample, in one command.

import Table from "cli-table3";
import { Command, InvalidArgumentError, Option } from "commander";
import { evaluationText } from "../evaluate/report/summary-text.ts";
import type { Objective } from "../model/lightgbm/index.ts";
import type {
  BaselineOptions,
  BaselineResult,
  ImportanceKind,
  LabelVariant,
} from "../pipeline/baseline/index.ts";
import { compact } from "./compact-table.ts";
import {
  action,
  type CommandContext,
  nameList,
  numberList,
  positiveNumber,
  wholeNumber,
} from "./context.ts";
import { lightgbmLibrary } from "./lightgbm-library.ts";

/** Options that `baseline` and `control` share. */
export interface BaselineFlags {
  readonly dataset: string;
  readonly horizons?: readonly number[];
  readonly features?: readonly string[];
  readonly categorical?: readonly string[];
  readonly label?: LabelVariant;
  readonly objective?: Objective;
  readonly nSplits: number;
  readonly trainSize?: number;
  readonly testSize?: number;
  readonly purgeDays?: number;
  readonly embargoDays?: number;
  readonly rolling?: boolean;
  readonly validation?: number;
  readonly rounds?: number;
  readonly memoryLimit: number;
  readonly seed: number;
  readonly threads: number;
  readonly importance: readonly ImportanceKind[];
  readonly again?: boolean;
  readonly acceptImplausible?: boolean;
}

export function baselineCommand(): Command {
  return withBaselineOptions(
    new Command("baseline").description(
      "train LightGBM walk-forward on a dataset and judge it out of sample",
    ),
  )
    .option("--dataset <id>", "a dataset", "latest")
    .option(
      "--accept-implausible",
      "exit 0 although a RankIC is beyond 0.15 and suspected of a leak",
    )
    .addHelpText(
      "after",
      "\nExamples:\n  gogooku3 baseline --dataset latest --n-splits 2 --horizons 1,5\n" +
        "  gogooku3 baseline --rolling --train-size 500 --test-size 120 --memory-limit 4",
    )
    .action(
      action<[], BaselineFlags>(async (context, flags) => {
        const { runBaseline } = await import("../pipeline/baseline/index.ts");
        const result = await runBaseline(await baselineOptions(context, flags));
        context.result(summaryOf(result), () => renderBaseline(result));
      }),
    );
}

/** Adds what a baseline run can be told, but for the dataset. */
export function withBaselineOptions(command: Command): Command {
  return command
    .option("--n-splits <number>", "folds", wholeNumber(1), 5)
    .option("--horizons <list>", "sessions ahead (default: all of the dataset)", numberList)
    .option("--features <names>", "columns (default: all of the dataset)", nameList)
    .option("--categorical <names>", "columns whose values are codes", nameList)
    .addOption(
      new Option("--label <variant>", "which return to predict")
        .choices(["price", "open", "excess", "total"])
        .default("price"),
    )
    .addOption(
      new Option("--objective <name>", "what the trees minimise").choices([
        "regression",
        "quantile",
        "huber",
        "lambdarank",
      ]),
    )
    .option(
      "--train-size <sessions>",
      "fewest training sessions; exactly so many with --rolling",
      wholeNumber(1),
    )
    .option("--test-size <sessions>", "test sessions of a fold", wholeNumber(1))
    .option(
      "--purge-days <sessions>",
      "gap before a test (default: the labels' reach)",
      wholeNumber(0),
    )
    .option("--embargo-days <sessions>", "gap after a test", wholeNumber(0))
    .option("--rolling", "train on a rolling window instead of everything before")
    .option(
      "--validation <sessions>",
      "end of training that stops it early; 0 for none",
      wholeNumber(0),
    )
    .option("--rounds <number>", "most boosting rounds", wholeNumber(1))
    .option(
      "--importance <kinds>",
      "beside gain: permutation, shap, none (on a sample of the test rows)",
      importanceKinds,
      ["permutation", "shap"],
    )
    .option("--again", "train although the run is there already, whole or in part")
    .option("--memory-limit <GiB>", "memory the process may take", positiveNumber, 6)
    .option("--seed <number>", "same seed, same trees", wholeNumber(0), 7)
    .option("--threads <number>", "threads; 0 takes every core", wholeNumber(0), 0);
}

/** The options of a run; provisions LightGBM when it is not there yet. */
export async function baselineOptions(
  context: CommandContext,
  flags: BaselineFlags,
): Promise<BaselineOptions> {
  const { openDataset } = await import("../dataset/index.ts");
  const { home, onProgress, signal } = context;
  const dataset = openDataset(home, flags.dataset);
  return {
    ...flags,
    home,
    dataset,
    library: await lightgbmLibrary(context),
    expandTrain: flags.rolling !== true,
    validationSize: flags.validation,
    lightgbm: {
      threads: flags.threads,
      ...(flags.objective === undefined ? {} : { objective: flags.objective }),
      ...(flags.rounds === undefined ? {} : { rounds: flags.rounds }),
    },
    onProgress,
    signal,
  };
}

/** What --json prints. */
export function summaryOf(result: BaselineResult): object {
  const { run, evaluation, steps, graphs, report, wasFinished } = result;
  const horizons = evaluation.horizons.map((entry) => ({ ...entry, daily: undefined }));
  return {
    run: run.id,
    dataset: run.dataset,
    synthetic: run.synthetic,
    folds: run.folds,
    horizons,
    steps,
    graphs,
    report,
    wasFinished,
  };
}

/** What a terminal shows: cost of each step, then the figures. */
export function renderBaseline(result: BaselineResult): string {
  const { run, evaluation, steps, report, wasFinished } = result;
  const table = new Table({
    head: ["step", "seconds", "rows", "peak GiB"],
    colAligns: ["left", "right", "right", "right"],
    ...compact,
  });
  for (const { step, seconds, rows, peakBytes } of steps) {
    table.push([step, seconds.toFixed(1), rows, (peakBytes / 2 ** 30).toFixed(2)]);
  }
  const synthetic = run.synthetic ? " (synthetic data)" : "";
  const found = wasFinished
    ? ["this run was there already: nothing was trained; --again does"]
    : [];
  return [
    ...found,
    table.toString(),
    evaluationText(evaluation),
    `run ${run.id} on ${run.dataset}${synthetic}`,
    report,
  ].join("\n");
}

function importanceKinds(text: string): ImportanceKind[] {
  return nameList(text)
    .filter((name) => name !== "none" && name !== "gain")
    .map((name) => {
      if (name === "permutation" || name === "shap") return name;
      throw new InvalidArgumentError("expected permutation, shap or none.");
    });
}
