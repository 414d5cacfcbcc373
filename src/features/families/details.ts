// Full statements: sums of the last four quarters, margins, cash flow and balance ratios. prior-system.md 1.9 (fs_*).

import { defineFamily, event, stock } from "../define.ts";
import { map1, map2 } from "../elementwise.ts";
import type { EventSource } from "../event-sources.ts";
import type { EventKernel, Family } from "../feature.ts";
import { clipped } from "./statement-records.ts";

/** Labels that EDINET gives an item, Japanese standards first, the first one present counts. */
const labels = {
  revenue: [
    "Net sales",
    "Revenue (IFRS)",
    "Operating revenue",
    "Net sales (IFRS)",
    "Ordinary income",
  ],
  operating: ["Operating profit (loss)", "Operating profit (loss) (IFRS)", "Operating income"],
  net: [
    "Profit (loss) attributable to owners of parent",
    "Profit (loss) attributable to owners of parent (IFRS)",
    "Profit (loss)",
  ],
  assets: ["Total assets", "Assets (IFRS)", "Assets"],
  equity: ["Net assets", "Equity (IFRS)", "Equity attributable to owners of parent (IFRS)"],
  cash: ["Cash and deposits", "Cash and cash equivalents (IFRS)", "Cash and cash equivalents"],
  debt: ["Long-term borrowings", "Bonds and borrowings - NCL (IFRS)"],
  operating_cash: [
    "Net cash provided by (used in) operating activities",
    "Net cash provided by (used in) operating activities (IFRS)",
  ],
  purchases: [
    "Purchase of property, plant and equipment",
    "Purchase of property, plant and equipment (IFRS)",
  ],
} as const;

type Item = keyof typeof labels;

const items: readonly Item[] = [
  "revenue",
  "operating",
  "net",
  "assets",
  "equity",
  "cash",
  "debt",
  "operating_cash",
  "purchases",
];

const fieldNames = ["quarter", "period", "fiscal_year", "disclosed", ...items] as const;

export const detailEvents: EventSource = {
  name: "statement_details",
  tables: ["fins_details", "fins_summary"],
  by: "stock",
  fields: fieldNames.map((name) => ({ name, meaning: meaningOf(name) })),
  sql: `WITH items AS (SELECT *, json_extract_string("FS", [${items
    .flatMap((item) => labels[item].map((label) => `'$."${label}"'`))
    .join(", ")}]) AS found FROM fins_details)
    SELECT d."Code" AS key, greatest(d.available_at, f.available_at) AS available_at, d."DiscDate" AS day,
    CASE f."CurPerType" WHEN '1Q' THEN 1 WHEN '2Q' THEN 2 WHEN '3Q' THEN 3 WHEN 'FY' THEN 4 WHEN '4Q' THEN 4 END AS quarter,
    year(f."CurPerEn") * 12 + month(f."CurPerEn") AS period, year(f."CurFYEn") * 12 + month(f."CurFYEn") AS fiscal_year,
    d."DiscDate" - DATE '1970-01-01' AS disclosed, ${itemColumns()}
    FROM items d JOIN fins_summary f ON d."DiscNo" = f."DiscNo"`,
};

type Figures = Readonly<Record<Item, number>> & {
  readonly quarter: number;
  readonly period: number;
  readonly fiscalYear: number;
};

interface Book {
  readonly current: Figures;
  readonly count: number;
  /** Sum over the four quarters up to the current one; NaN when the year before is not known. */
  readonly trailing: (item: Item) => number;
  readonly yearBefore: Figures | undefined;
}

/** A kernel over what the company's statements said up to each record. */
function stateful(value: (book: Book) => number): EventKernel {
  return (fields, out) => {
    const known = new Map<string, Figures>();
    let current: Figures | undefined;
    for (let i = 0; i < out.length; i += 1) {
      const figures = figuresAt(fields, i);
      known.set(`${figures.quarter}/${figures.period}`, figures);
      if (current === undefined || figures.period >= current.period) current = figures;
      out[i] = value(bookOf(current, known));
    }
  };
}

function bookOf(current: Figures, known: ReadonlyMap<string, Figures>): Book {
  const yearBefore = known.get(`${current.quarter}/${current.period - 12}`);
  const fullYear = known.get(`4/${current.fiscalYear - 12}`);
  return {
    current,
    count: known.size,
    yearBefore,
    trailing: (item) =>
      current.quarter === 4
        ? current[item]
        : current[item] + (fullYear?.[item] ?? Number.NaN) - (yearBefore?.[item] ?? Number.NaN),
  };
}

function figuresAt(fields: readonly Float64Array[], i: number): Figures {
  const at = (name: (typeof fieldNames)[number]): number => fields[fieldNames.indexOf(name)][i];
  return {
    quarter: at("quarter"),
    period: at("period"),
    fiscalYear: at("fiscal_year"),
    revenue: at("revenue"),
    operating: at("operating"),
    net: at("net"),
    assets: at("assets"),
    equity: at("equity"),
    cash: at("cash"),
    debt: at("debt"),
    operating_cash: at("operating_cash"),
    purchases: at("purchases"),
  };
}

const shared = {
  events: "statement_details",
  maxAge: 180,
  inputs: fieldNames,
  lookback: Infinity,
} as const;

const year = "the last four quarters";

