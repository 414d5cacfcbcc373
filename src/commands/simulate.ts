// `simulate`: J-Quants V2 over a synthetic market, on a port of this machine.

import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { ManualClock } from "../clock.ts";
import { plans, type Addon, type Plan } from "../jquants/index.ts";
import { createMarket } from "../simulator/market/index.ts";
import { createSimulator, parseFaultList, parseInstant } from "../simulator/server/index.ts";
import { action, nameList, wholeNumber, type CommandContext } from "./context.ts";
import { type MarketFlags, marketOf, withMarketOptions } from "./market-options.ts";
import { simulateOracleCommand } from "./simulate-oracle.ts";

interface SimulateOptions extends MarketFlags {
  readonly port: number;
  readonly host: string;
  readonly plan: Plan;
  readonly addons: readonly Addon[];
  readonly now?: string;
  readonly faults?: string;
  readonly rateLimits: boolean;
  readonly pageBytes?: number;
}

const examples =
  "\nExamples:\n  gogooku3 simulate --stocks 300 --from 2022-01-04 --to 2025-12-30\n" +
  "  gogooku3 simulate --plan premium --faults rate-limit=5,drop=1\n" +
  "  JQUANTS_BASE_URL=http://127.0.0.1:8788/v2 JQUANTS_API_KEY=any gogooku3 ingest ...";

/** Builds the `simulate` command; `serve` is what it does when no subcommand is named. */
export function simulateCommand(): Command {
  const serving = serveCommand();
  return new Command("simulate")
    .description("serve J-Quants V2 over a synthetic market, without a key")
    .usage("[serve options] | oracle [options]")
    .addCommand(serving, { isDefault: true })
    .addCommand(simulateOracleCommand())
    .addHelpText("after", () => `\n${serving.helpInformation()}${examples}`);
}

function serveCommand(): Command {
  return withMarketOptions(
    new Command("serve")
      .description("serve until interrupted (default)")
      .option("--port <number>", "port to listen on; 0 takes a free one", wholeNumber(0), 8788)
      .option("--host <name>", "address to listen on", "127.0.0.1"),
  )
    .addOption(new Option("--plan <plan>", "the subscription").choices(plans).default("standard"))
    .option("--addons <names>", "add-ons beside the plan: minute,td or none", addonList, [
      "minute",
      "td",
    ])
    .option("--now <instant>", "the virtual present (default: 20:00 JST on the last day)")
    .option("--faults <list>", "what goes wrong: JSON, or kind=count separated by commas")
    .option("--no-rate-limits", "serve as many requests as come")
    .option("--page-bytes <number>", "bytes of JSON after which a page ends", wholeNumber(1))
    .action(action<[], SimulateOptions>(serve));
}

async function serve(context: CommandContext, options: SimulateOptions): Promise<void> {
  const clock = new ManualClock(parseInstant(options.now ?? `${options.to}T20:00`));
  const faults = options.faults === undefined ? [] : parseFaultList(options.faults);
  const market = await createMarket(marketOf(options), {
    cacheDir: join(context.home, "cache", "simulator"),
    onProgress: (share) =>
      context.onProgress({ stage: "generate market", done: Math.round(share * 100), total: 100 }),
  });
  const app = createSimulator({
    market,
    plan: options.plan,
    addons: options.addons,
    clock,
    rateLimits: options.rateLimits,
    faults,
    ...(options.pageBytes === undefined ? {} : { pageBytes: options.pageBytes }),
  });
  const address = await app.listen({ port: options.port, host: options.host });
  const state = {
    url: `${address}/v2`,
    market: market.config,
    plan: options.plan,
    synthetic: true,
  };
  context.result(state, ({ url }) =>
    [
      `Simulated J-Quants V2 on ${url} (synthetic data, any API key). Ctrl-C stops it.`,
      `  JQUANTS_BASE_URL=${url} JQUANTS_API_KEY=any`,
    ].join("\n"),
  );
  await aborted(context.signal);
  await app.close();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener("abort", () => done(), { once: true });
  });
}

function addonList(text: string): Addon[] {
  return nameList(text)
    .filter((name) => name !== "none")
    .map((name) => {
      if (name === "minute" || name === "td") return name;
      throw new InvalidArgumentError("expected minute, td, both with a comma, or none.");
    });
}
