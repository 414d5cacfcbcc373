// What a feature is: a declaration (name, inputs, lookback, lag, normalisation, formula, source) and one small kernel.
// The engine hands a kernel trailing values only, so a feature cannot see past its own session.

/** How a model should scale the column: against the day's stocks, against its own past, not at all, or as a logarithm. */
export type Normalisation = "cross_sectional" | "time_series" | "raw" | "log";

/** How stocks are put into groups, as of each session: 33 industries, 17 industries, market section. */
export type Grouping = "sector33" | "sector17" | "section";

/** What a column has one value a session of: each stock, the market, or each group of a grouping. */
export type Domain = "stock" | "market" | Grouping;

/** The smallest J-Quants plan whose data the feature needs. */
export type Plan = "light" | "standard" | "premium";

export interface FeatureBase {
  /** The column it writes: "rsi_14". */
  readonly name: string;
  /** Family it belongs to, set by `defineFamily`. */
  readonly family: string;
  /** Columns it reads: raw inputs, other features, or (events) fields of its event source. */
  readonly inputs: readonly string[];
  /** Sessions its value depends on, today included; Infinity where it is recursive (exponential means, peaks). */
  readonly lookback: number;
  /** True where a value's bits depend on nothing but its lookback: none of the kernels in it sums in blocks. */
  readonly isSelfContained: boolean;
  /** Sessions between a value's date and its use; the engine shifts by it. */
  readonly lag: number;
  readonly normalisation: Normalisation;
  /** "ratio", "JPY", "shares", "sessions", "flag" ... */
  readonly unit: string;
  /** One sentence or formula for the catalogue. */
  readonly formula: string;
  /** Endpoint or paper it follows. */
  readonly source: string;
  readonly plan: Plan;
  /** True for a building block that no set may select. */
  readonly internal: boolean;
  /** How it knowingly differs from the textbook or the earlier system; the catalogue prints it. */
  readonly deviation: string | undefined;
}

/** Writes one value a session into `out`; `inputs` are as long as `out`, oldest first. */
export type SeriesKernel = (inputs: readonly Float64Array[], out: Float64Array) => void;

/** Writes one value a member into `out`: the stocks of one session (or of one group in it), by code. */
export type CrossKernel = (inputs: readonly Float64Array[], out: Float64Array) => void;

/** One value for the members of a group in one session. */
export type AggregateKernel = (inputs: readonly Float64Array[]) => number;

/** The records of one key, oldest known first. A kernel may look at record i and those before it only. */
export interface EventRecords {
  readonly count: number;
  /** Index of the first session that may use the record. */
  readonly session: Int32Array;
  /** Epoch day the record is about (disclosure, week end, trade date). */
  readonly day: Int32Array;
}

/** Writes one value a record into `out`; `fields` are columns of the event source in record order. */
export type EventKernel = (
  fields: readonly Float64Array[],
  out: Float64Array,
  records: EventRecords,
) => void;

/** One stock over the sessions in which it traded, oldest first; group and market inputs are taken on those sessions. */
export interface StockFeature extends FeatureBase {
  readonly kind: "stock";
  readonly compute: SeriesKernel;
}

/** The stocks of one session, or of each group within it. */
export interface CrossSectionFeature extends FeatureBase {
  readonly kind: "crossSection";
  readonly within: Grouping | undefined;
  readonly compute: CrossKernel;
}

/** One number for each group (or the whole market) in a session, from its members' values. */
export interface GroupFeature extends FeatureBase {
  readonly kind: "group";
  readonly by: Grouping | "market";
  readonly compute: AggregateKernel;
}

/** Directed links: those of stock m are from offsets[m] to offsets[m + 1]. */
export interface Links {
  readonly offsets: Int32Array;
  readonly neighbours: Int32Array;
  readonly weights: Float64Array;
}

/** Links among all stocks, found on the first session of a calendar quarter and kept until the next. */
export interface PanelLinks {
  /** Column whose past decides. */
  readonly input: string;
  /** Sessions, that first one included. */
  readonly window: number;
  /** `values` is (stocks, window) stock-major, oldest first, NaN where a stock did not trade. */
  readonly find: (values: Float64Array, stocks: number) => Links;
}

/**
 * The trailing sessions of all members: each input is (members, window) member-major, oldest first, NaN where a member did not
 * trade. Writes one value a member into each of `outs`. `links` are those among the members; undefined for a
 * bundle without links and before the first are found.
 */
export type PanelKernel = (
  inputs: readonly Float64Array[],
  members: number,
  outs: readonly Float64Array[],
  links: Links | undefined,
) => void;

/** Columns that come out of one computation. */
export interface PanelBundle {
  readonly name: string;
  readonly inputs: readonly string[];
  /** Sessions, today included. */
  readonly window: number;
  readonly within: Grouping | undefined;
  readonly links?: PanelLinks;
  /** Names of its columns, in the order of `outs`. */
  readonly outputs: readonly string[];
  readonly compute: PanelKernel;
}

/** One of the columns of a bundle: graphs and peers, which need the past of many stocks at once. */
export interface PanelFeature extends FeatureBase {
  readonly kind: "panel";
  readonly bundle: PanelBundle;
}

/** A market or group series over all sessions, from series of the same domain or of the market. */
export interface MarketFeature extends FeatureBase {
  readonly kind: "market";
  readonly by: Grouping | "market";
  readonly compute: SeriesKernel;
}

/**
 * Records joined as of each session. `value` carries the last record's value for at most `maxAge` sessions, `since` counts
 * sessions from the last record, `impulse` is 1 on the session where a record takes effect and else 0.
 */
export interface EventFeature extends FeatureBase {
  readonly kind: "event";
  /** Name of an event source (`event-sources.ts`); it says what the records are keyed by. */
  readonly events: string;
  readonly by: Domain;
  readonly join: "value" | "since" | "impulse";
  /** Sessions after which a record no longer counts. */
  readonly maxAge: number;
  readonly compute: EventKernel;
}

export type Feature =
  StockFeature | CrossSectionFeature | GroupFeature | PanelFeature | MarketFeature | EventFeature;

export interface Family {
  readonly name: string;
  readonly features: readonly Feature[];
}

/** The domain of the column that a feature writes. */
export function domainOf(feature: Feature): Domain {
  switch (feature.kind) {
    case "stock":
    case "crossSection":
    case "panel":
      return "stock";
    default:
      return feature.by;
  }
}
