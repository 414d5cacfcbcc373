// `import ohlcv`: price files of any origin, with a mapping of their columns, into daily bars and a list of issues.

import type { DuckDBConnection } from "@duckdb/node-api";
import { jpxCalendar } from "../../calendar/index.ts";
import { systemClock, type Clock } from "../../clock.ts";
import { ConfigError } from "../../errors.ts";
import { industries, marketSegments } from "../../jquants/index.ts";
import { quoteName, quoteText, type Lake } from "../../lake/index.ts";
import { importPrices, type ImportReport } from "./price-import.ts";
import { readSource } from "./source-table.ts";
import { withScratch } from "./scratch.ts";

/** What a column of the files can be. */
export const ohlcvFields = [
  "date",
  "code",
  "open",
  "high",
  "low",
  "close",
  "volume",
  "turnover",
  "factor",
  "split",
  "dividend",
  "name",
  "sector",
  "market",
] as const;

export type OhlcvField = (typeof ohlcvFields)[number];

export interface OhlcvImport {
  readonly files: readonly string[];
  /** Column of the files by field; fields without an entry are looked up by their usual names. */
  readonly map?: ReadonlyMap<OhlcvField, string>;
  /** Only symbols that end so are taken, and lose the ending: `.T`. */
  readonly suffix?: string | undefined;
  /** Prices as traded, or already adjusted; adjusted ones get no factor. */
  readonly prices: "raw" | "adjusted";
  /** Session days: the JPX calendar, or the days that the files have. */
  readonly calendar: "jpx" | "data";
  /** Time zone of timestamps in the date column. */
  readonly timeZone: string;
  readonly currency: string;
  /** Market segment of issues that no column gives one. */
  readonly market: string;
  /** A file with a row an issue: code, name, sector, market. */
  readonly list?: string | undefined;
  readonly encoding?: string | undefined;
}

const usualNames: Readonly<Record<OhlcvField, readonly string[]>> = {
  date: ["date", "datetime", "timestamp", "day", "日付"],
  code: ["code", "symbol", "ticker", "securitiescode", "コード", "銘柄コード"],
  open: ["open", "o", "始値"],
  high: ["high", "h", "高値"],
  low: ["low", "l", "安値"],
  close: ["close", "c", "終値"],
  volume: ["volume", "vo", "出来高"],
  turnover: ["turnover", "turnovervalue", "va", "売買代金"],
  factor: ["adjustmentfactor", "adjfactor", "factor"],
  split: ["stock splits", "split", "splits"],
  dividend: ["dividends", "dividend"],
  name: ["name", "companyname", "銘柄名"],
  sector: ["sector", "33sectorcode", "s33", "業種"],
  market: ["market", "mkt", "市場"],
};

/** Reads, checks and writes the files. Throws ConfigError for a mapping that does not fit, SchemaError for unreadable files. */
export async function importOhlcv(
  lake: Lake,
  request: OhlcvImport,
  clock: Clock = systemClock,
): Promise<ImportReport> {
  if (!marketSegments.has(request.market)) {
    throw new ConfigError(
      `import ohlcv: --market ${request.market} is none of ${[...marketSegments.keys()].join(", ")}`,
    );
  }
  const writer = await lake.writer("import ohlcv");
  try {
    return await withScratch(lake, async (scratch) => {
      const { connection } = writer;
      const { files, encoding, list } = request;
      const columns = await readSource(connection, "raw", { files, encoding, scratch });
      const fields = mapFields(columns, request);
      await createParsed(connection, fields, request);
      if (list !== undefined) await readList(connection, list, scratch, request);
      const isJpx = request.calendar === "jpx";
      return importPrices({
        lake,
        writer,
        clock,
        source: "import:ohlcv",
        calendar: isJpx ? jpxCalendar({ from: "1990-01-01", to: "2049-12-31" }) : undefined,
        notes: [...notesOf(columns, fields, request), ...(await otherSymbols(connection))],
        barsSelect: barsSelect(fields),
        listSelect: listSelect(request),
      });
    });
  } finally {
    await writer.close();
  }
}

type Fields = ReadonlyMap<OhlcvField, string>;

