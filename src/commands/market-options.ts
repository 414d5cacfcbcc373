// What names a simulated market on the command line: the same words, the same bytes, in every command.

import { type Command, Option } from "commander";
import type { MarketConfig } from "../simulator/market/index.ts";
import { isoDay, positiveNumber, wholeNumber } from "./context.ts";

export interface MarketFlags extends Pick<
  MarketConfig,
  "seed" | "stocks" | "from" | "to" | "signal"
> {
  readonly strength?: number;
}

/** Adds the options of `MarketFlags`. */
export function withMarketOptions(command: Command): Command {
  return command
    .option("--seed <number>", "same seed, same bytes", wholeNumber(0), 7)
    .option("--stocks <number>", "issues ever listed", wholeNumber(1), 4000)
    .option("--from <date>", "first day of the market", isoDay, "2016-01-04")
    .option("--to <date>", "last day of the market", isoDay, "2026-10-30")
    .addOption(
      new Option("--signal <kind>", "what predicts returns")
        .choices(["none", "planted"])
        .default("planted"),
    )
    .option("--strength <factor>", "multiplies the planted signal", positiveNumber);
}

/** The market that the flags name. */
export function marketOf(flags: MarketFlags): MarketConfig {
  const { seed, stocks, from, to, signal, strength } = flags;
  return { seed, stocks, from, to, signal, ...(strength === undefined ? {} : { strength }) };
}
