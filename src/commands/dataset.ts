// `dataset`: build, audit and describe the table that models learn from, and list what it can hold.

import { join } from "node:path";
import { Command } from "commander";
import { epochDay } from "../calendar/index.ts";
import {
  auditFeatures,
  buildDataset,
  describeDataset,
  describeHtml,
  openDataset,
  type AuditReport,
  type BuildOptions,
  type Leak,
} from "../dataset/index.ts";
import { LeakageError } from "../errors.ts";
import {
  catalogueEntries,
  catalogueHtml,
  catalogueMarkdown,
  defaultRegistry,
  describePlan,
  planFeatures,
  selectFeatures,
  setSizes,
  type AbsentSource,
} from "../features/index.ts";
import { openLake } from "../lake/index.ts";
import { recordAudit } from "../pipeline/audit-evidence.ts";
import { publishFile } from "../publish.ts";
import { action, isoDay, wholeNumber } from "./context.ts";

const featuresHelp =
  "a set (core62, panel145, curated82, signal, standard, premium), families or columns, comma separated";

export function datasetCommand(): Command {
  const command = new Command("dataset").description("build, audit and describe datasets");
  for (const part of [buildCommand, auditCommand, describeCommand, catalogueCommand]) {
    command.addCommand(part());
  }
  return command;
}

interface BuildFlags {
  readonly from: string;
  readonly to: string;
  readonly features: string;
  readonly allowEmpty?: boolean;
  readonly rebuild?: boolean;
  readonly strict?: boolean;
  readonly threads?: number;
  readonly plan?: boolean;
}

function buildCommand(): Command {
  return new Command("build")
    .description("compute features and labels from the lake, check them, publish, move `latest`")
    .requiredOption("--from <date>", "first day of the rows, YYYY-MM-DD", isoDay)
    .requiredOption("--to <date>", "last day of the rows, YYYY-MM-DD", isoDay)
    .requiredOption("--features <set>", featuresHelp)
    .option("--allow-empty", "publish although columns are empty or constant (short market)")
    .option("--strict", "fail when the lake lacks a source, instead of leaving its columns out")
    .option("--rebuild", "compute every month, although an earlier dataset has some of them")
    .option("--threads <n>", "worker threads (default: one a core)", wholeNumber(1))
    .option("--plan", "print the steps and stop")
    .action(
      action<[], BuildFlags>(async (context, flags) => {
        if (flags.plan === true) {
          const registry = defaultRegistry();
          const plan = planFeatures(registry, selectFeatures(registry, flags.features));
          context.result(plan, (steps) => describePlan(steps, registry, 1_000_000));
          return;
        }
        const { manifest, folder, monthsReused } = await buildDataset(
          await openLake(context.home),
          { ...optionsOf(flags), signal: context.signal, onProgress: context.onProgress },
        );
        context.result(
          {
            id: manifest.id,
            folder,
            rows: manifest.rows,
            codes: manifest.codes,
            sessions: manifest.sessions,
            features: manifest.features.length,
            labels: manifest.labels.length,
            monthsReused,
            abi: manifest.abi,
            synthetic: manifest.synthetic,
            absent: manifest.absent ?? [],
          },
          (built) =>
            [
              `${built.id}: ${built.rows} rows (${built.codes} codes × ${built.sessions} sessions), ${built.features} features, ${built.labels} labels${built.synthetic ? ", synthetic market" : ""}`,
              ...built.absent.map(leftOutText),
              built.folder,
            ].join("\n"),
        );
      }),
    );
}

function optionsOf(flags: BuildFlags): BuildOptions {
  const { from, to, features, allowEmpty = false, rebuild = false, strict = false } = flags;
  return {
    from: epochDay(from),
    to: epochDay(to),
    selection: features,
    allowEmpty,
    rebuild,
    strict,
    ...(flags.threads === undefined ? {} : { threads: flags.threads }),
  };
}

function leftOutText({ source, columns }: AbsentSource): string {
  return `left out, the lake has nothing of ${source}: ${columns.join(", ")}`;
}

interface AuditFlags {
  readonly features: string;
  readonly cuts: number;
  readonly codes: number;
  readonly seed: number;
}

function auditCommand(): Command {
  return new Command("audit")
    .description(
      "prove that no feature sees a later record: cut the lake off, and spoil what comes after",
    )
    .option("--features <set>", featuresHelp, "premium")
    .option("--cuts <n>", "sessions to cut at", wholeNumber(1), 3)
    .option("--codes <n>", "stocks to audit", wholeNumber(1), 150)
    .option("--seed <n>", "draws the sessions and stocks", wholeNumber(0), 1)
    .action(
      action<[], AuditFlags>(async (context, { features, cuts, codes, seed }) => {
        const report = await auditFeatures(await openLake(context.home), {
          selection: features,
          cuts,
          codes,
          seed,
          onProgress: context.onProgress,
        });
        await recordAudit(context.home, { selection: features, report }, context.clock);
        context.result(report, auditText);
        const [first] = report.leaks;
        if (first !== undefined) {
          throw new LeakageError(
            `audit: ${report.leaks.length} leaks, first ${leakText(first)}; look at its kernel, its source's availability and its lag`,
          );
        }
      }),
    );
}

function auditText({ features, codes, cuts, cellsCompared, unseen, leaks }: AuditReport): string {
  const head = `${features} features × ${codes} stocks, cut at ${cuts.join(", ")}, truncated and perturbed: ${cellsCompared} cells compared`;
  const blind =
    unseen.length === 0
      ? []
      : [`without any value in this lake, so not proved: ${unseen.join(", ")}`];
  return [head, ...blind, leaks.length === 0 ? "no leak" : leaks.map(leakText).join("\n")].join(
    "\n",
  );
}

function leakText({
  feature,
  family,
  mode,
  cut,
  code,
  date,
  expected,
  found,
  cells,
  table,
}: Leak): string {
  const place = table === undefined ? "" : ` through ${table}`;
  return `${feature} (${family}): ${code} on ${date} is ${expected}, but ${found} when the lake is ${mode === "truncate" ? "cut off" : "spoiled"} after ${cut}${place}; ${cells} cells`;
}

interface DescribeFlags {
  readonly dataset: string;
}

function describeCommand(): Command {
  return new Command("describe")
    .description("nulls, moments, drift between months and correlation clusters, as an HTML page")
    .option("--dataset <id>", "which dataset", "latest")
    .action(
      action<[], DescribeFlags>(async (context, { dataset: id }) => {
        const description = describeDataset(openDataset(context.home, id));
        const path = join(context.home, "reports", `dataset-${description.id}.html`);
        await publishFile(path, describeHtml(description));
        context.result({ path, ...description }, (found) => found.path);
      }),
    );
}

function catalogueCommand(): Command {
  return new Command("catalogue")
    .description(
      "every feature with formula, availability, lookback, scaling and source, as Markdown and HTML",
    )
    .action(
      action<[], object>(async (context) => {
        const registry = defaultRegistry();
        const base = join(context.home, "reports", "features");
        await publishFile(`${base}.md`, catalogueMarkdown(registry));
        await publishFile(`${base}.html`, catalogueHtml(registry));
        context.result(
          {
            sets: Object.fromEntries(setSizes(registry)),
            features: catalogueEntries(registry),
            markdown: `${base}.md`,
            html: `${base}.html`,
          },
          ({ sets, markdown, html }) =>
            [
              ...Object.entries(sets).map(([name, size]) => `${name}: ${size} columns`),
              markdown,
              html,
            ].join("\n"),
        );
      }),
    );
}
