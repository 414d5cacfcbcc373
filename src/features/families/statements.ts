// Earnings releases and forecast revisions, each compared with what was known before it. prior-system.md 1.9.

import { zscore } from "../../stats/index.ts";
import { crossSection, defineFamily, event, stock } from "../define.ts";
import { map1, map2, ratio } from "../elementwise.ts";
import type { EventSource } from "../event-sources.ts";
import type { Declaration } from "../define.ts";
import type { EventKernel, EventRecords, Family, Feature } from "../feature.ts";
import { forFields } from "../for-fields.ts";
import { flagSql, numberSql, splitsSql } from "../source-sql.ts";
import {
  clipped,
  fieldNames,
  readStatements,
  type Figures,
  type Statements,
} from "./statement-records.ts";

const amounts = [
  ["sales", "Sales", "NCSales"],
  ["operating", "OP", "NCOP"],
  ["net", "NP", "NCNP"],
  ["equity", "Eq", "NCEq"],
  ["assets", "TA", "NCTA"],
  ["forecast_operating", "FOP", "FNCOP"],
  ["forecast_net", "FNP", "FNCNP"],
  ["forecast_eps", "FEPS", "FNCEPS"],
  ["forecast_dividend", "FDivAnn"],
  ["next_operating", "NxFOP", "NxFNCOP"],
  ["next_net", "NxFNp", "NxFNCNP"],
  ["next_eps", "NxFEPS", "NxFNCEPS"],
  ["next_dividend", "NxFDivAnn"],
] as const;

const monthSql = (column: string): string => `year("${column}") * 12 + month("${column}")`;

export const statementEvents: EventSource = {
  name: "statements",
  tables: ["fins_summary", "equities_bars_daily"],
  by: "stock",
  fields: fieldNames.map((name) => ({ name, meaning: meaningOf(name) })),
  sql: `WITH splits AS (${splitsSql}) SELECT f."Code" AS key, f.available_at, f."DiscDate" AS day,
    CASE WHEN "DocType" LIKE '%FinancialStatements%' THEN 1 ELSE 0 END AS release,
    CASE "CurPerType" WHEN '1Q' THEN 1 WHEN '2Q' THEN 2 WHEN '3Q' THEN 3 WHEN 'FY' THEN 4 WHEN '4Q' THEN 4 WHEN '5Q' THEN 5 END AS quarter,
    ${monthSql("CurPerEn")} AS period, ${monthSql("CurFYEn")} AS fiscal_year, ${monthSql("NxtFYEn")} AS next_fiscal_year,
    ${amounts.map(([name, ...columns]) => `coalesce(${columns.map(numberSql).join(", ")}) AS ${name}`).join(", ")},
    ${flagSql("ChgAcEst")} AS estimates_changed,
    greatest(${flagSql("ChgByASRev")}, ${flagSql("RetroRst")}) AS standards_changed,
    (${numberSql("ShOutFY")} - coalesce(${numberSql("TrShFY")}, 0)) * coalesce(s.basis, 1) AS shares_out
    FROM fins_summary f ASOF LEFT JOIN splits s ON f."Code" = s."Code" AND f."DiscDate" >= s.split_day`,
  keepable: { table: "fins_summary", splitsTo: "day" },
};

const shared = {
  events: "statements",
  maxAge: 180,
  inputs: fieldNames,
  lookback: Infinity,
} as const;
const share = { ...shared, normalisation: "cross_sectional", unit: "ratio" } as const;

const values: ((state: Statements) => number)[] = [];

/** What the columns are for the company at hand. */
const columnsOf = forFields(readColumns);

/** A kernel over the state after each record. */
function stateful(value: (state: Statements) => number): EventKernel {
  const place = values.push(value) - 1;
  return (fields, out, records) => {
    out.set(columnsOf(fields, records)[place]);
  };
}

function readColumns(fields: readonly Float64Array[], records: EventRecords): Float64Array[] {
  const columns = values.map(() => new Float64Array(records.count));
  const state = readStatements(fields, records);
  for (let i = 0; i < records.count; i += 1) {
    state.take(i);
    for (let k = 0; k < values.length; k += 1) columns[k][i] = values[k](state);
  }
  return columns;
}

const ofRelease = (f: (figures: Figures) => number): EventKernel =>
  stateful(({ current }) => (current === undefined ? Number.NaN : f(current)));

const growth = [
  ["stmt_yoy_sales", "sales"],
  ["stmt_yoy_op", "operating"],
  ["stmt_yoy_np", "net"],
] as const;

const shares = [
  ["stmt_opm", "operating profit / sales", "operating", "sales"],
  ["stmt_npm", "net profit / sales", "net", "sales"],
  ["stmt_roe", "net profit since the start of the fiscal year / equity", "net", "equity"],
  ["stmt_roa", "net profit since the start of the fiscal year / assets", "net", "assets"],
] as const;

const revisions = [
  ["stmt_rev_fore_op", "operating profit", "operating"],
  ["stmt_rev_fore_np", "net profit", "net"],
  ["stmt_rev_fore_eps", "earnings per share", "eps"],
  ["stmt_rev_div_fore", "dividend per share", "dividend"],
] as const;

