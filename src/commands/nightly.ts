// `nightly`: the one command for cron: update, extend, check, forecast with the production model, report.

import Table from "cli-table3";
import { Command, Option } from "commander";
import { type Plan, plans } from "../jquants/index.ts";
import type { NightlyResult } from "../pipeline/nightly/index.ts";
import { action, type CommandContext, nameList } from "./context.ts";
import { instant, shifted } from "./ingest.ts";

interface NightlyFlags {
  readonly plan?: Plan;
  readonly endpoints?: string[];
  readonly limits: boolean;
  readonly now?: number;
}

export function nightlyCommand(): Command {
  return new Command("nightly")
    .description(
      "update, check, forecast with the production model, report; once a night, for cron",
    )
    .addOption(
      new Option("--plan <plan>", "your plan (default: JQUANTS_PLAN or standard)").choices([
        ...plans,
      ]),
    )
    .option(
      "--endpoints <paths>",
      "comma list of endpoint paths (default: those of the tables that the lake holds)",
      nameList,
    )
    .option("--no-limits", "send as fast as answers come; for a simulator without limits")
    .option(
      "--now <instant>",
      "the present in Japan, for a simulator with a clock of its own",
      instant,
    )
    .addHelpText(
      "after",
      "\nForecasts the latest session whose prices are final (17:30 in Japan). Done already: says so, exit 0. On other days the last\n" +
        "session is done, unless it was. A failed check publishes nothing, exit 4; prices not there yet: exit 3, run it again.\n" +
        "Example of a crontab, in Japan's time:\n  0 20 * * * cd /srv/gogooku3 && npx gogooku3 nightly",
    )
    .action(action<[], NightlyFlags>(nightly));
}

async function nightly(context: CommandContext, flags: NightlyFlags): Promise<void> {
  const { resolveCredentials } = await import("../ingest/credentials.ts");
  const { JquantsClient } = await import("../ingest/client.ts");
  const { limitOf } = await import("../ingest/limits.ts");
  const { runNightly } = await import("../pipeline/nightly/index.ts");
  const { requireProductionModel } = await import("../registry/index.ts");
  const { home, environment, signal, onProgress } = context;
  requireProductionModel(home);
  const { apiKey, baseUrl, plan: subscribed } = resolveCredentials(environment);
  const plan = flags.plan ?? subscribed;
  const clock = flags.now === undefined ? context.clock : shifted(context.clock, flags.now);
  const bucketOf = limitOf(plan, !flags.limits);
  const client = new JquantsClient({ apiKey, baseUrl, plan, bucketOf, clock, signal });
  const { endpoints } = flags;
  const options = { home, client, plan, clock, endpoints, signal, onProgress };
  context.result(await runNightly(options), render);
}

function render({ session, model, isNew, notToday, steps, report }: NightlyResult): string {
  const table = new Table({
    head: ["step", "found", "s"],
    colWidths: [10, 80, 8],
    colAligns: ["left", "left", "right"],
    wordWrap: true,
    wrapOnWordBoundary: false,
    style: { head: [], border: [] },
  });
  for (const { step, detail, seconds } of steps) table.push([step, detail, seconds.toFixed(1)]);
  return [
    `${session} by ${model}${isNew ? "" : ": done already, nothing to do"}`,
    ...(notToday === null ? [] : [notToday]),
    ...(isNew ? [table.toString()] : []),
    report,
  ].join("\n");
}
