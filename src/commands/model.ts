// `model summary`: blocks, shapes, parameters and operations of a configuration, without training anything.

import Table from "cli-table3";
import { Command } from "commander";
import { type Config, resolveConfig } from "../config.ts";
import { type AtftSpec, type AtftSummary, summarizeAtft } from "../model/atft/index.ts";
import { compact } from "./compact-table.ts";
import { action, wholeNumber } from "./context.ts";

interface SummaryFlags {
  readonly config?: string;
  readonly dataset?: string;
  readonly features: number;
}

export function modelCommand(): Command {
  const command = new Command("model").description(
    "a network before it is trained: its size and shapes",
  );
  command
    .command("summary")
    .description("blocks, shapes, parameters and floating point operations a sample")
    .argument("[overrides...]", "key=value changes of the configuration")
    .option("--config <file>", "YAML file with the section model")
    .option("--dataset <id>", "takes the columns of a dataset")
    .option("--features <n>", "columns where no dataset is given", wholeNumber(1), 82)
    .addHelpText("after", "\nExample:\n  gogooku3 model summary model.preset=production")
    .action(
      action<[string[]], SummaryFlags>(async (context, flags, overrides) => {
        const config = resolveConfig({ file: flags.config, overrides });
        const columns = await columnsOf(context.home, flags, config.train);
        const spec: AtftSpec = { config: config.model, ...columns };
        context.result(summarizeAtft(spec, config.train.batchDays), (summary) =>
          renderSummary(summary, config.train.batchDays),
        );
      }),
    );
  return command;
}

async function columnsOf(
  home: string,
  { dataset: id, features }: SummaryFlags,
  train: Config["train"],
): Promise<Omit<AtftSpec, "config">> {
  if (id === undefined) {
    return {
      features: Array.from({ length: features }, (_, i) => ({
        name: `feature_${i}`,
        family: `family_${Math.floor(i / 10)}`,
      })),
      statics: [
        { name: "sector33_id", count: 35 },
        { name: "section_id", count: 8 },
      ],
    };
  }
  const { openDataset } = await import("../dataset/index.ts");
  const { featureColumns, specOf } = await import("../train/index.ts");
  const dataset = openDataset(home, id);
  const config = resolveConfig().model;
  return specOf(dataset, featureColumns(dataset, train), config);
}

function renderSummary(summary: AtftSummary, days: number): string {
  const { blocks, parameters, shapes, flops, sharedFlops, features, families } = summary;
  const table = new Table({ head: ["block", "tensors", "parameters", "share"], ...compact });
  for (const { block, tensors, parameters: own } of blocks) {
    table.push([
      block,
      tensors,
      own.toLocaleString("en"),
      `${((100 * own) / parameters).toFixed(1)} %`,
    ]);
  }
  const mega = (count: number): string => (count / 1e6).toFixed(2);
  return [
    table.toString(),
    `${parameters.toLocaleString("en")} parameters; ${features} features in ${families} families`,
    ...shapes.map(({ name, shape }) => `${name} ${shape}`),
    `${mega(flops)} MFLOP a sample forward, ${mega(sharedFlops)} with ${days} sessions at once`,
  ].join("\n");
}
