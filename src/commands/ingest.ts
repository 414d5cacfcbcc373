// `ingest`: brings what is missing from J-Quants, or shows what that would take.

import Table from "cli-table3";
import { Command, InvalidArgumentError } from "commander";
import { resolveCredentials } from "../ingest/credentials.ts";
import { JquantsClient } from "../ingest/client.ts";
import { ingest, planOnly, type IngestReport, type IngestRequest } from "../ingest/ingest.ts";
import { limitOf } from "../ingest/limits.ts";
import type { IngestPlan } from "../ingest/plan-types.ts";
import type { Addon } from "../jquants/index.ts";
import { openLake } from "../lake/index.ts";
import { compact } from "./compact-table.ts";
import { action, isoDay, nameList, type CommandContext } from "./context.ts";
import { presentClock, type ServiceFlags, withServiceOptions } from "./service-options.ts";

interface IngestOptions extends ServiceFlags {
  readonly from?: string;
  readonly to?: string;
  readonly addons?: Addon[];
  readonly dryRun?: boolean;
  readonly bulk: boolean;
  readonly sweep?: boolean;
}

export function ingestCommand(): Command {
  const command = new Command("ingest")
    .description("bring what is missing in the lake from J-Quants")
    .option("--from <date>", "first day (default: first day of the plan's window)", isoDay)
    .option("--to <date>", "last day (default: today in Japan)", isoDay)
    .option("--addons <names>", "add-ons beside the plan: minute,td", addonList)
    .option("--dry-run", "print the plan: ways, requests, minutes; ask the service nothing")
    .option("--no-bulk", "use no bulk files")
    .option("--sweep", "compare all bulk files with those taken in and fetch the corrected ones");
  return withServiceOptions(command, "all of the plan")
    .addHelpText(
      "after",
      "\nThe key is read from JQUANTS_API_KEY or the official client's jquants-api.toml.\nExamples:\n  gogooku3 ingest --dry-run\n  gogooku3 ingest --from 2024-01-01 --endpoints /equities/bars/daily,/equities/master",
    )
    .action(action<[], IngestOptions>(runIngest));
}

async function runIngest(context: CommandContext, options: IngestOptions): Promise<void> {
  const lake = await openLake(context.home);
  const plan = options.plan ?? context.environment.JQUANTS_PLAN ?? "standard";
  const { from, to, endpoints, addons, bulk, sweep } = options;
  const request: IngestRequest = { from, to, plan, endpoints, addons, bulk, sweep };
  const clock = presentClock(context.clock, options.now);
  if (options.dryRun === true) {
    const draft = await planOnly(request, lake, clock);
    context.result(planSummary(draft), () => renderPlan(draft));
    return;
  }
  const { apiKey, baseUrl } = resolveCredentials(context.environment);
  const client = new JquantsClient({
    apiKey,
    baseUrl,
    plan,
    bucketOf: limitOf(plan, !options.limits),
    clock,
    signal: context.signal,
  });
  const { signal, onProgress } = context;
  const report = await ingest(request, { lake, client, clock, signal, onProgress });
  context.result(reportSummary(report), () => renderReport(report));
}

function addonList(text: string): Addon[] {
  return nameList(text).map((name) => {
    if (name === "minute" || name === "td") return name;
    throw new InvalidArgumentError("expected minute or td.");
  });
}

function planSummary({ endpoints, buckets, skipped, requests, minutes }: IngestPlan): object {
  return { endpoints, buckets, skipped, requests, minutes };
}

function reportSummary({ from, to, plan, execution, statistics }: IngestReport): object {
  return {
    from,
    to,
    rows: execution.rows,
    tasks: execution.tasks,
    statistics,
    skipped: plan.skipped,
  };
}

function renderPlan(plan: IngestPlan): string {
  const table = new Table({
    head: ["endpoint", "way", "days", "requests", "MB", "MB in the lake"],
    colAligns: ["left", "left", "right", "right", "right", "right"],
    ...compact,
  });
  for (const { path, way, days, requests, bytes, storedBytes } of plan.endpoints) {
    table.push([path, way, days, requests, megabytes(bytes), megabytes(storedBytes)]);
  }
  const buckets = plan.buckets.map(
    ({ bucket, requests, minutes, bytes }) =>
      `bucket ${bucket}: ${requests} requests, at least ${minutes.toFixed(1)} minutes, about ${megabytes(bytes)} MB`,
  );
  const nothing = plan.endpoints.length === 0 ? ["nothing is missing"] : [table.toString()];
  const disk = plan.endpoints.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
  const room = plan.endpoints.length === 0 ? [] : [`lake: about ${megabytes(disk)} MB more`];
  return [...nothing, ...buckets, ...room, ...renderSkipped(plan)].join("\n");
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

function renderReport(report: IngestReport): string {
  const { requests, downloads, bytes, retries, refusals } = report.statistics;
  const sent = Object.entries(requests).map(([bucket, count]) => `${count} ${bucket}`);
  const asked = sent.length === 0 ? "no requests" : `requests: ${sent.join(", ")}`;
  return [
    `${report.from} to ${report.to}: ${report.execution.rows} rows, ${(bytes / 1e6).toFixed(1)} MB`,
    `${asked}; ${downloads} downloads, ${retries} retries, ${refusals} refused`,
    ...renderSkipped(report.plan),
  ].join("\n");
}

/** One line a reason. */
function renderSkipped({ skipped }: IngestPlan): string[] {
  const byReason = Map.groupBy(skipped, ({ reason }) => reason);
  return [...byReason].map(
    ([reason, entries]) => `left out, ${reason}: ${entries.map(({ path }) => path).join(" ")}`,
  );
}
