// `nightly`: the one command for cron: update, extend, check, forecast with the production model, report.

import Table from "cli-table3";
import { Command } from "commander";
import type { NightlyResult } from "../pipeline/nightly/index.ts";
import { action, type CommandContext } from "./context.ts";
import { presentClock, type ServiceFlags, withServiceOptions } from "./service-options.ts";

export function nightlyCommand(): Command {
  const command = new Command("nightly").description(
    "update, check, forecast with the production model, report; once a night, for cron",
  );
  return withServiceOptions(command, "those of the tables that the lake holds")
    .addHelpText(
      "after",
      "\nForecasts the latest session whose prices are final (17:30 in Japan). Done already: says so, exit 0. On other days the last\n" +
        "session is done, unless it was. A failed check publishes nothing, exit 4; prices not there yet: exit 3, run it again.\n" +
        "Example of a crontab, in Japan's time:\n  0 20 * * * cd /srv/gogooku3 && npx gogooku3 nightly",
    )
    .action(action<[], ServiceFlags>(nightly));
}

async function nightly(context: CommandContext, flags: ServiceFlags): Promise<void> {
  const { resolveCredentials } = await import("../ingest/credentials.ts");
  const { JquantsClient } = await import("../ingest/client.ts");
  const { limitOf } = await import("../ingest/limits.ts");
  const { findLibrary } = await import("../model/lightgbm/library.ts");
  const { runNightly } = await import("../pipeline/nightly/index.ts");
  const { requireProductionModel } = await import("../registry/index.ts");
  const { home, environment, signal, onProgress } = context;
  requireProductionModel(home);
  const { apiKey, baseUrl, plan: subscribed } = resolveCredentials(environment);
  const plan = flags.plan ?? subscribed;
  const clock = presentClock(context.clock, flags.now);
  const bucketOf = limitOf(plan, !flags.limits);
  const client = new JquantsClient({ apiKey, baseUrl, plan, bucketOf, clock, signal });
  const { endpoints } = flags;
  const library = findLibrary({ explicit: environment.LIGHTGBM_LIB, userHome: environment.HOME });
  const options = {
    home,
    client,
    plan,
    clock,
    endpoints,
    library: library?.path,
    signal,
    onProgress,
  };
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
