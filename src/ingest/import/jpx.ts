// `import jpx`: the files of the Kaggle competition "JPX Tokyo Stock Exchange Prediction" as published, V1 names, raw prices.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { jpxCalendar } from "../../calendar/index.ts";
import { systemClock, type Clock } from "../../clock.ts";
import { ConfigError, SchemaError } from "../../errors.ts";
import { endpointOf } from "../../jquants/index.ts";
import { quoteName, quoteText, type Lake, type LakeWriter } from "../../lake/index.ts";
import { importPrices, writeTable, type ImportReport } from "./price-import.ts";
import { withScratch } from "./scratch.ts";
import { readSource } from "./source-table.ts";

const source = "import:jpx";
const priceFiles = ["stock_prices.csv", "secondary_stock_prices.csv"];
const priceColumns =
  "RowId Date SecuritiesCode Open High Low Close Volume AdjustmentFactor ExpectedDividend SupervisionFlag Target".split(
    " ",
  );

/** A file of V1 columns that fills one table. */
interface SideFile {
  readonly file: string;
  readonly path: string;
  /** V2 field by column where it is not the field's V1 name. */
  readonly renamed: Readonly<Record<string, string>>;
  /** V2 fields that the file lacks, as SQL. */
  readonly constant: Readonly<Record<string, string>>;
  readonly ignored: readonly string[];
}

const sideFiles: readonly SideFile[] = [
  {
    file: "financials.csv",
    path: "/fins/summary",
    renamed: { SecuritiesCode: "Code", LocalCode: "Code" },
    constant: {},
    ignored: ["DateCode", "Date", "DisclosedUnixTime"],
  },
  {
    file: "options.csv",
    path: "/derivatives/bars/daily/options/225",
    renamed: {
      OptionsCode: "Code",
      TradingVolume: "Vo",
      TradingValue: "Va",
      WholeDayVolume: "Vo",
      Putcall: "PCDiv",
    },
    constant: { EmMrgnTrgDiv: "'002'" },
    ignored: ["DateCode"],
  },
  {
    file: "trades.csv",
    path: "/equities/investor-types",
    renamed: { Date: "PubDate", PublishedDate: "PubDate" },
    constant: {},
    ignored: [],
  },
];

/** Imports a folder of the competition's files, its subfolders `train_files` and `supplemental_files` apart. */
export async function importJpx(
  lake: Lake,
  folder: string,
  clock: Clock = systemClock,
): Promise<ImportReport> {
  const files = priceFiles.map((name) => join(folder, name)).filter((path) => existsSync(path));
  const list = [folder, join(folder, "..")]
    .map((place) => join(place, "stock_list.csv"))
    .find((path) => existsSync(path));
  if (files.length === 0 || list === undefined) {
    throw new ConfigError(
      `import jpx: ${folder} should hold stock_prices.csv, and stock_list.csv there or one folder up`,
    );
  }
  const writer = await lake.writer("import jpx");
  try {
    return await withScratch(lake, async (scratch) => {
      const { connection } = writer;
      const columns = await readSource(connection, "raw", { files, scratch });
      requireColumns(columns, priceColumns.slice(1, 9), files[0]);
      await readSource(connection, "stock_list", { files: [list], scratch });
      await createParsed(connection);
      const moved = await alignFactors(connection);
      const side = await importSideFiles(lake, writer, folder, scratch, clock);
      const report = await importPrices({
        lake,
        writer,
        clock,
        source,
        calendar: jpxCalendar(),
        notes: [...notes, ...(moved ? [factorNote] : []), ...side.notes],
        barsSelect,
        listSelect,
      });
      return { ...report, tables: { ...report.tables, ...side.tables } };
    });
  } finally {
    await writer.close();
  }
}

const notes = [
  "prices are raw, currency JPY, calendar jpx",
  "ExpectedDividend and SupervisionFlag are kept in the column extra; RowId and Target are left out",
  "stock_list.csv is one late snapshot: sectors and segments of every day are those of its EffectiveDate",
];

