// `control shuffled|null|planted`: the pipeline where the answer is known; exit code 4 when it gives another.

import { join } from "node:path";
import Table from "cli-table3";
import { Argument, Command } from "commander";
import { ConfigError } from "../errors.ts";
import { withInterval } from "../evaluate/index.ts";
import { hashValue } from "../hash.ts";
import {
  type ControlKind,
  type ControlResult,
  requirePassed,
  runControl,
} from "../pipeline/controls.ts";
import { recordControl } from "../pipeline/control-evidence.ts";
import { simulatedDataset } from "../pipeline/simulated-dataset.ts";
import type { Market, MarketConfig } from "../simulator/market/index.ts";
import { compact } from "./compact-table.ts";
import { type BaselineFlags, baselineOptions, summaryOf, withBaselineOptions } from "./baseline.ts";
import { action, type CommandContext, isoDay, wholeNumber } from "./context.ts";

interface ControlFlags extends Omit<BaselineFlags, "dataset"> {
  readonly dataset?: string;
  readonly model?: string;
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
      ),
  )
    .option("--dataset <id>", "with shuffled: this dataset instead of a simulated market")
    .option("--model <id>", "with shuffled and null: the configuration of this trained network")
    .option("--set <names>", "features of the simulated market's dataset", "signal")
    .option("--stocks <number>", "stocks of the simulated market", wholeNumber(20), 1000)
    .option("--from <date>", "first day of the simulated market", isoDay, "2019-01-04")
    .option("--to <date>", "last day of the simulated market", isoDay, "2024-12-30")
    .addHelpText(
      "after",
      "\nExamples:\n  gogooku3 control shuffled --dataset latest\n  gogooku3 control planted --stocks 300 --horizons 1\n" +
        "  gogooku3 control null --model atft-0123456789ab --stocks 300\n\n" +
        "The result is kept under evidence/, where `models promote` looks for it.",
    )
    .action(action<[ControlKind], ControlFlags>(runOne));
}

async function runOne(
  context: CommandContext,
  flags: ControlFlags,
  kind: ControlKind,
): Promise<void> {
  if (flags.dataset !== undefined && kind !== "shuffled") {
    throw new ConfigError(`control ${kind}: --dataset is for shuffled; this one makes its market`);
  }
  if (flags.model !== undefined) {
    await onNetwork(context, flags, kind, flags.model);
    return;
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

async function onNetwork(
  context: CommandContext,
  { seed, stocks, from, to }: ControlFlags,
  kind: ControlKind,
  model: string,
): Promise<void> {
  if (kind === "planted") {
    throw new ConfigError("control planted: --model is for shuffled and null");
  }
  const { networkControl } = await import("../pipeline/network-controls.ts");
  const { home, clock, onProgress, signal } = context;
  const market: MarketConfig = { seed, stocks, from, to, signal: "none" };
  const result = await networkControl(kind, { home, model, market, clock, onProgress, signal });
  await recordControl(home, result, clock);
  context.result({ ...result, run: result.run.id }, () => renderHorizons(result));
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
  const home = join(context.home, "cache", "controls", hashValue(config).slice(0, 12));
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

function renderHorizons({
  kind,
  horizons,
  passed,
}: Pick<ControlResult, "kind" | "horizons" | "passed">): string {
  const found = kind === "planted" ? ["oracle", "recovered"] : ["judged: 99 of 100 cover 0"];
  const table = new Table({
    head: ["horizon", "RankIC (95 %)", ...found, "passed"],
    ...compact,
  });
  for (const { horizon, rankIc, judged, oracle, recovered, passed: isPassed } of horizons) {
    const figures =
      kind === "planted"
        ? [
            oracle === null ? "–" : withInterval(oracle),
            recovered === null ? "–" : `${(100 * recovered).toFixed(0)} %`,
          ]
        : [judged?.map((end) => end.toFixed(4)).join(" to ") ?? "–"];
    table.push([`${horizon} d`, withInterval(rankIc), ...figures, isPassed ? "yes" : "no"]);
  }
  return `${table.toString()}\ncontrol ${kind}: ${passed ? "passed" : "failed"}`;
}
