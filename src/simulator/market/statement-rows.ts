// Rows of /fins/summary: every value is a string, missing is "", quarters are cumulative.

import { isoDate } from "../../calendar/index.ts";
import { endpointOf } from "../../jquants/index.ts";
import type { MarketContext, RowQuery } from "./context.ts";
import type { Filing } from "./filings.ts";
import type { Dividends, Income } from "./fundamentals.ts";
import type { Issue } from "./issues.ts";
import type { MarketRow } from "./types.ts";

type Cells = Map<string, string>;

const summaryFields: readonly string[] = [...endpointOf("/fins/summary").fields.keys()];

/** Filings of the asked days in order of disclosure number. */
export function statements(market: MarketContext, query: RowQuery): MarketRow[] {
  return filingsWithin(market, query).map((filing) => summaryRow(market, filing));
}

/** Filings disclosed within the query's days under its code. */
export function filingsWithin({ filings }: MarketContext, query: RowQuery): readonly Filing[] {
  const wanted = query.code === undefined ? undefined : (query.issues[0]?.index ?? -1);
  const all = filings.filings;
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (all[middle].day < query.fromDay) low = middle + 1;
    else high = middle;
  }
  const found: Filing[] = [];
  for (let i = low; i < all.length && all[i].day <= query.toDay; i += 1) {
    if (wanted === undefined || all[i].issue === wanted) found.push(all[i]);
  }
  return found;
}

/** `DocType` of a filing. */
export function documentType(issue: Issue, filing: Filing): string {
  if (filing.kind === "revision") return "EarnForecastRevision";
  if (filing.kind === "dividendRevision") return "DividendForecastRevision";
  const period = filing.quarter === 4 ? "FY" : `${filing.quarter}Q`;
  const scope = issue.consolidated ? "Consolidated" : "NonConsolidated";
  const standard = issue.consolidated || issue.standard !== "US" ? issue.standard : "JP";
  return `${period}FinancialStatements_${scope}_${standard}`;
}

function summaryRow(market: MarketContext, filing: Filing): Record<string, string> {
  const issue = market.issues[filing.issue];
  const cells: Cells = new Map();
  const isFull = filing.quarter === 4;
  const isReport = filing.kind === "release" || filing.kind === "correction";
  const shares = market.capital.shares(issue.index, filing.session);
  const outstanding = Math.round(shares * (1 - filing.figures.treasury));
  cells.set("DiscDate", isoDate(filing.day));
  cells.set("DiscTime", `${filing.time}:00`);
  cells.set("Code", issue.code);
  cells.set("DiscNo", filing.number);
  cells.set("DocType", documentType(issue, filing));
  cells.set("CurPerType", isFull ? "FY" : `${filing.quarter}Q`);
  cells.set("CurPerSt", isoDate(filing.fiscalYearStart));
  cells.set("CurPerEn", isoDate(filing.periodEnd));
  cells.set("CurFYSt", isoDate(filing.fiscalYearStart));
  cells.set("CurFYEn", isoDate(filing.fiscalYearEnd));
  const context = { issue, filing, outstanding, cells };
  if (isReport) writeReport(context, shares);
  if (filing.kind !== "dividendRevision") writeForecasts(context);
  if (filing.kind !== "revision") writeDividends(context);
  return Object.fromEntries(summaryFields.map((name) => [name, cells.get(name) ?? ""]));
}

interface RowContext {
  readonly issue: Issue;
  readonly filing: Filing;
  readonly outstanding: number;
  readonly cells: Cells;
}

function writeReport(context: RowContext, shares: number): void {
  const { cells, filing, issue, outstanding } = context;
  const { actual, cashFlow, equity, totalAssets, treasury } = filing.figures;
  const prefix = issue.consolidated ? "" : "NC";
  const isFull = filing.quarter === 4;
  if (actual !== undefined) {
    writeIncome(context, actual, {
      sales: `${prefix}Sales`,
      operating: `${prefix}OP`,
      ordinary: `${prefix}OdP`,
      net: `${prefix}NP`,
    });
    cells.set(`${prefix}EPS`, perShare(actual.net, outstanding));
    if (issue.consolidated && issue.standard === "IFRS")
      cells.set("DEPS", perShare(actual.net * 0.995, outstanding));
    cells.set(`${prefix}ROE`, ratio(actual.net / equity));
  }
  cells.set(`${prefix}TA`, String(totalAssets));
  cells.set(`${prefix}Eq`, String(equity));
  cells.set(`${prefix}EqAR`, ratio(equity / totalAssets));
  cells.set(`${prefix}ShEq`, String(Math.round((equity * 0.97) / 1e6) * 1e6));
  if (isFull || filing.quarter === 2) {
    cells.set("CFO", String(cashFlow.operating));
    cells.set("CFI", String(cashFlow.investing));
    cells.set("CFF", String(cashFlow.financing));
    cells.set("CashEq", String(cashFlow.cash));
  }
  if (isFull) cells.set(`${prefix}BPS`, perShare(equity, outstanding));
  cells.set("ShOutFY", String(shares));
  cells.set("TrShFY", String(Math.round(shares * treasury)));
  cells.set("AvgSh", String(outstanding));
  writeFlags(cells, filing);
}

