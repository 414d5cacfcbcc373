// `control shuffled|null|planted`: the pipeline where the answer is known; exit code 4 when it gives another.

import { Argument, Command } from "commander";
import { ConfigError } from "../errors.ts";
import {
  type ControlKind,
  type ControlResult,
  requirePassed,
  runControl,
} from "../pipeline/controls.ts";
import { recordControl } from "../pipeline/control-evidence.ts";
import { marketHome, simulatedDataset } from "../pipeline/simulated-dataset.ts";
import type { Market, MarketConfig } from "../simulator/market/index.ts";
import { type BaselineFlags, baselineOptions, summaryOf, withBaselineOptions } from "./baseline.ts";
import { action, type CommandContext, isoDay, wholeNumber } from "./context.ts";
import { renderHorizons } from "./control-table.ts";

interface ControlFlags extends Omit<BaselineFlags, "dataset"> {
  readonly dataset?: string;
  readonly model?: string;
  readonly config?: string;
  readonly set: string;
  readonly stocks: number;
  readonly from: string;
  readonly to: string;
}

export function controlCommand(): Command {
  return withBaselineOptions(
    new Command("control")
      .description("run the baseline where the answer is known; exit 4 when it differs")
      .addArgument(
        new Argument("<kind>", "shuffled labels, a null market, or a planted signal").choices([
          "shuffled",
          "null",
          "planted",
        ]),
      )
      .argument("[overrides...]", "with --config: key=value changes of the configuration"),
  )
    .option("--dataset <id>", "with shuffled: this dataset instead of a simulated market")
    .option("--model <id>", "a network instead of LightGBM: the configuration of this trained one")
    .option("--config <file>", "a network instead of LightGBM: YAML file with model and train")
    .option("--set <names>", "features of the simulated market's dataset", "signal")
    .option("--stocks <number>", "stocks of the simulated market", wholeNumber(20), 1000)
    .option("--from <date>", "first day of the simulated market", isoDay, "2019-01-04")
    .option("--to <date>", "last day of the simulated market", isoDay, "2024-12-30")
    .addHelpText(
      "after",
      "\nExamples:\n  gogooku3 control shuffled --dataset latest\n  gogooku3 control planted --stocks 300 --horizons 1\n" +
        "  gogooku3 control null --model atft-0123456789ab --stocks 300\n" +
        "  gogooku3 control planted --config examples/train/small.yaml model.skip=false\n\n" +
        "The result is kept under evidence/, where `models promote` looks for it.",
    )
    .action(action<[ControlKind, string[]], ControlFlags>(runOne));
}

async function runOne(
  context: CommandContext,
  flags: ControlFlags,
  kind: ControlKind,
  overrides: readonly string[],
): Promise<void> {
  if (flags.dataset !== undefined && kind !== "shuffled") {
    throw new ConfigError(`control ${kind}: --dataset is for shuffled; this one makes its market`);
  }
  if (flags.model !== undefined || flags.config !== undefined) {
    if (flags.model !== undefined && overrides.length + Number(flags.config !== undefined) > 0) {
      throw new ConfigError(
        `control ${kind}: --model brings its own configuration; leave out the rest`,
      );
    }
    const { controlNetwork } = await import("./control-network.ts");
    await controlNetwork(context, kind, flags, overrides);
    return;
  }
  if (overrides.length > 0) {
    throw new ConfigError(
      `control ${kind}: key=value changes go with --config, found ${overrides.join(" ")}`,
    );
  }
  const result =
    flags.dataset === undefined
      ? await onSimulated(context, flags, kind)
      : await runControl(
          kind,
          await baselineOptions(context, { ...flags, dataset: flags.dataset }),
        );
  context.result(
    { ...result, baseline: summaryOf(result.baseline), horizons: result.horizons },
    () => render(result),
  );
  await recordControl(context.home, { ...result, run: result.baseline.run }, context.clock);
  requirePassed(result);
}

/** A market of its own for each configuration, so that repeats find their lake filled. */
async function onSimulated(
  context: CommandContext,
  flags: ControlFlags,
  kind: ControlKind,
): Promise<ControlResult> {
  const { seed, stocks, from, to, set } = flags;
  const signal = kind === "null" ? "none" : "planted";
  const config: MarketConfig = { seed, stocks, from, to, signal };
  const home = marketHome(context.home, config);
  const { market, dataset } = await simulatedDataset({
    home,
    market: config,
    features: set,
    onProgress: context.onProgress,
    signal: context.signal,
  });
  const simulated: CommandContext = { ...context, home };
  const options = await baselineOptions(simulated, { ...flags, dataset: dataset.id });
  return runControl(kind, options, marketOf(kind, market));
}

function marketOf(kind: ControlKind, market: Market): Market | undefined {
  return kind === "planted" ? market : undefined;
}

function render(result: ControlResult): string {
  return [renderHorizons(result), result.baseline.report].join("\n");
}