const sameYear =
  "against the last forecast for the same fiscal year known before the session; null for a year's first forecast";

const flags: readonly Feature[] = [
  event("stmt_change_in_est", {
    ...shared,
    normalisation: "raw",
    unit: "flag",
    formula: "1 when the last release names changes in accounting estimates",
    compute: ofRelease(({ estimatesChanged }) => estimatesChanged),
  }),
  event("stmt_nc_flag", {
    ...shared,
    normalisation: "raw",
    unit: "flag",
    formula: "1 when the last release names revised accounting standards or a restatement",
    compute: ofRelease(({ standardsChanged }) => standardsChanged),
  }),
  event("stmt_imp_statement", {
    ...shared,
    inputs: ["release"],
    lookback: 1,
    join: "impulse",
    normalisation: "raw",
    unit: "flag",
    formula: "1 on the session that first knows a release or a revision",
  }),
  event("stmt_days_since_statement", {
    ...shared,
    inputs: ["release"],
    lookback: 1,
    join: "since",
    normalisation: "raw",
    unit: "sessions",
    formula: "sessions since a release or revision became known",
    deviation: "sessions, and null instead of 999 calendar days where there is none",
  }),
  stock("is_stmt_valid", {
    inputs: ["stmt_days_since_statement"],
    lookback: 1,
    normalisation: "raw",
    unit: "flag",
    formula: "1 when there is a release or revision, at most 180 sessions old",
    compute: map1((age) => Number(age === age)),
  }),
];

const perShare: Omit<Declaration, "inputs" | "formula"> = {
  lookback: 1,
  normalisation: "cross_sectional",
  unit: "ratio",
};

const capital: readonly Feature[] = [
  event("stmt_base_shares", {
    ...shared,
    internal: true,
    normalisation: "log",
    unit: "shares",
    formula: "issued less treasury shares of the last release, on the forward basis",
    compute: stateful(({ shares: count }) => count),
  }),
  stock("shares_outstanding", {
    ...perShare,
    normalisation: "log",
    unit: "shares",
    inputs: ["stmt_base_shares", "basis"],
    formula: "issued less treasury shares of the last release, in shares of the row's own session",
    compute: map2(ratio),
  }),
  stock("turnover_rate", {
    ...perShare,
    inputs: ["volume", "stmt_base_shares"],
    formula: "shares traded / shares outstanding",
    deviation: "null without a share count; it used to become volume / mean volume",
    compute: map2(ratio),
  }),
  stock("log_market_value", {
    ...perShare,
    unit: "log JPY",
    inputs: ["close", "stmt_base_shares"],
    formula: "ln (C × shares outstanding)",
    compute: map2((close, count) => (count > 0 ? Math.log(close * count) : Number.NaN)),
  }),
  crossSection("market_value_z", {
    ...perShare,
    normalisation: "raw",
    unit: "standard deviations",
    inputs: ["log_market_value"],
    formula: "(log_market_value − mean) / standard deviation among the session's stocks",
    compute: ([value], out) => zscore(value, out),
  }),
];

export const statements: Family = defineFamily(
  "statements",
  { source: "/fins/summary", plan: "light" },
  [
    ...growth.map(([name, figure]) =>
      event(name, {
        ...share,
        formula: `(${figure} of the last release − that of the same quarter a year before) / |that|, within ±100`,
        deviation:
          "the year before as it was known at the release, once, restatements only from their own day",
        compute: stateful(({ current, yearBefore }) =>
          current === undefined || yearBefore === undefined
            ? Number.NaN
            : clipped(current[figure] - yearBefore[figure], Math.abs(yearBefore[figure])),
        ),
      }),
    ),
    ...shares.map(([name, formula, top, bottom]) =>
      event(name, {
        ...share,
        formula: `${formula}, last release, within ±100`,
        compute: ofRelease((figures) => clipped(figures[top], figures[bottom])),
      }),
    ),
    ...(
      [
        ["stmt_progress_op", "operating"],
        ["stmt_progress_np", "net"],
      ] as const
    ).map(([name, figure]) =>
      event(name, {
        ...share,
        formula: `${figure} profit since the start of the fiscal year / the last forecast for that year, within ±100`,
        compute: stateful(({ current, forecastOf }) =>
          current === undefined
            ? Number.NaN
            : clipped(current[figure], forecastOf(current.fiscalYear, figure)),
        ),
      }),
    ),
    ...revisions.map(([name, what, figure]) =>
      event(name, {
        ...share,
        formula: `(last forecast of the year's ${what} − the one before) / |the one before|, within ±100, ${sameYear}`,
        deviation:
          figure === "eps" || figure === "dividend"
            ? "never across fiscal years; where the forecasts' share counts differ by a fifth or more, the earlier one is put on the later one's shares"
            : "never across fiscal years",
        compute: stateful(({ revisionOf }) => revisionOf(figure)),
      }),
    ),
    ...flags,
    ...capital,
  ],
);

function meaningOf(name: string): string {
  const amount = amounts.find(([own]) => own === name);
  return amount === undefined ? name.replaceAll("_", " ") : amount.slice(1).join(" or ");
}
