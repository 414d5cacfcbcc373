// Judged price rows into the lake: daily bars and the list of issues, with a report that accounts for every row read.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { isoDate, type Calendar } from "../../calendar/index.ts";
import type { Clock } from "../../clock.ts";
import { ConfigError, SchemaError } from "../../errors.ts";
import { publishWith } from "../../publish.ts";
import { quoteText, type Lake, type LakeWriter } from "../../lake/index.ts";
import { judgeRows, suspicions, type Suspicion } from "./price-checks.ts";

export interface ImportReport {
  readonly source: string;
  readonly read: number;
  readonly kept: number;
  readonly codes: number;
  readonly first: string;
  readonly last: string;
  /** Rows rejected by reason, most first. */
  readonly rejected: Readonly<Record<string, number>>;
  /** CSV of the rejected rows with file, line and reason; absent when none was rejected. */
  readonly rejectedFile: string | undefined;
  readonly suspicious: readonly Suspicion[];
  /** Sessions without a row between a code's first and last one, all codes together. */
  readonly gaps: number;
  readonly codesWithGaps: number;
  /** What was assumed or left out, in words. */
  readonly notes: readonly string[];
  /** Rows written by table. */
  readonly tables: Readonly<Record<string, number>>;
}

export interface PriceImport {
  readonly lake: Lake;
  readonly writer: LakeWriter;
  /** `import:jpx` or `import:ohlcv`. */
  readonly source: string;
  readonly clock: Clock;
  /** JPX sessions; undefined takes the days of the data as they are. */
  readonly calendar: Calendar | undefined;
  readonly notes: readonly string[];
  /** SELECT from `judged` rows (alias j, reason IS NULL) that gives daily bars under API names. */
  readonly barsSelect: string;
  /** SELECT that gives list rows under API names. */
  readonly listSelect: string;
}

const highestPrice = 1e8;

/** Judges the rows of the temporary table `parsed`, writes bars and list, and reports. Throws SchemaError when no row is left. */
export async function importPrices(options: PriceImport): Promise<ImportReport> {
  const { writer, calendar } = options;
  const connection = writer.connection;
  await createSessions(connection, calendar);
  const isSession = calendar === undefined ? "true" : "day IN (SELECT day FROM sessions)";
  await judgeRows(connection, { isSession, highestPrice });
  const totals = await readTotals(connection);
  const rejected = await readRejected(connection);
  const rejectedFile = await writeRejected(options, rejected);
  if (totals.read === 0)
    throw new SchemaError("import: the files have no rows, or none that --suffix takes");
  if (totals.kept === 0) {
    throw new SchemaError(
      `import: none of ${totals.read} rows is usable: ${Object.entries(rejected)
        .map(([reason, rows]) => `${reason} (${rows})`)
        .join(
          ", ",
        )}; check --map and --calendar${rejectedFile === undefined ? "" : `, see ${rejectedFile}`}`,
    );
  }
  const bars = await writeTable(options, "equities_bars_daily", options.barsSelect);
  const list = await writeTable(options, "equities_master", options.listSelect);
  return {
    source: options.source,
    ...totals,
    rejected,
    rejectedFile,
    suspicious: await suspicions(connection),
    ...(await readGaps(connection, calendar)),
    notes: options.notes,
    tables: { equities_bars_daily: bars, equities_master: list },
  };
}