function writeFlags(cells: Cells, filing: Filing): void {
  const digits = Number(filing.number.slice(-2));
  cells.set("MatChgSub", "false");
  if (filing.day >= 19_926) cells.set("SigChgInC", digits % 17 === 0 ? "true" : "false");
  cells.set("ChgByASRev", filing.quarter === 1 && digits % 9 === 0 ? "true" : "false");
  cells.set("ChgNoASRev", "false");
  cells.set("ChgAcEst", digits % 11 === 0 ? "true" : "false");
  cells.set("RetroRst", filing.kind === "correction" ? "true" : "false");
}

/** Current-year forecasts on quarters and revisions; next-year forecasts on full-year rows, where the others are empty. */
function writeForecasts(context: RowContext): void {
  const { cells, filing, issue, outstanding } = context;
  const scope = issue.consolidated ? "" : "NC";
  const { forecast, nextForecast } = filing.figures;
  if (forecast !== undefined) {
    const f = `F${scope}`;
    writeIncome(context, forecast, {
      sales: `${f}Sales`,
      operating: `${f}OP`,
      ordinary: `${f}OdP`,
      net: `${f}NP`,
    });
    cells.set(`${f}EPS`, perShare(forecast.net, outstanding));
    if (filing.quarter === 1) {
      const half = halfOf(forecast);
      writeIncome(context, half, {
        sales: `${f}Sales2Q`,
        operating: `${f}OP2Q`,
        ordinary: `${f}OdP2Q`,
        net: `${f}NP2Q`,
      });
      cells.set(`${f}EPS2Q`, perShare(half.net, outstanding));
    }
  }
  if (nextForecast !== undefined) {
    const f = `NxF${scope}`;
    const net = issue.consolidated ? "NxFNp" : "NxFNCNP";
    cells.set("NxtFYSt", isoDate(filing.fiscalYearEnd + 1));
    cells.set("NxtFYEn", nextYearEnd(filing.fiscalYearEnd));
    writeIncome(context, nextForecast, {
      sales: `${f}Sales`,
      operating: `${f}OP`,
      ordinary: `${f}OdP`,
      net,
    });
    cells.set(`${f}EPS`, perShare(nextForecast.net, outstanding));
  }
}

function writeDividends(context: RowContext): void {
  const { cells, filing, outstanding } = context;
  const { dividendForecast, dividends } = filing.figures;
  const isFull = filing.quarter === 4 && filing.kind !== "dividendRevision";
  if (filing.quarter >= 2) cells.set("Div2Q", dividend(dividends.interim, outstanding));
  if (isFull) {
    const total = dividends.interim + dividends.final;
    cells.set("DivFY", dividend(dividends.final, outstanding));
    cells.set("DivAnn", dividend(total, outstanding));
    cells.set("DivTotalAnn", String(Math.round(total / 1e6) * 1e6));
    const net = filing.figures.actual?.net ?? 0;
    if (net > 0) cells.set("PayoutRatioAnn", ratio(total / net));
    writeForecastDividends(context, "NxFDiv", dividendForecast);
  } else {
    writeForecastDividends(context, "FDiv", dividendForecast);
  }
}

function writeForecastDividends(
  { cells, filing, outstanding }: RowContext,
  prefix: string,
  forecast: Dividends,
): void {
  const isNext = prefix.startsWith("Nx");
  if (isNext || filing.quarter === 1)
    cells.set(`${prefix}2Q`, dividend(forecast.interim, outstanding));
  cells.set(`${prefix}FY`, dividend(forecast.final, outstanding));
  cells.set(`${prefix}Ann`, dividend(forecast.interim + forecast.final, outstanding));
}

interface IncomeNames {
  readonly sales: string;
  readonly operating: string;
  readonly ordinary: string;
  readonly net: string;
}

/** Filers under IFRS or US standards have no ordinary profit. */
function writeIncome({ cells, issue }: RowContext, income: Income, names: IncomeNames): void {
  cells.set(names.sales, String(income.sales));
  cells.set(names.operating, String(income.operating));
  if (issue.standard === "JP") cells.set(names.ordinary, String(income.ordinary));
  cells.set(names.net, String(income.net));
}

function halfOf({ net, operating, ordinary, sales }: Income): Income {
  const half = (value: number): number => Math.round((value * 0.48) / 1e6) * 1e6;
  return {
    sales: half(sales),
    operating: half(operating),
    ordinary: half(ordinary),
    net: half(net),
  };
}

function nextYearEnd(day: number): string {
  const iso = isoDate(day);
  const next = `${Number(iso.slice(0, 4)) + 1}${iso.slice(4)}`;
  return next.endsWith("-02-29") ? next.replace("-29", "-28") : next;
}

function perShare(total: number, shares: number): string {
  return (Math.round((total / shares) * 100) / 100).toFixed(2);
}

/** Dividend per share, in steps of half a yen. */
export function dividend(total: number, shares: number): string {
  return dividendPerShare(total, shares).toFixed(1);
}

/** Yen a share, in steps of half a yen. */
export function dividendPerShare(total: number, shares: number): number {
  return Math.round((total / shares) * 2) / 2;
}

function ratio(value: number): string {
  return value.toFixed(3);
}
