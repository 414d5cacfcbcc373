// The contract of the synthetic market: what is asked of it, and the dated rows that it answers with.

import type { Issue } from "./issues.ts";
import type { Oracle } from "./oracle.ts";
import type { PriceTable } from "./price-table.ts";
import type { Sessions } from "./sessions.ts";

export type Signal = "none" | "planted";

export interface MarketConfig {
  readonly seed: number;
  /** Issues ever listed, ETFs, REITs and the other special kinds included. */
  readonly stocks: number;
  /** First and last calendar day, `YYYY-MM-DD`. */
  readonly from: string;
  readonly to: string;
  readonly signal: Signal;
  /** Multiplies the planted conditional means; 1 gives an oracle RankIC of about 0.05 at one day. */
  readonly strength?: number;
  /** True lets closes fall by the dividend on ex-dates; false (default) keeps price returns fair there. */
  readonly dividendDrop?: boolean;
}

export type FieldValue =
  | string
  | number
  | boolean
  | null
  | readonly FieldValue[]
  | { readonly [name: string]: FieldValue };

/** One row under its V2 field names, with the missing markers of its endpoint. */
export type MarketRow = Readonly<Record<string, FieldValue>>;

export interface PublishedRow {
  /** Epoch milliseconds from which a Premium subscriber is served the row; other plans wait for some endpoints. */
  readonly availableAtMs: number;
  readonly row: MarketRow;
}

/**
 * Days are epoch days, both ends included, compared with the field that dates the endpoint's rows: `Date`, `DiscDate`,
 * `PubDate` or `SubDate`. `code` is compared with `Code`, `S33` or `Section`.
 */
export interface RowRange {
  readonly fromDay: number;
  readonly toDay: number;
  readonly code?: string;
  /** Adjusted columns hold the capital changes up to this day; default the market's last. */
  readonly asOfDay?: number;
}

export interface Market {
  readonly config: MarketConfig;
  readonly sessions: Sessions;
  readonly issues: readonly Issue[];
  /** Raw bars as columns, for consumers that want no row objects. */
  readonly prices: PriceTable;
  /** What an all-knowing forecaster expects; never served. */
  readonly oracle: Oracle;
  /** Paths that have rows. */
  readonly paths: readonly string[];
  /** Rows of `path` in the endpoint's own order. Throws ConfigError for a path without rows. */
  rows(path: string, range: RowRange): readonly PublishedRow[];
}

export interface MarketOptions {
  /** Folder that keeps generated columns between runs; left out, everything stays in memory. */
  readonly cacheDir?: string;
  /** Called with the share done, 0 to 1, as generation goes on. */
  readonly onProgress?: (share: number) => void;
}
