// The rows of each endpoint as they come over the wire: types that follow from the registry's entries.

import type * as derivatives from "./derivatives.ts";
import type * as edinet from "./edinet.ts";
import type * as equities from "./equities.ts";
import type * as fins from "./fins.ts";
import type { summary } from "./fins-summary.ts";
import type { investorTypes } from "./flows.ts";
import type * as indices from "./indices.ts";
import type * as markets from "./markets.ts";
import type { FieldEntry } from "./schema.ts";
import type * as td from "./td.ts";

/** The value of `number|null`: number or null; of `date|-|""`: a text. */
type WireValue<W, Inner> = W extends `${infer Type}|${infer Marker}`
  ? WireValue<Type, Inner> | WireValue<Marker, Inner>
  : W extends "number"
    ? number
    : W extends "null"
      ? null
      : W extends '""'
        ? ""
        : W extends "-" | "*"
          ? W
          : W extends "strings"
            ? readonly string[]
            : W extends "map"
              ? Readonly<Record<string, string>>
              : W extends "object"
                ? Inner
                : W extends "array"
                  ? readonly Inner[]
                  : string;

type InnerOf<E> = E extends readonly [unknown, unknown, unknown, { readonly of: infer Of }]
  ? FieldsOf<Of>
  : never;

type IsOptional<E> = E extends readonly [
  unknown,
  unknown,
  unknown,
  { readonly since: string } | { readonly plan: string },
]
  ? true
  : false;

type ValueOf<E> = E extends FieldEntry ? WireValue<E[0], InnerOf<E>> : never;

type FieldsOf<F> = {
  readonly [N in keyof F as IsOptional<F[N]> extends true ? never : N]: ValueOf<F[N]>;
} & {
  readonly [N in keyof F as IsOptional<F[N]> extends true ? N : never]?: ValueOf<F[N]>;
};

/** A row of an entry; keys that came later or depend on the plan are optional. */
export type RowOf<E> = E extends { readonly fields: infer F } ? FieldsOf<F> : never;

export type MasterRow = RowOf<typeof equities.master>;
export type DailyBarRow = RowOf<typeof equities.dailyBars>;
export type MorningBarRow = RowOf<typeof equities.morningBars>;
export type MinuteBarRow = RowOf<typeof equities.minuteBars>;
export type TradeRow = RowOf<typeof equities.trades>;
export type ValuationRow = RowOf<typeof equities.valuation>;
export type InvestorTypesRow = RowOf<typeof investorTypes>;
export type EarningsCalendarRow = RowOf<typeof fins.earningsCalendar>;
export type EarningsDateRow = RowOf<typeof fins.earningsDate>;
export type SummaryRow = RowOf<typeof summary>;
export type DetailsRow = RowOf<typeof fins.details>;
export type DividendRow = RowOf<typeof fins.dividend>;
export type IndexBarRow = RowOf<typeof indices.indexBars>;
export type TopixRow = RowOf<typeof indices.topix>;
export type CalendarDayRow = RowOf<typeof markets.calendarDays>;
export type MarginInterestRow = RowOf<typeof markets.marginInterest>;
export type MarginAlertRow = RowOf<typeof markets.marginAlert>;
export type ShortRatioRow = RowOf<typeof markets.shortRatio>;
export type ShortSaleReportRow = RowOf<typeof markets.shortSaleReport>;
export type BreakdownRow = RowOf<typeof markets.breakdown>;
export type FuturesRow = RowOf<typeof derivatives.futures>;
export type OptionsRow = RowOf<typeof derivatives.options>;
export type NikkeiOptionsRow = RowOf<typeof derivatives.nikkeiOptions>;
export type MajorShareholdersRow = RowOf<typeof edinet.majorShareholders>;
export type CrossShareholdingsRow = RowOf<typeof edinet.crossShareholdings>;
export type LargeVolumeShareholdersRow = RowOf<typeof edinet.largeVolumeShareholders>;
export type DisclosureRow = RowOf<typeof td.disclosures>;
