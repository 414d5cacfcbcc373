// `sql`: one DuckDB query over the lake's tables and the datasets, printed or written to a file.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import Table from "cli-table3";
import { Command, Option } from "commander";
import { ConfigError } from "../errors.ts";
import { publishWith } from "../publish.ts";
import { openLake } from "../lake/lake.ts";
import { quoteName, quoteText } from "../lake/table-schema.ts";
import { action, wholeNumber, type CommandContext } from "./context.ts";
import { compact } from "./compact-table.ts";

type Format = "table" | "csv" | "json" | "parquet";

interface SqlOptions {
  readonly format?: Format;
  readonly out?: string;
  readonly limit: number;
}

interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

export function sqlCommand(): Command {
  return new Command("sql")
    .description("run one DuckDB query over lake and datasets")
    .argument("<query>", 'for example "SELECT Code, C FROM equities_bars_daily LIMIT 5"')
    .addOption(
      new Option("-f, --format <format>", "output format").choices([
        "table",
        "csv",
        "json",
        "parquet",
      ]),
    )
    .option("-o, --out <file>", "write the whole result to a file; its ending gives the format")
    .option("--limit <rows>", "rows printed as a table", wholeNumber(1), 100)
    .addHelpText(
      "after",
      '\nEach endpoint is a table (SHOW TABLES), each dataset is dataset_<id>.\nExamples:\n  gogooku3 sql "SHOW TABLES"\n  gogooku3 sql "SELECT * FROM equities_bars_daily" --out bars.parquet',
    )
    .action(
      action<[string], SqlOptions>(async (context, options, query) => {
        const lake = await openLake(context.home);
        const connection = await lake.connect();
        try {
          await createDatasetViews(connection, context.home);
          await answer(connection, context, options, query);
        } finally {
          connection.closeSync();
        }
      }),
    );
}

async function answer(
  connection: DuckDBConnection,
  context: CommandContext,
  options: SqlOptions,
  query: string,
): Promise<void> {
  if (options.out !== undefined) {
    const format = options.format ?? formatOfName(options.out);
    const rows = await writeResult(connection, query, options.out, format);
    context.result(
      { file: options.out, rows },
      (value) => `${value.rows} ${value.rows === 1 ? "row" : "rows"} in ${value.file}`,
    );
    return;
  }
  if (options.format === "parquet") {
    throw new ConfigError("sql: --format parquet needs --out FILE");
  }
  const result = await runQuery(connection, query);
  if (context.json) {
    context.result(asObjects(result), () => "");
  } else if (options.format === "csv") {
    process.stdout.write(renderCsv(result));
  } else if (options.format === "json") {
    process.stdout.write(`${JSON.stringify(asObjects(result))}\n`);
  } else {
    context.say(renderTable(result, options.limit));
  }
}

async function runQuery(connection: DuckDBConnection, query: string): Promise<Answer> {
  try {
    const reader = await connection.runAndReadAll(query);
    return { columns: reader.deduplicatedColumnNames(), rows: reader.getRowsJson() };
  } catch (error) {
    throw queryError(error);
  }
}

async function writeResult(
  connection: DuckDBConnection,
  query: string,
  file: string,
  format: Format,
): Promise<number> {
  const options = {
    parquet: "FORMAT parquet, COMPRESSION zstd",
    csv: "FORMAT csv, HEADER",
    json: "FORMAT json, ARRAY true",
  };
  if (format === "table") throw new ConfigError("sql: --out writes csv, json or parquet");
  let rows = 0;
  await publishWith(file, async (temporary) => {
    try {
      const statement = query.trim().replace(/;$/u, "");
      const result = await connection.run(
        `COPY (${statement}) TO ${quoteText(temporary)} (${options[format]})`,
      );
      rows = result.rowsChanged;
    } catch (error) {
      throw queryError(error);
    }
  });
  return rows;
}

/** A view `dataset_<id>` for each dataset folder that holds Parquet files. */
async function createDatasetViews(connection: DuckDBConnection, home: string): Promise<void> {
  const folder = join(home, "datasets");
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (!entry.isDirectory() || !readdirSync(path).some((name) => name.endsWith(".parquet"))) {
      continue;
    }
    const name = `dataset_${entry.name.replaceAll(/\W/gu, "_")}`;
    await connection.run(
      `CREATE VIEW ${quoteName(name)} AS SELECT * FROM read_parquet(${quoteText(join(path, "month=*.parquet"))}, union_by_name = true)`,
    );
  }
}

function formatOfName(file: string): Format {
  const ending = /\.(csv|json|parquet)$/u.exec(file)?.[1];
  if (ending === "csv" || ending === "json" || ending === "parquet") return ending;
  throw new ConfigError(
    `sql: --out ${file} should end with .csv, .json or .parquet, or give --format`,
  );
}

function queryError(error: unknown): ConfigError {
  const reason = error instanceof Error ? error.message : String(error);
  return new ConfigError(`sql: ${reason}`, { cause: error });
}

function asObjects({ columns, rows }: Answer): Record<string, unknown>[] {
  return rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));
}

function renderTable({ columns, rows }: Answer, limit: number): string {
  const table = new Table({ head: [...columns], ...compact });
  for (const row of rows.slice(0, limit)) table.push(row.map((value) => cellText(value)));
  const rest = rows.length - limit;
  return rest > 0
    ? `${table.toString()}\n${rest} more rows; use --limit or --out`
    : table.toString();
}

function renderCsv({ columns, rows }: Answer): string {
  const line = (cells: readonly unknown[]): string => `${cells.map(csvCell).join(",")}\n`;
  return line(columns) + rows.map(line).join("");
}

function csvCell(value: unknown): string {
  const text = cellText(value);
  return /[",\n\r]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
