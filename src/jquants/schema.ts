// The shape of an endpoint's entry, and what an entry resolves to.

export type Plan = "free" | "light" | "standard" | "premium";

/** Paid beside the plan: minute bars and ticks, timely disclosures. */
export type Addon = "minute" | "td";

/** Requests of one bucket share one limit a minute. */
export type Bucket = "plan" | "fins-summary" | "fins-details" | "minute" | "td";

/**
 * What a value is. `date` is a text YYYY-MM-DD, `decimal` a number in a text, `flag` the text "true" or "false", `strings` a list
 * of texts, `map` an object with keys of its own, `object` and `array` have the fields of `of`.
 */
export type FieldType =
  "string" | "date" | "number" | "decimal" | "flag" | "strings" | "map" | "object" | "array";

/** How a missing value is written. */
export type MissingMarker = "null" | '""' | "-" | "*";

/** A type with its missing markers, as in `number|null` or `date|-|""`. */
export type Wire =
  FieldType | `${FieldType}|${MissingMarker}` | `${FieldType}|${MissingMarker}|${MissingMarker}`;

export interface FieldExtras {
  /** First day on which the field was served. */
  readonly since?: string;
  /** Below this plan the key is absent. */
  readonly plan?: Plan;
  readonly of?: FieldEntries;
}

export type FieldEntry = readonly [
  wire: Wire,
  v1Name?: string | null,
  unit?: string | null,
  extras?: FieldExtras,
];

export interface FieldEntries {
  readonly [name: string]: FieldEntry;
}

/**
 * What a parameter is, and the field it is compared with. `code` and `underlying` are issue codes of 4 or 5 characters, `index` an
 * index code, `period` a month or a day, `list` a comma list, `page` and `cursor` opaque.
 */
export type ParameterKind =
  | "code"
  | "underlying"
  | "index"
  | "day"
  | "from"
  | "to"
  | "period"
  | "text"
  | "list"
  | "cursor"
  | "page";

export type ParameterEntry = readonly [kind: ParameterKind, field?: string];

/**
 * close: public at the session's close, served at `served` that day. served: public when served, on the day of `date` or
 * `daysLater` days after. eve: on the session before `date`. disclosed: public at the row's own date and time, served at once,
 * hourly from 12:00 to 19:00, or in the evening (Premium: at once). margin: 16:00 on the publication date, or where there is
 * none 16:30 two sessions after the balance date. year-ahead: on 1 April of the year before.
 */
export type Publication =
  | { readonly kind: "close"; readonly date: string; readonly served: string }
  | {
      readonly kind: "served";
      readonly date: string;
      readonly at: string;
      readonly daysLater?: number;
    }
  | { readonly kind: "eve"; readonly date: string; readonly at: string }
  | {
      readonly kind: "disclosed";
      readonly date: string;
      readonly time: string;
      readonly served: "at-once" | "hourly" | "evening";
    }
  | { readonly kind: "margin"; readonly date: string; readonly published: string }
  | { readonly kind: "year-ahead"; readonly date: string };

/** An endpoint as it is written down; `resolve` in registry.ts gives the `Endpoint` that programs read. */
export interface EndpointEntry {
  readonly path: string;
  /** Path of the same data in V1, which ended on 2026-06-01. */
  readonly v1Path: string | null;
  /** The cheapest plan that may read it. */
  readonly plan: Plan;
  readonly addon?: Addon;
  readonly bucket: Bucket;
  readonly bulk: boolean;
  /** Fields that bulk files leave out. */
  readonly bulkOmits?: readonly string[];
  readonly parameters: { readonly [name: string]: ParameterEntry };
  /** Allowed sets of parameters; `?` marks one that may be left out. `cursor` and `pagination_key` go with all of them. */
  readonly combinations: readonly string[];
  /** At least one of these must be given, in the order in which the error message names them; empty when none is needed. */
  readonly requires: readonly string[];
  /** Sets of parameters of which at most one may be given. */
  readonly exclusive?: readonly (readonly string[])[];
  readonly key: readonly string[];
  /** Fields by which rows come, ascending. */
  readonly order: readonly string[];
  /** The field that dates a row: plan windows, ranges and partitions follow it. */
  readonly dateField: string | null;
  /** First day with data, YYYY-MM-DD; null where the endpoint keeps a rolling or no history. */
  readonly historyStart: string | null;
  /** First day on which the endpoint was served, where that is later than V2's start. */
  readonly since?: string;
  /** Where the rows are: in `data`, or the answer itself is the only row. */
  readonly envelope: "data" | "object";
  readonly publication: Publication | null;
  readonly fields: FieldEntries;
}

/** A parsed `FieldEntry`. */
export interface Field {
  readonly name: string;
  readonly v1Name: string | null;
  readonly type: FieldType;
  readonly missing: readonly MissingMarker[];
  readonly unit: string | null;
  /** True when every answer of every plan has had the key, so that its absence is an error. */
  readonly required: boolean;
  readonly since: string | null;
  readonly plan: Plan;
  /** Fields of an object or of an array's items. */
  readonly fields: readonly Field[];
}

export interface Parameter {
  readonly name: string;
  readonly kind: ParameterKind;
  readonly field: string | null;
}

export interface Combination {
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

export interface Endpoint {
  readonly path: string;
  /** Name of its table: the path without leading slash, `/` and `-` as `_`. */
  readonly table: string;
  readonly v1Path: string | null;
  readonly plan: Plan;
  readonly addon: Addon | null;
  readonly bucket: Bucket;
  readonly bulk: boolean;
  /** Columns of its bulk files, in order; nested objects are flattened as `PubReason.Restricted`. Empty without bulk files. */
  readonly bulkColumns: readonly string[];
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly combinations: readonly Combination[];
  readonly requires: readonly string[];
  readonly exclusive: readonly (readonly string[])[];
  readonly key: readonly string[];
  readonly order: readonly string[];
  readonly dateField: string | null;
  readonly historyStart: string | null;
  readonly since: string | null;
  readonly envelope: "data" | "object";
  readonly publication: Publication | null;
  readonly fields: ReadonlyMap<string, Field>;
}
