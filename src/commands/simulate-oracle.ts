// `simulate oracle`: what an all-knowing forecaster expects in a synthetic market, as a Parquet file.

import { resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { createMarket, type MarketConfig, type Signal } from "../simulator/market/index.ts";
import { writeOracle } from "../simulator/oracle-file.ts";
import { action, isoDay, wholeNumber, type CommandContext } from "./context.ts";

interface OracleOptions {
  readonly out: string;
  readonly seed: number;
  readonly stocks: number;
  readonly from: string;
  readonly to: string;
  readonly signal: Signal;
  readonly strength: number;
}

/** Builds the `oracle` subcommand of `simulate`; its options name the same market as `simulate` serves. */
export function simulateOracleCommand(): Command {
  return new Command("oracle")
    .description("write the expected return of every issue, date and horizon to Parquet")
    .requiredOption("--out <file>", "where the Parquet file goes")
    .option("--seed <number>", "same seed, same bytes", wholeNumber(0), 7)
    .option("--stocks <number>", "issues ever listed", wholeNumber(1), 4000)
    .option("--from <date>", "first day of the market", isoDay, "2016-01-04")
    .option("--to <date>", "last day of the market", isoDay, "2026-10-30")
    .addOption(
      new Option("--signal <kind>", "what predicts returns")
        .choices(["none", "planted"])
        .default("planted"),
    )
    .option("--strength <factor>", "multiplies the planted signal", positive, 1)
    .action(action<[], OracleOptions>(writeExpectations));
}

async function writeExpectations(context: CommandContext, options: OracleOptions): Promise<void> {
  const { from, out, seed, signal, stocks, strength, to } = options;
  const config: MarketConfig = { seed, stocks, from, to, signal, strength };
  const market = await createMarket(config, {
    onProgress: (share) =>
      context.onProgress({ stage: "generate market", done: Math.round(share * 100), total: 100 }),
  });
  const path = resolve(out);
  const rows = await writeOracle(market, path);
  context.result(
    { path, rows, market: config, synthetic: true },
    (result) => `Wrote ${result.rows} expectations of the simulated market to ${result.path}`,
  );
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("expected a number above 0.");
}