const sums = [
  ["fs_revenue_ttm", "revenue", `revenue of ${year}`],
  ["fs_op_profit_ttm", "operating", `operating profit of ${year}`],
  ["fs_net_income_ttm", "net", `net profit of ${year}`],
  ["fs_cfo_ttm", "operating_cash", `cash from operations of ${year}`],
] as const;

const ratios: readonly (readonly [string, string, (book: Book) => number])[] = [
  ["fs_op_margin", `operating profit / revenue of ${year}`, ({ trailing }) => clipped(trailing("operating"), trailing("revenue"))],
  ["fs_net_margin", `net profit / revenue of ${year}`, ({ trailing }) => clipped(trailing("net"), trailing("revenue"))],
  ["fs_roe_ttm", `net profit of ${year} / net assets`, ({ trailing, current }) => clipped(trailing("net"), current.equity)],
  ["fs_roa_ttm", `net profit of ${year} / assets`, ({ trailing, current }) => clipped(trailing("net"), current.assets)],
  ["fs_accruals_ttm", `(net profit − cash from operations) of ${year} / assets`, ({ trailing, current }) => clipped(trailing("net") - trailing("operating_cash"), current.assets)],
  ["fs_cfo_to_ni", `cash from operations / net profit of ${year}`, ({ trailing }) => clipped(trailing("operating_cash"), trailing("net"))],
  ["fs_cfo_margin", `cash from operations / revenue of ${year}`, ({ trailing }) => clipped(trailing("operating_cash"), trailing("revenue"))],
  ["fs_equity_ratio", "net assets / assets", ({ current }) => clipped(current.equity, current.assets)],
  ["fs_net_cash_to_assets", "(cash − long-term debt) / assets", ({ current }) => clipped(current.cash - current.debt, current.assets)],
  ["fs_sales_yoy", "revenue since the start of the year / that of the same quarter a year before − 1", ({ current, yearBefore }) => clipped(current.revenue - (yearBefore?.revenue ?? Number.NaN), Math.abs(yearBefore?.revenue ?? Number.NaN))],
]; // prettier-ignore

/** Calendar days from a filing within which it counts as recent: a quarter and the weeks to its release. */
const recentDays = 100;

export const details: Family = defineFamily(
  "details",
  { source: "/fins/details, /fins/summary", plan: "premium" },
  [
    ...sums.map(([name, item, formula]) =>
      event(name, {
        ...shared,
        normalisation: "log",
        unit: "JPY",
        formula: `${formula}: this year so far + the year before − its same quarter, as known then`,
        compute: stateful(({ trailing }) => trailing(item)),
      }),
    ),
    event("fs_capex_ttm", {
      ...shared,
      normalisation: "log",
      unit: "JPY",
      formula: `purchases of property, plant and equipment in ${year}`,
      compute: stateful(({ trailing }) => Math.abs(trailing("purchases"))),
    }),
    event("fs_fcf_ttm", {
      ...shared,
      normalisation: "cross_sectional",
      unit: "JPY",
      formula: "fs_cfo_ttm − fs_capex_ttm",
      compute: stateful(
        ({ trailing }) => trailing("operating_cash") - Math.abs(trailing("purchases")),
      ),
    }),
    ...ratios.map(([name, formula, value]) =>
      event(name, {
        ...shared,
        normalisation: "cross_sectional",
        unit: "ratio",
        formula: `${formula}, within ±100`,
        compute: stateful(value),
      }),
    ),
    event("fs_observation_count", {
      ...shared,
      normalisation: "raw",
      unit: "periods",
      formula: "periods of which the company's statements are known",
      compute: stateful(({ count }) => count),
    }),
    event("fs_disclosed_day", {
      ...shared,
      inputs: ["disclosed"],
      lookback: 1,
      internal: true,
      normalisation: "raw",
      unit: "epoch day",
      formula: "day of the last statements",
    }),
    stock("fs_lag_days", {
      inputs: ["session_day", "fs_disclosed_day"],
      lookback: 1,
      normalisation: "raw",
      unit: "calendar days",
      formula: "calendar days since the last statements",
      compute: map2((today, day) => today - day),
    }),
    stock("fs_is_recent", {
      inputs: ["fs_lag_days"],
      lookback: 1,
      normalisation: "raw",
      unit: "flag",
      formula: `1 when the last statements are at most ${recentDays} calendar days old`,
      compute: map1((days) => Number(days <= recentDays)),
    }),
    event("fs_staleness_bd", {
      ...shared,
      inputs: ["disclosed"],
      lookback: 1,
      join: "since",
      normalisation: "raw",
      unit: "sessions",
      formula: "sessions since statements became known",
    }),
    stock("is_fs_valid", {
      inputs: ["fs_staleness_bd"],
      lookback: 1,
      normalisation: "raw",
      unit: "flag",
      formula: "1 when there are statements, at most 180 sessions old",
      compute: map1((age) => Number(age === age)),
    }),
  ],
);

function itemColumns(): string {
  let next = 0;
  return items
    .map((item) => {
      const texts = labels[item].map(() => {
        next += 1;
        return `TRY_CAST(d.found[${next}] AS DOUBLE)`;
      });
      return `coalesce(${texts.join(", ")}) AS ${item}`;
    })
    .join(", ");
}

function meaningOf(name: (typeof fieldNames)[number]): string {
  const item = items.find((own) => own === name);
  return item === undefined ? name.replaceAll("_", " ") : labels[item].join(" or ");
}