function mapFields(columns: readonly string[], { map, files }: OhlcvImport): Fields {
  const byLower = new Map(columns.map((name) => [name.toLowerCase(), name]));
  const fields = new Map<OhlcvField, string>();
  for (const field of ohlcvFields) {
    const given = map?.get(field);
    const usual = usualNames[field]
      .map((name) => byLower.get(name))
      .find((name) => name !== undefined);
    const column = given === undefined ? usual : byLower.get(given.toLowerCase());
    if (given !== undefined && column === undefined) {
      throw new ConfigError(
        `import ohlcv: --map ${field}=${given}: no such column in ${files[0]}, found ${columns.join(", ")}`,
      );
    }
    if (column !== undefined) fields.set(field, column);
  }
  const needed: readonly OhlcvField[] = ["date", "open", "high", "low", "close", "volume"];
  const absent = needed.filter((field) => !fields.has(field));
  if (absent.length > 0) {
    throw new ConfigError(
      `import ohlcv: no column for ${absent.join(", ")} in ${files[0]}; name them with --map ${absent[0]}=COLUMN, found ${columns.join(", ")}`,
    );
  }
  return fields;
}

async function createParsed(
  connection: DuckDBConnection,
  fields: Fields,
  request: OhlcvImport,
): Promise<void> {
  const text = (field: OhlcvField): string => {
    const column = fields.get(field);
    return column === undefined
      ? "CAST(NULL AS VARCHAR)"
      : `nullif(trim(${quoteName(column)}), '')`;
  };
  const number = (field: OhlcvField): string =>
    `CASE WHEN isfinite(TRY_CAST(replace(${text(field)}, ',', '') AS DOUBLE)) THEN TRY_CAST(replace(${text(field)}, ',', '') AS DOUBLE) END`;
  const symbol = fields.has("code")
    ? text("code")
    : `regexp_replace("_file", '\\.(csv|parquet|txt)(\\.gz)?$', '')`;
  const suffix = request.suffix ?? "";
  const taken = suffix === "" ? "true" : `ends_with(${symbol}, ${quoteText(suffix)})`;
  const bare = suffix === "" ? symbol : `left(${symbol}, length(${symbol}) - ${suffix.length})`;
  const prices: readonly OhlcvField[] = ["open", "high", "low", "close", "volume", "factor"];
  const bad = prices
    .filter((field) => fields.has(field))
    .map(
      (field) =>
        `WHEN ${text(field)} IS NOT NULL AND lower(${text(field)}) NOT IN ('nan', 'null', '-') AND ${number(field)} IS NULL THEN ${quoteText(field)}`,
    );
  await connection.run(`CREATE OR REPLACE TEMP TABLE parsed AS
    SELECT "_file" AS file, "_line" AS line, ${text("date")} AS date_text, ${dayExpression(text("date"), request)} AS day,
      ${symbol} AS code_text, ${codeExpression(bare)} AS code,
      ${number("open")} AS o, ${number("high")} AS h, ${number("low")} AS l, ${number("close")} AS c, ${number("volume")} AS vo,
      ${number("turnover")} AS va, CASE ${bad.join(" ")} END AS bad_number, ${factorExpression(fields, number, request)} AS factor,
      ${number("dividend")} AS dividend, ${text("name")} AS name, ${text("sector")} AS sector, ${text("market")} AS market
    FROM raw WHERE ${taken}`);
}

/** Says how many rows of other symbols the suffix left out. */
async function otherSymbols(connection: DuckDBConnection): Promise<string[]> {
  const reader = await connection.runAndReadAll(
    "SELECT (SELECT count(*) FROM raw) - (SELECT count(*) FROM parsed)",
  );
  const rows = Number(reader.getRows()[0][0]);
  return rows === 0 ? [] : [`${rows} rows of other symbols are left out by --suffix`];
}

/** A date, or an instant that falls on a day of the given time zone. */
function dayExpression(text: string, { timeZone }: OhlcvImport): string {
  const zoned = `CAST(timezone(${quoteText(timeZone)}, TRY_CAST(${text} AS TIMESTAMPTZ)) AS DATE)`;
  const compact = `TRY_CAST(try_strptime(${text}, '%Y%m%d') AS DATE)`;
  const slashed = `TRY_CAST(replace(left(${text}, 10), '/', '-') AS DATE)`;
  return `CASE WHEN regexp_matches(${text}, '[T ]\\d{2}:\\d{2}.*([Zz]|[+-]\\d{2}:?\\d{2})$') THEN ${zoned} WHEN length(${text}) = 8 THEN ${compact} ELSE ${slashed} END`;
}

