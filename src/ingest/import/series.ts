// `import series`: a daily series of one's own (VIX, a currency, an index, a yield) with the hour at which a value is known in Japan.

import type { DuckDBConnection } from "@duckdb/node-api";
import { systemClock, type Clock } from "../../clock.ts";
import { ConfigError, SchemaError } from "../../errors.ts";
import { quoteName, quoteText, type Lake } from "../../lake/index.ts";
import { writeTable } from "./price-import.ts";
import { readSource } from "./source-table.ts";
import { withScratch } from "./scratch.ts";

/** Series that the `macro` features read. */
export const seriesNames = ["vix", "usdjpy", "sp500", "us10y"] as const;

export type SeriesName = (typeof seriesNames)[number];

export interface SeriesImport {
  readonly file: string;
  readonly name: SeriesName;
  /** Columns of the file; default `date`, and `close`, `value` or the only other one. */
  readonly date?: string | undefined;
  readonly value?: string | undefined;
  /** A value of date D is known at this hour (HH:MM, Japan) of day D + `knownAfterDays`. */
  readonly knownAt: string;
  readonly knownAfterDays: number;
}

export interface SeriesReport {
  readonly name: SeriesName;
  readonly rows: number;
  /** Rows without a number. */
  readonly skipped: number;
  readonly first: string;
  readonly last: string;
}

/** Reads a file and merges its values into the lake. Throws ConfigError for columns that are not there, SchemaError for unreadable rows. */
export async function importSeries(
  lake: Lake,
  request: SeriesImport,
  clock: Clock = systemClock,
): Promise<SeriesReport> {
  const writer = await lake.writer("import series");
  try {
    return await withScratch(lake, async (scratch) => {
      const { connection } = writer;
      const columns = await readSource(connection, "raw_series", {
        files: [request.file],
        scratch,
      });
      await createValues(connection, columnsOf(columns, request));
      const report = await readReport(connection, request);
      const select = `SELECT ${quoteText(request.name)} AS "Series", day AS "Date", value AS "Value",
        strftime(day + INTERVAL ${request.knownAfterDays} DAY, '%Y-%m-%d') || 'T' || ${quoteText(request.knownAt)} || ':00+09:00' AS "KnownAt"
        FROM series_values WHERE value IS NOT NULL`;
      await writeTable({ lake, writer, clock, source: "import:series" }, "user_series", select);
      return report;
    });
  } finally {
    await writer.close();
  }
}

interface SeriesColumns {
  readonly date: string;
  readonly value: string;
}

function columnsOf(columns: readonly string[], request: SeriesImport): SeriesColumns {
  const find = (given: string | undefined, usual: readonly string[], what: string): string => {
    const names = given === undefined ? usual : [given];
    const found = columns.find((name) => names.includes(name.toLowerCase()) || name === given);
    if (found !== undefined) return found;
    throw new ConfigError(
      `import series: no ${what} column ${names.join(" or ")} in ${request.file}, found ${columns.join(", ")}; give --${what} COLUMN`,
    );
  };
  return {
    date: find(request.date, ["date", "day", "observation_date"], "date"),
    value: find(request.value, ["value", "close", "adj close", request.name], "value"),
  };
}

async function createValues(connection: DuckDBConnection, columns: SeriesColumns): Promise<void> {
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE series_values AS SELECT "_line" AS line, TRY_CAST(left(${quoteName(columns.date)}, 10) AS DATE) AS day,
      TRY_CAST(${quoteName(columns.value)} AS DOUBLE) AS value FROM raw_series`,
  );
}

async function readReport(
  connection: DuckDBConnection,
  { file, name }: SeriesImport,
): Promise<SeriesReport> {
  const faults = await connection.runAndReadAll(
    `SELECT line, 'no date as YYYY-MM-DD' FROM series_values WHERE day IS NULL
      UNION ALL SELECT max(line), 'a second value of ' || day FROM series_values WHERE value IS NOT NULL GROUP BY day HAVING count(*) > 1
      ORDER BY 1 LIMIT 1`,
  );
  for (const [line, fault] of faults.getRows()) {
    throw new SchemaError(
      `import series: ${file}, row ${String(line)}: ${String(fault)}; nothing was written`,
    );
  }
  const reader = await connection.runAndReadAll(
    `SELECT count(value), count(*) - count(value), CAST(min(day) FILTER (value IS NOT NULL) AS VARCHAR),
      CAST(max(day) FILTER (value IS NOT NULL) AS VARCHAR) FROM series_values`,
  );
  const [[rows, skipped, first, last]] = reader.getRows();
  if (Number(rows) === 0) {
    throw new SchemaError(`import series: ${file} has no row with a number; give --value COLUMN`);
  }
  return {
    name,
    rows: Number(rows),
    skipped: Number(skipped),
    first: String(first),
    last: String(last),
  };
}