const factorNote =
  "AdjustmentFactor stands on the last day before the ex-date in these files and was moved to the ex-date";

function requireColumns(found: readonly string[], needed: readonly string[], file: string): void {
  const absent = needed.filter((name) => !found.includes(name));
  if (absent.length > 0) {
    throw new SchemaError(
      `import jpx: ${file} lacks ${absent.join(", ")}, found ${found.join(", ")}; expected the competition's columns`,
    );
  }
}

async function createParsed(connection: DuckDBConnection): Promise<void> {
  const numbers = ["Open", "High", "Low", "Close", "Volume", "AdjustmentFactor"];
  const bad = numbers.map(
    (name) =>
      `WHEN nullif(${quoteName(name)}, '') IS NOT NULL AND TRY_CAST(${quoteName(name)} AS DOUBLE) IS NULL THEN ${quoteText(name)}`,
  );
  const number = (name: string): string => `TRY_CAST(${quoteName(name)} AS DOUBLE)`;
  await connection.run(`CREATE OR REPLACE TEMP TABLE parsed AS
    SELECT "_file" AS file, "_line" AS line, "Date" AS date_text, TRY_CAST("Date" AS DATE) AS day, "SecuritiesCode" AS code_text,
      CASE WHEN regexp_matches("SecuritiesCode", '^[0-9A-Z]{4}$') THEN "SecuritiesCode" || '0' WHEN regexp_matches("SecuritiesCode", '^[0-9A-Z]{5}$') THEN "SecuritiesCode" END AS code,
      ${number("Open")} AS o, ${number("High")} AS h, ${number("Low")} AS l, ${number("Close")} AS c, ${number("Volume")} AS vo,
      CASE ${bad.join(" ")} END AS bad_number, coalesce(${number("AdjustmentFactor")}, 1) AS factor,
      nullif("ExpectedDividend", '') AS dividend, "SupervisionFlag" AS supervision FROM raw`);
}

/**
 * Puts each factor on its ex-date, where J-Quants has it: on the side of the row on which the price jumps by the factor,
 * as most of the events say. Returns true when the factors had to be moved a session on.
 */
