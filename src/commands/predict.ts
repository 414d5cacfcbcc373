// `predict --model ID --date D`: one session's forecasts as a table on the terminal, CSV and Parquet on disk.

import Table from "cli-table3";
import { Command } from "commander";
import { epochDay } from "../calendar/index.ts";
import type { SessionStock } from "../pipeline/forecast/index.ts";
import { compact } from "./compact-table.ts";
import { action, type CommandContext, isoDay, wholeNumber } from "./context.ts";

interface PredictFlags {
  readonly model: string;
  readonly date?: string;
  readonly dataset: string;
  readonly draws: number;
  readonly top: number;
}

export function predictCommand(): Command {
  return new Command("predict")
    .description(
      "forecast one session with a model: rank, score, reasons; a network's quantiles and uncertainty",
    )
    .option("--model <id>", "a model of `models list`, or `production`", "production")
    .option("--date <day>", "a session of the dataset, YYYY-MM-DD (default: its last)", isoDay)
    .option("--dataset <id>", "a dataset that holds the session", "latest")
    .option(
      "--draws <n>",
      "networks: forecasts with dropout whose deviation is the uncertainty",
      wholeNumber(0),
      0,
    )
    .option("--top <n>", "rows printed a horizon", wholeNumber(1), 10)
    .addHelpText(
      "after",
      "\nReasons are the three features that weighed most: a network's own weights, or SHAP of LightGBM's trees (by its native\n" +
        "library). LightGBM gives a score without unit, no quantiles and no uncertainty; those are a network's.\n" +
        "Examples:\n  gogooku3 predict\n  gogooku3 predict --model atft-0123456789ab --date 2024-12-30",
    )
    .action(action<[], PredictFlags>(predict));
}

async function predict(context: CommandContext, flags: PredictFlags): Promise<void> {
  const { openDataset } = await import("../dataset/index.ts");
  const { forecastSession, levelName, publishForecast } =
    await import("../pipeline/forecast/index.ts");
  const { findLibrary } = await import("../model/lightgbm/library.ts");
  const { home, environment, onProgress } = context;
  const dataset = openDataset(home, flags.dataset);
  const model = flags.model === "production" ? await inProduction(home) : flags.model;
  const date = flags.date === undefined ? undefined : epochDay(flags.date);
  const { draws } = flags;
  const library = findLibrary({ explicit: environment.LIGHTGBM_LIB, userHome: environment.HOME });
  const made = await forecastSession({
    home,
    dataset,
    model,
    date,
    draws,
    library: library?.path,
    onProgress,
  });
  const files = await publishForecast(home, made, dataset.manifest.synthetic);
  const { forecasts, levels } = made;
  context.result({ model, date: made.date, ...files, forecasts }, () =>
    [
      renderForecasts(forecasts, levels.map(levelName), flags.top),
      ...(forecasts.some(({ reasons }) => reasons.length > 0) ? [] : [withoutReasons]),
      files.csv,
      files.parquet,
    ].join("\n"),
  );
}

const withoutReasons =
  "no reasons: LightGBM's native library, which computes them, is not here; `gogooku3 setup lightgbm` brings it";

async function inProduction(home: string): Promise<string> {
  const { requireProductionModel } = await import("../registry/index.ts");
  return requireProductionModel(home);
}

function renderForecasts(
  forecasts: readonly SessionStock[],
  levels: readonly string[],
  top: number,
): string {
  const own = levels.length === 0 ? ["score"] : [...levels, "uncertainty"];
  const table = new Table({ head: ["horizon", "rank", "code", ...own, "reasons"], ...compact });
  const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;
  const shown = new Map<number, number>();
  for (const { code, horizon, rank, score, quantiles, uncertainty, reasons } of forecasts) {
    const count = (shown.get(horizon) ?? 0) + 1;
    shown.set(horizon, count);
    if (count > top) continue;
    const spread = uncertainty === null ? "" : percent(uncertainty);
    const cells = levels.length === 0 ? [score.toFixed(4)] : [...quantiles.map(percent), spread];
    table.push([horizon, rank, code, ...cells, reasons.join(", ")]);
  }
  return table.toString();
}