/** Merges a SELECT's rows into a table as declared imports. Throws ConfigError where fetched data would be replaced. */
export async function writeTable(
  { lake, writer, source, clock }: Pick<PriceImport, "lake" | "writer" | "source" | "clock">,
  table: string,
  select: string,
): Promise<number> {
  const stage = writer.stage(lake.schema(table));
  await stage.addSelect({ select, source, label: source });
  const fetchedAt = Temporal.Instant.fromEpochMilliseconds(clock.nowMs()).toString();
  const manifest = writer.manifest(table);
  const counts = await stage.countByDay();
  const fetched = [...counts.keys()].find((day) => {
    const held = manifest.days[day];
    return held !== undefined && !held.source.startsWith("import");
  });
  if (fetched !== undefined) {
    throw new ConfigError(
      `import: the lake holds ${table} of ${fetched} from J-Quants; import into another --home`,
    );
  }
  const days = [...counts.keys()].map((day) => ({ day, final: true }));
  await writer.commit(stage, { days, source, fetchedAt, mode: "merge" });
  const { rows } = stage;
  await stage.drop();
  return rows;
}

async function createSessions(
  connection: DuckDBConnection,
  calendar: Calendar | undefined,
): Promise<void> {
  await connection.run("CREATE OR REPLACE TEMP TABLE sessions (day DATE)");
  if (calendar === undefined) return;
  const days = [...calendar.sessions].map((day) => `(DATE '${isoDate(day)}')`);
  await connection.run(`INSERT INTO sessions VALUES ${days.join(", ")}`);
}

async function readTotals(
  connection: DuckDBConnection,
): Promise<Pick<ImportReport, "read" | "kept" | "codes" | "first" | "last">> {
  const reader = await connection.runAndReadAll(
    `SELECT count(*), count(*) FILTER (reason IS NULL), count(DISTINCT code) FILTER (reason IS NULL),
      CAST(min(day) FILTER (reason IS NULL) AS VARCHAR), CAST(max(day) FILTER (reason IS NULL) AS VARCHAR) FROM judged`,
  );
  const [[read, kept, codes, first, last]] = reader.getRows();
  return {
    read: Number(read),
    kept: Number(kept),
    codes: Number(codes),
    first: String(first),
    last: String(last),
  };
}

async function readRejected(connection: DuckDBConnection): Promise<Record<string, number>> {
  const reader = await connection.runAndReadAll(
    "SELECT reason, count(*) FROM judged WHERE reason IS NOT NULL GROUP BY reason ORDER BY 2 DESC, 1",
  );
  return Object.fromEntries(
    reader.getRows().map(([reason, rows]) => [String(reason), Number(rows)]),
  );
}

async function writeRejected(
  { lake, source, writer }: PriceImport,
  rejected: Readonly<Record<string, number>>,
): Promise<string | undefined> {
  if (Object.keys(rejected).length === 0) return undefined;
  const folder = join(lake.home, "reports");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${source.replace(":", "-")}-rejected.csv`);
  await publishWith(path, async (temporary) => {
    await writer.connection.run(
      `COPY (SELECT file, line, reason, code_text AS code, date_text AS date, o AS open, h AS high, l AS low, c AS close, vo AS volume
        FROM judged WHERE reason IS NOT NULL ORDER BY file, line) TO ${quoteText(temporary)} (FORMAT csv, HEADER)`,
    );
  });
  return path;
}

async function readGaps(
  connection: DuckDBConnection,
  calendar: Calendar | undefined,
): Promise<Pick<ImportReport, "gaps" | "codesWithGaps">> {
  const days =
    calendar === undefined
      ? "SELECT DISTINCT day FROM judged WHERE reason IS NULL"
      : "SELECT day FROM sessions";
  const reader = await connection.runAndReadAll(
    `WITH spans AS (SELECT code, min(day) AS first, max(day) AS last, count(*) AS held FROM judged WHERE reason IS NULL GROUP BY code),
      numbered AS (SELECT day, row_number() OVER (ORDER BY day) AS n FROM (${days})),
      holes AS (SELECT b.n - a.n + 1 - held AS missing FROM spans JOIN numbered a ON a.day = first JOIN numbered b ON b.day = last)
    SELECT coalesce(sum(missing), 0), count(*) FILTER (missing > 0) FROM holes`,
  );
  const [[gaps, codes]] = reader.getRows();
  return { gaps: Number(gaps), codesWithGaps: Number(codes) };
}