/** Five characters as they are, four with the 0 of ordinary shares behind; other symbols only when they are letters and digits. */
function codeExpression(symbol: string): string {
  return `CASE WHEN regexp_matches(${symbol}, '^[0-9A-Z]{4}$') THEN ${symbol} || '0' WHEN regexp_matches(${symbol}, '^[0-9A-Z][0-9A-Z.\\-]{0,9}$') THEN ${symbol} END`;
}

/** The factor of the ex-date: given, or one over a split's ratio (2 for a 1:2 split), else 1. */
function factorExpression(
  fields: Fields,
  number: (field: OhlcvField) => string,
  { prices }: OhlcvImport,
): string {
  if (prices === "adjusted") return "1.0";
  if (fields.has("factor")) return `coalesce(${number("factor")}, 1.0)`;
  if (fields.has("split"))
    return `CASE WHEN ${number("split")} > 0 THEN 1.0 / ${number("split")} ELSE 1.0 END`;
  return "1.0";
}

async function readList(
  connection: DuckDBConnection,
  file: string,
  scratch: string,
  request: OhlcvImport,
): Promise<void> {
  const columns = await readSource(connection, "listed", {
    files: [file],
    encoding: request.encoding,
    scratch,
  });
  const fields = new Map(
    (["code", "name", "sector", "market"] as const).map((field) => [
      field,
      columns.find((column) => usualNames[field].includes(column.toLowerCase())),
    ]),
  );
  const code = fields.get("code");
  if (code === undefined) {
    throw new ConfigError(
      `import ohlcv: --list ${file} has no code column, found ${columns.join(", ")}`,
    );
  }
  const suffix = request.suffix ?? "";
  const symbol = quoteName(code);
  const bare = suffix === "" ? symbol : `replace(${symbol}, ${quoteText(suffix)}, '')`;
  const column = (name: string | undefined): string =>
    name === undefined ? "CAST(NULL AS VARCHAR)" : quoteName(name);
  await connection.run(`CREATE OR REPLACE TEMP TABLE parsed AS SELECT p.* REPLACE (
      coalesce(p.name, l.name) AS name, coalesce(p.sector, l.sector) AS sector, coalesce(p.market, l.market) AS market)
    FROM parsed p LEFT JOIN (SELECT ${codeExpression(bare)} AS code, any_value(${column(fields.get("name"))}) AS name,
      any_value(${column(fields.get("sector"))}) AS sector, any_value(${column(fields.get("market"))}) AS market
      FROM listed GROUP BY 1) l ON l.code = p.code`);
}

function barsSelect(fields: Fields): string {
  const dividend = fields.has("dividend") ? `, dividend AS "Dividend"` : "";
  return `SELECT day AS "Date", code AS "Code", o AS "O", h AS "H", l AS "L", c AS "C", vo AS "Vo", va AS "Va", factor AS "AdjFactor"${dividend} FROM judged WHERE reason IS NULL ORDER BY day, code`;
}

function listSelect({ market }: OhlcvImport): string {
  const known = industries
    .map(({ s33, name, s17 }) => `(${quoteText(s33)}, ${quoteText(name)}, ${quoteText(s17)})`)
    .join(", ");
  return `SELECT j.day AS "Date", j.code AS "Code", coalesce(j.name, j.code) AS "CoName", i.s17 AS "S17", i.s33 AS "S33",
      coalesce(i.name, j.sector) AS "S33Nm", coalesce(j.market, ${quoteText(market)}) AS "Mkt"
    FROM judged j LEFT JOIN (VALUES ${known}) i(s33, name, s17) ON i.s33 = j.sector OR i.name = j.sector
    WHERE j.reason IS NULL ORDER BY j.day, j.code`;
}

function notesOf(columns: readonly string[], fields: Fields, request: OhlcvImport): string[] {
  const used = new Set(fields.values());
  const unused = columns.filter((column) => !used.has(column));
  const { prices, market, currency, suffix, calendar } = request;
  return [
    `prices are declared ${prices}, currency ${currency}, calendar ${calendar}`,
    ...(prices === "adjusted"
      ? ["adjusted prices hide splits and dividends: every AdjFactor is 1"]
      : []),
    ...(fields.has("market")
      ? []
      : [`market segment ${market} is declared for all codes (--market)`]),
    ...(suffix === undefined ? [] : [`only symbols ending with ${suffix} are taken`]),
    ...(unused.length === 0 ? [] : [`columns left out: ${unused.join(", ")}`]),
    "a file of today's names has no delisted issues: figures made from it are too good by the survivors' share",
  ];
}
