// What is wrong with imported prices: rows that cannot be true are rejected with a reason, doubtful ones are kept and counted.

import type { DuckDBConnection } from "@duckdb/node-api";

export interface CheckOptions {
  /** SQL that is true for a day on which prices may exist; `day` is the column. */
  readonly isSession: string;
  /** Prices above this are impossible. */
  readonly highestPrice: number;
}

export interface Suspicion {
  readonly what: string;
  readonly rows: number;
  /** Up to five places, `code date`. */
  readonly examples: readonly string[];
}

/** A price move in one session beyond which a row without adjustment is doubted. */
const bigMove = 0.5;
/** Prices adjusted for dividends are rounded: highs and lows may miss open and close by this share. */
const rounding = 1e-4;

/**
 * Creates `judged`: the rows of `parsed` with `reason`, NULL for rows that are kept. `parsed` has file, line, date_text, day,
 * code, code_text, o, h, l, c, vo, factor and bad_number, the name of a field whose text is no number.
 */
export async function judgeRows(
  connection: DuckDBConnection,
  options: CheckOptions,
): Promise<void> {
  const slack = `greatest(abs(c) * ${rounding}, 0.011)`;
  await connection.run(`CREATE OR REPLACE TEMP TABLE judged AS
    SELECT *, CASE
      WHEN day IS NULL THEN 'date unreadable'
      WHEN code IS NULL THEN 'code unreadable'
      WHEN NOT (${options.isSession}) THEN 'not a session of the calendar'
      WHEN bad_number IS NOT NULL THEN 'not a number: ' || bad_number
      WHEN len(list_filter([o, h, l, c], lambda x: x IS NULL)) BETWEEN 1 AND 3 THEN 'some of open, high, low, close missing'
      WHEN least(o, h, l, c) <= 0 THEN 'price not positive'
      WHEN greatest(o, h, l, c) > ${options.highestPrice} THEN 'price above ${options.highestPrice}'
      WHEN h < l - ${slack} THEN 'high below low'
      WHEN o > h + ${slack} OR o < l - ${slack} OR c > h + ${slack} OR c < l - ${slack} THEN 'open or close outside low to high'
      WHEN vo < 0 THEN 'negative volume'
      WHEN factor <= 0 THEN 'adjustment factor not positive'
      WHEN row_number() OVER (PARTITION BY code, day ORDER BY file, line) > 1 THEN 'code and date repeat an earlier row'
    END AS reason FROM parsed`);
}

/** Counts doubtful rows among those kept. */
export async function suspicions(connection: DuckDBConnection): Promise<Suspicion[]> {
  await connection.run(`CREATE OR REPLACE TEMP TABLE moves AS
    SELECT code, day, c, vo, c / (lag(c) OVER w * coalesce(factor, 1)) - 1 AS move,
      count(*) FILTER (c IS NOT NULL) OVER (PARTITION BY code ORDER BY day ROWS BETWEEN 19 PRECEDING AND CURRENT ROW) AS seen,
      max(c) OVER (PARTITION BY code ORDER BY day ROWS BETWEEN 19 PRECEDING AND CURRENT ROW) AS top,
      min(c) OVER (PARTITION BY code ORDER BY day ROWS BETWEEN 19 PRECEDING AND CURRENT ROW) AS bottom
    FROM judged WHERE reason IS NULL WINDOW w AS (PARTITION BY code ORDER BY day)`);
  const kinds: readonly (readonly [string, string])[] = [
    [
      `close moved by more than ${bigMove * 100} % in one session without a split`,
      `abs(move) > ${bigMove}`,
    ],
    ["a price without volume", "c IS NOT NULL AND vo = 0"],
    ["a close that did not move for 20 sessions", "seen = 20 AND top = bottom"],
  ];
  const found: Suspicion[] = [];
  for (const [what, where] of kinds) {
    const reader = await connection.runAndReadAll(
      `SELECT count(*), list(code || ' ' || CAST(day AS VARCHAR) ORDER BY day, code)[1:5] FROM moves WHERE ${where}`,
    );
    const [[rows, examples]] = reader.getRowsJson();
    if (Number(rows) > 0) {
      found.push({
        what,
        rows: Number(rows),
        examples: Array.isArray(examples) ? examples.map(String) : [],
      });
    }
  }
  return found;
}
