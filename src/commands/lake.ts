// `lake`: what the lake holds, whether it is whole, and deleting what may not be kept.

import Table from "cli-table3";
import { Command, Option } from "commander";
import { jstDay } from "../calendar/index.ts";
import { ArtifactError, ConfigError } from "../errors.ts";
import { plans, type Plan } from "../jquants/index.ts";
import { openLake } from "../lake/index.ts";
import { purgeLake, type Purged } from "../lake/purge.ts";
import { lakeStatus, verifyLake, type MonthStatus, type TableStatus } from "../lake/status.ts";
import { action, isoDay, type CommandContext } from "./context.ts";
import { compact } from "./compact-table.ts";
import { mirrorCommands } from "./mirror.ts";

interface PurgeOptions {
  readonly plan?: Plan;
  readonly before?: string;
  readonly all?: boolean;
}

export function lakeCommand(): Command {
  const command = new Command("lake").description("look at, check and purge the raw records");
  command
    .command("status")
    .description("coverage by endpoint and month")
    .action(action(showStatus));
  command
    .command("verify")
    .description("check hashes, row counts and keys of every file; list gaps")
    .action(action(verify));
  command
    .command("purge")
    .description("delete what a plan does not include, what is older than a day, or everything")
    .addOption(
      new Option("--plan <plan>", "keep only what this plan includes today").choices([...plans]),
    )
    .option("--before <date>", "delete earlier days", isoDay)
    .option("--all", "delete everything")
    .action(action<[], PurgeOptions>(purge));
  for (const each of mirrorCommands()) command.addCommand(each);
  return command;
}

async function showStatus(context: CommandContext): Promise<void> {
  const lake = await openLake(context.home);
  const held = lakeStatus(lake).filter(({ rows, first }) => rows > 0 || first !== undefined);
  context.result({ hash: lake.hash(), tables: held }, ({ hash, tables }) =>
    tables.length === 0
      ? `the lake in ${context.home} is empty; fill it with gogooku3 ingest or gogooku3 import`
      : `${renderStatus(tables)}\nlake ${hash.slice(0, 16)}`,
  );
}

async function verify(context: CommandContext): Promise<void> {
  const lake = await openLake(context.home);
  const found = await verifyLake(lake);
  context.result(found, ({ partitions, rows, problems, gaps }) =>
    [
      `${partitions} partitions, ${rows} rows, ${problems.length} problems, ${gaps.length} gaps`,
      ...[...problems, ...gaps.slice(0, 20)].map(
        ({ table, where, problem }) => `${table} ${where}: ${problem}`,
      ),
    ].join("\n"),
  );
  const [first] = found.problems;
  if (first !== undefined) {
    throw new ArtifactError(
      `lake verify: ${found.problems.length} problems, first ${first.table} ${first.where}: ${first.problem}; purge and ingest again what is broken`,
    );
  }
}

async function purge(context: CommandContext, options: PurgeOptions): Promise<void> {
  const { plan, before, all } = options;
  if (plan === undefined && before === undefined && all !== true) {
    throw new ConfigError("lake purge: say what goes: --plan PLAN, --before DATE or --all");
  }
  const lake = await openLake(context.home);
  const today = jstDay(context.clock.nowMs());
  const purged = await purgeLake(lake, {
    before,
    all,
    plan: plan === undefined ? undefined : { name: plan, today },
  });
  context.result(purged, renderPurged);
}

function renderPurged(purged: readonly Purged[]): string {
  if (purged.length === 0) return "nothing to delete";
  return purged.map(({ table, rows }) => `${table}: ${rows} rows deleted`).join("\n");
}

function renderStatus(tables: readonly TableStatus[]): string {
  const table = new Table({
    head: ["table", "rows", "MB", "from", "to", "coverage by month, a year a word"],
    colAligns: ["left", "right", "right", "left", "left", "left"],
    ...compact,
  });
  for (const { table: name, rows, bytes, first = "", last = "", months } of tables) {
    table.push([name, rows, (bytes / 1e6).toFixed(1), first, last, picture(months)]);
  }
  return `${table.toString()}\n# complete, = empty and final, o has open days, . nothing`;
}

/** A character a month, a word a year. */
function picture(months: readonly MonthStatus[]): string {
  const byMonth = new Map(months.map((month) => [month.month, month]));
  const years = new Set(months.map(({ month }) => month.slice(0, 4)));
  return [...years]
    .map((year) => {
      const marks = Array.from({ length: 12 }, (_, at) =>
        markOf(byMonth.get(`${year}-${String(at + 1).padStart(2, "0")}`)),
      );
      return `${year.slice(2)}:${marks.join("")}`;
    })
    .join("\n");
}

function markOf(month: MonthStatus | undefined): string {
  if (month === undefined) return ".";
  if (month.open > 0) return "o";
  return month.complete > 0 ? "#" : "=";
}
