// What every command that asks J-Quants can be told: the plan, the endpoints, the pace, the present.

import { type Command, InvalidArgumentError, Option } from "commander";
import type { Clock } from "../clock.ts";
import { type Plan, plans } from "../jquants/index.ts";
import { parseInstant } from "../simulator/server/index.ts";
import { nameList } from "./context.ts";

export interface ServiceFlags {
  readonly plan?: Plan;
  readonly endpoints?: string[];
  readonly limits: boolean;
  /** Epoch milliseconds. */
  readonly now?: number;
}

/** Adds the options of `ServiceFlags`; `endpoints` says which are asked for by default. */
export function withServiceOptions(command: Command, endpoints: string): Command {
  return command
    .addOption(
      new Option("--plan <plan>", "your plan (default: JQUANTS_PLAN or standard)").choices([
        ...plans,
      ]),
    )
    .option("--endpoints <paths>", `comma list of endpoint paths (default: ${endpoints})`, nameList)
    .option("--no-limits", "send as fast as answers come; for a simulator without limits")
    .option(
      "--now <instant>",
      "the present in Japan, for a simulator with a clock of its own",
      instant,
    );
}

/** The clock that a command goes by: it reads `now` at this moment and goes on from there; without it, the system's. */
export function presentClock(clock: Clock, now: number | undefined): Clock {
  if (now === undefined) return clock;
  const shiftMs = now - clock.nowMs();
  return { nowMs: () => clock.nowMs() + shiftMs };
}

function instant(text: string): number {
  try {
    return parseInstant(text);
  } catch {
    throw new InvalidArgumentError("expected an instant as 2026-11-20T20:00, in Japan's time.");
  }
}
