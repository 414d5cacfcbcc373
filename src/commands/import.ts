// `import`: price files of one's own into the lake, so that everything works without a subscription.

import { Command, InvalidArgumentError, Option } from "commander";
import { importJpx } from "../ingest/import/jpx.ts";
import { importOhlcv, ohlcvFields, type OhlcvField } from "../ingest/import/ohlcv.ts";
import {
  importSeries,
  seriesNames,
  type SeriesName,
  type SeriesReport,
} from "../ingest/import/series.ts";
import type { ImportReport } from "../ingest/import/price-import.ts";
import { openLake } from "../lake/index.ts";
import { action, wholeNumber } from "./context.ts";

interface OhlcvOptions {
  readonly map?: ReadonlyMap<OhlcvField, string>;
  readonly suffix?: string;
  readonly prices: "raw" | "adjusted";
  readonly calendar: "jpx" | "data";
  readonly timeZone: string;
  readonly currency: string;
  readonly market: string;
  readonly list?: string;
  readonly encoding?: string;
}

export function importCommand(): Command {
  const command = new Command("import").description("fill the lake from files instead of J-Quants");
  command
    .command("jpx")
    .description("the files of the Kaggle competition JPX Tokyo Stock Exchange Prediction")
    .argument("<dir>", "folder with stock_prices.csv and stock_list.csv")
    .action(
      action<[string], object>(async (context, _options, folder) => {
        const lake = await openLake(context.home);
        context.result(await importJpx(lake, folder, context.clock), renderReport);
      }),
    );
  command.addCommand(ohlcvCommand());
  command.addCommand(seriesCommand());
  return command;
}

interface SeriesOptions {
  readonly name: SeriesName;
  readonly date?: string;
  readonly value?: string;
  readonly knownAt: string;
  readonly knownAfterDays: number;
}

function seriesCommand(): Command {
  return new Command("series")
    .description("a daily series from abroad, for the features of the family macro")
    .argument("<file>", "CSV or Parquet with a date and a value a row")
    .addOption(
      new Option("--name <series>", "what it is").choices(seriesNames).makeOptionMandatory(),
    )
    .option("--date <column>", "column of the date, YYYY-MM-DD")
    .option("--value <column>", "column of the value")
    .option(
      "--known-at <time>",
      "hour in Japan at which a value is known, HH:MM",
      clockTime,
      "07:00",
    )
    .option(
      "--known-after-days <days>",
      "days from the value's date to that hour",
      wholeNumber(0),
      1,
    )
    .addHelpText(
      "after",
      "\nThe default is right for closes of New York: known at 07:00 of the next day in Japan. Give market prices, which nobody revises;\na revised statistic would tell the past what was found later.\n\n" +
        "Examples:\n  gogooku3 import series vix.csv --name vix\n  gogooku3 import series usdjpy.csv --name usdjpy --value rate --known-at 17:00 --known-after-days 0\n  gogooku3 dataset build --features standard,macro ...",
    )
    .action(
      action<[string], SeriesOptions>(async (context, options, file) => {
        const lake = await openLake(context.home);
        const report = await importSeries(lake, { ...options, file }, context.clock);
        context.result(report, renderSeries);
      }),
    );
}

function clockTime(text: string): string {
  if (/^(?:[01]\d|2[0-3]):[0-5]\d$/u.test(text)) return text;
  throw new InvalidArgumentError("expected a time as HH:MM.");
}

function renderSeries({ name, rows, skipped, first, last }: SeriesReport): string {
  return `${name}: ${rows} values, ${first} to ${last}; ${skipped} rows without a number left out`;
}

function ohlcvCommand(): Command {
  return new Command("ohlcv")
    .description("CSV or Parquet files with date, code, open, high, low, close, volume")
    .argument("<files...>", "one file, or one a code named after it")
    .option(
      "--map <pairs>",
      `columns as field=column,...; fields: ${ohlcvFields.join(" ")}`,
      columnMap,
    )
    .option("--suffix <text>", "take only symbols that end so, without the ending: .T")
    .addOption(
      new Option("--prices <kind>", "as traded, or already adjusted")
        .choices(["raw", "adjusted"])
        .default("raw"),
    )
    .addOption(
      new Option("--calendar <kind>", "sessions: the JPX calendar or the days of the data")
        .choices(["jpx", "data"])
        .default("jpx"),
    )
    .option("--time-zone <zone>", "of timestamps in the date column", "Asia/Tokyo")
    .option("--currency <code>", "of the prices, kept in the report", "JPY")
    .option("--market <code>", "segment of issues that no column gives one", "0111")
    .option("--list <file>", "a file with a row an issue: code, name, sector, market")
    .option("--encoding <name>", "of CSV files: shift_jis, euc-jp")
    .addHelpText(
      "after",
      "\nExamples:\n  gogooku3 import ohlcv prices.csv --map code=ticker,close=adj_close --prices adjusted\n  gogooku3 import ohlcv data/*.parquet --suffix .T --list names.csv",
    )
    .action(
      action<[string[]], OhlcvOptions>(async (context, options, files) => {
        const lake = await openLake(context.home);
        context.result(await importOhlcv(lake, { ...options, files }, context.clock), renderReport);
      }),
    );
}

function columnMap(text: string): ReadonlyMap<OhlcvField, string> {
  return new Map(
    text.split(",").map((pair) => {
      const at = pair.indexOf("=");
      const name = pair.slice(0, at).trim();
      const field = ohlcvFields.find((known) => known === name);
      if (at < 1 || field === undefined) {
        throw new InvalidArgumentError(
          `expected field=column with a field of ${ohlcvFields.join(", ")}.`,
        );
      }
      return [field, pair.slice(at + 1).trim()];
    }),
  );
}

function renderReport(report: ImportReport): string {
  const { read, kept, codes, first, last, rejected, suspicious, gaps, codesWithGaps } = report;
  return [
    `${kept} of ${read} rows kept: ${codes} codes, ${first} to ${last}`,
    ...Object.entries(rejected).map(([reason, rows]) => `rejected ${rows}: ${reason}`),
    ...(report.rejectedFile === undefined ? [] : [`rejected rows: ${report.rejectedFile}`]),
    ...suspicious.map(
      ({ what, rows, examples }) => `doubtful ${rows}: ${what} (${examples.join("; ")})`,
    ),
    `gaps: ${gaps} sessions without a row between first and last day of ${codesWithGaps} codes`,
    ...Object.entries(report.tables).map(([table, rows]) => `${table}: ${rows} rows`),
    ...report.notes.map((note) => `note: ${note}`),
  ].join("\n");
}
