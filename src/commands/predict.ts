// `predict --model ID --date D`: one session's forecasts as a table on the terminal, CSV and Parquet on disk.

import { join } from "node:path";
import Table from "cli-table3";
import { Command } from "commander";
import { epochDay, isoDate } from "../calendar/index.ts";
import type { StockForecast } from "../train/index.ts";
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
      "forecast one session with a trained network: rank, quantiles, uncertainty, reasons",
    )
    .requiredOption("--model <id>", "a model, as train printed it")
    .option("--date <day>", "a session of the dataset, YYYY-MM-DD (default: its last)", isoDay)
    .option("--dataset <id>", "a dataset that holds the session", "latest")
    .option(
      "--draws <n>",
      "forecasts with dropout whose deviation is the uncertainty",
      wholeNumber(0),
      0,
    )
    .option("--top <n>", "rows printed a horizon", wholeNumber(1), 10)
    .addHelpText(
      "after",
      "\nExample:\n  gogooku3 predict --model atft-0123456789ab --date 2024-12-30",
    )
    .action(action<[], PredictFlags>(predict));
}

async function predict(context: CommandContext, flags: PredictFlags): Promise<void> {
  const { openDataset } = await import("../dataset/index.ts");
  const { datasetHashOf, datasetPeers, loadModel, predictDay } = await import("../train/index.ts");
  const { home, onProgress } = context;
  const dataset = openDataset(home, flags.dataset);
  const model = await loadModel(home, flags.model);
  const { dates } = dataset.rows;
  const date = flags.date === undefined ? dates[dates.length - 1] : epochDay(flags.date);
  const peersOn = model.blocks.graph
    ? await datasetPeers(dataset, model.spec.config, {
        home,
        datasetHash: datasetHashOf(dataset),
        onMonth: (done, total) => onProgress({ stage: "correlation graphs", done, total }),
      })
    : undefined;
  const { draws } = flags;
  const forecasts = await predictDay({ dataset, model, date, peersOn, threads: 0, draws });
  const levels = model.spec.config.quantiles;
  const files = await writeForecasts(home, `${model.id}/${isoDate(date)}`, forecasts, levels);
  context.result({ model: model.id, date: isoDate(date), ...files, forecasts }, () =>
    [renderForecasts(forecasts, levels, flags.top), files.csv, files.parquet].join("\n"),
  );
}

async function writeForecasts(
  home: string,
  name: string,
  forecasts: readonly StockForecast[],
  levels: readonly number[],
): Promise<{ readonly csv: string; readonly parquet: string }> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const { publishFile, publishWith } = await import("../publish.ts");
  const csv = join(home, "forecasts", `${name}.csv`);
  const parquet = join(home, "forecasts", `${name}.parquet`);
  const head = ["code", "horizon", "rank", ...levels.map(levelName), "uncertainty", "reasons"];
  const lines = forecasts.map(({ code, horizon, rank, quantiles, uncertainty, reasons }) =>
    [code, horizon, rank, ...quantiles, uncertainty ?? "", reasons.join(" ")].join(","),
  );
  await publishFile(csv, `${[head.join(","), ...lines].join("\n")}\n`);
  const instance = await DuckDBInstance.create(":memory:");
  try {
    const connection = await instance.connect();
    await publishWith(parquet, async (temporary) => {
      const quoted = (path: string): string => `'${path.replaceAll("'", "''")}'`;
      await connection.run(
        `COPY (SELECT * FROM read_csv(${quoted(csv)}, header = true, types = {'code': 'VARCHAR'}))
         TO ${quoted(temporary)} (FORMAT parquet)`,
      );
    });
    connection.closeSync();
  } finally {
    instance.closeSync();
  }
  return { csv, parquet };
}

function levelName(level: number): string {
  return `q${String(Math.round(level * 100)).padStart(2, "0")}`;
}

function renderForecasts(
  forecasts: readonly StockForecast[],
  levels: readonly number[],
  top: number,
): string {
  const table = new Table({
    head: ["horizon", "rank", "code", ...levels.map(levelName), "uncertainty", "reasons"],
  });
  const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;
  const shown = new Map<number, number>();
  for (const { code, horizon, rank, quantiles, uncertainty, reasons } of forecasts) {
    const count = (shown.get(horizon) ?? 0) + 1;
    shown.set(horizon, count);
    if (count > top) continue;
    table.push([
      horizon,
      rank,
      code,
      ...quantiles.map(percent),
      uncertainty === null ? "" : percent(uncertainty),
      reasons.join(", "),
    ]);
  }
  return table.toString();
}