async function alignFactors(connection: DuckDBConnection): Promise<boolean> {
  const reader = await connection.runAndReadAll(`
    SELECT count(*) FILTER (abs(ln(following / factor)) < abs(ln(preceding / factor))), count(*) FROM (
      SELECT factor, c / lag(c IGNORE NULLS) OVER w AS preceding, lead(c IGNORE NULLS) OVER w / c AS following FROM parsed
      WHERE day IS NOT NULL WINDOW w AS (PARTITION BY code ORDER BY day))
    WHERE factor > 0 AND factor <> 1 AND preceding > 0 AND following > 0`);
  const [[later, events]] = reader.getRows();
  if (Number(later) * 2 <= Number(events)) return false;
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE parsed AS SELECT * REPLACE (coalesce(lag(factor) OVER (PARTITION BY code ORDER BY day, file, line), 1) AS factor) FROM parsed`,
  );
  return true;
}

const barsSelect = `SELECT day AS "Date", code AS "Code", o AS "O", h AS "H", l AS "L", c AS "C", vo AS "Vo", factor AS "AdjFactor",
  dividend AS "ExpectedDividend", supervision AS "SupervisionFlag" FROM judged WHERE reason IS NULL ORDER BY day, code`;

/** Segment names of the list before and after the reform of 2022-04-04, in English as the file has them. */
const listSelect = `SELECT j.day AS "Date", j.code AS "Code", s."Name" AS "CoName", s."Name" AS "CoNameEn",
  s."17SectorCode" AS "S17", s."17SectorName" AS "S17Nm", lpad(s."33SectorCode", 4, '0') AS "S33", s."33SectorName" AS "S33Nm",
  s."NewIndexSeriesSize" AS "ScaleCat", CASE
    WHEN s."Section/Products" ILIKE 'First Section%' THEN '0101' WHEN s."Section/Products" ILIKE 'Second Section%' THEN '0102'
    WHEN s."Section/Products" ILIKE 'Mothers%' THEN '0104' WHEN s."Section/Products" ILIKE 'JASDAQ%Growth%' THEN '0107'
    WHEN s."Section/Products" ILIKE 'JASDAQ%' THEN '0106' WHEN s."Section/Products" ILIKE 'PRO Market%' THEN '0105'
    WHEN s."Section/Products" ILIKE 'Prime%' THEN '0111' WHEN s."Section/Products" ILIKE 'Standard%' THEN '0112'
    WHEN s."Section/Products" ILIKE 'Growth%' THEN '0113' ELSE '0109' END AS "Mkt", s."Section/Products" AS "MktNm"
  FROM judged j LEFT JOIN stock_list s ON s."SecuritiesCode" = j.code_text WHERE j.reason IS NULL ORDER BY j.day, j.code`;

async function importSideFiles(
  lake: Lake,
  writer: LakeWriter,
  folder: string,
  scratch: string,
  clock: Clock,
): Promise<{ tables: Record<string, number>; notes: string[] }> {
  const tables: Record<string, number> = {};
  const said: string[] = [];
  for (const side of sideFiles) {
    const file = join(folder, side.file);
    if (!existsSync(file)) continue;
    const columns = await readSource(writer.connection, "side", { files: [file], scratch });
    const { select, left } = sideSelect(side, columns);
    const { table } = endpointOf(side.path);
    const reader = await writer.connection.runAndReadAll(`SELECT count(*) FROM side`);
    tables[table] = await writeTable({ lake, writer, source, clock }, table, select);
    const dropped = Number(reader.getRows()[0][0]) - tables[table];
    if (dropped > 0) said.push(`${side.file}: ${dropped} rows without key or date are left out`);
    if (left.length > 0) said.push(`${side.file}: columns left out: ${left.join(", ")}`);
  }
  return { tables, notes: said };
}

/** The SELECT that gives a side file's rows under V2 names, and the columns that have none. */
function sideSelect(
  { path, renamed, constant, ignored }: SideFile,
  columns: readonly string[],
): { select: string; left: string[] } {
  const endpoint = endpointOf(path);
  const byV1 = new Map(
    [...endpoint.fields.values()].map(({ v1Name, name }) => [v1Name ?? name, name]),
  );
  const chosen = new Map<string, string>();
  const left: string[] = [];
  for (const column of columns) {
    const field =
      renamed[column] ?? byV1.get(column) ?? (endpoint.fields.has(column) ? column : undefined);
    if (field === undefined || ignored.includes(column)) left.push(column);
    else chosen.set(field, cleaned(column, field, endpoint.dateField));
  }
  const code = chosen.get("Code");
  if (code !== undefined && path !== "/derivatives/bars/daily/options/225") {
    chosen.set("Code", `CASE WHEN length(${code}) = 4 THEN ${code} || '0' ELSE ${code} END`);
  }
  for (const [field, sql] of Object.entries(constant))
    if (!chosen.has(field)) chosen.set(field, sql);
  const list = [...chosen].map(([field, sql]) => `${sql} AS ${quoteName(field)}`).join(", ");
  const needed = endpoint.key
    .filter((name) => chosen.has(name))
    .map((name) => `${quoteName(name)} IS NOT NULL`);
  if (endpoint.dateField !== null) needed.push(`${quoteName(endpoint.dateField)} IS NOT NULL`);
  return { select: `SELECT * FROM (SELECT ${list} FROM side) WHERE ${needed.join(" AND ")}`, left };
}

/** Numbers of these files may carry `.0` behind document numbers and `-` or `－` for missing. */
function cleaned(column: string, field: string, dateField: string | null): string {
  const name = `nullif(nullif(nullif(trim(${quoteName(column)}), ''), '-'), '－')`;
  if (field === "DiscNo") return `regexp_replace(${name}, '\\.0+$', '')`;
  return field === dateField ? `left(${name}, 10)` : name;
}
