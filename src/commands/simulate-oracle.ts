// `simulate oracle`: what an all-knowing forecaster expects in a synthetic market, as a Parquet file.

import { resolve } from "node:path";
import { Command } from "commander";
import { createMarket } from "../simulator/market/index.ts";
import { writeOracle } from "../simulator/oracle-file.ts";
import { action, type CommandContext } from "./context.ts";
import { type MarketFlags, marketOf, withMarketOptions } from "./market-options.ts";

interface OracleOptions extends MarketFlags {
  readonly out: string;
}

/** Builds the `oracle` subcommand of `simulate`; its options name the same market as `simulate` serves. */
export function simulateOracleCommand(): Command {
  return withMarketOptions(
    new Command("oracle")
      .description("write the expected return of every issue, date and horizon to Parquet")
      .requiredOption("--out <file>", "where the Parquet file goes"),
  ).action(action<[], OracleOptions>(writeExpectations));
}

async function writeExpectations(context: CommandContext, options: OracleOptions): Promise<void> {
  const config = marketOf(options);
  const market = await createMarket(config, {
    onProgress: (share) =>
      context.onProgress({ stage: "generate market", done: Math.round(share * 100), total: 100 }),
  });
  const path = resolve(options.out);
  const rows = await writeOracle(market, path);
  context.result(
    { path, rows, market: config, synthetic: true },
    (result) => `Wrote ${result.rows} expectations of the simulated market to ${result.path}`,
  );
}
